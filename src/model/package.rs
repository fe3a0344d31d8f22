//! A Debian package that is wanted, and what is left of it once it is not.

use super::text::{Text, text};

/// It is installed, in any version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub remains: Remains,
}

/// What becomes of what the services of a package wrote, once nobody wants the package any more. What keeps more is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Remains {
    /// They write nothing that is worth it: the package is purged.
    Nothing,
    /// Nobody said: it stays where the package brings a service.
    #[default]
    Unsaid,
    /// It stays.
    Data,
}

impl Remains {
    /// As journals of hosts have it; `None` where they have nothing.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Nothing => Some("nothing"),
            Self::Unsaid => None,
            Self::Data => Some("data"),
        }
    }

    /// Of such a word.
    pub fn of_word(word: &str) -> Self {
        match word {
            "nothing" => Self::Nothing,
            "data" => Self::Data,
            _ => Self::Unsaid,
        }
    }
}

/// That apt's own user finds no place for a temporary file, and what opens one.
pub fn closed_tmp() -> (Text, Text) {
    (
        text!(
            en: "apt can't check who has signed its lists: only root can write to /tmp",
            pt: "o apt não consegue conferir quem assinou as listas: só o root pode gravar em /tmp",
        ),
        text!(
            en: "on the host, `sudo chmod 1777 /tmp` opens it; then apply again",
            pt: "na máquina, `sudo chmod 1777 /tmp` abre a pasta; depois, aplique de novo",
        ),
    )
}

/// That the scripts of packages may not run where dpkg keeps them, and what lets them.
pub fn barred_scripts() -> (Text, Text) {
    (
        text!(
            en: "dpkg can't run the scripts of packages: /var/lib/dpkg is mounted noexec",
            pt: "o dpkg não consegue executar os scripts dos pacotes: /var/lib/dpkg está montado com noexec",
        ),
        text!(
            en: "on the host, `sudo mount -o remount,exec $(findmnt -nT /var/lib/dpkg -o TARGET)` lets them run until the next \
                 start (/etc/fstab says what holds after it); then apply again",
            pt: "na máquina, `sudo mount -o remount,exec $(findmnt -nT /var/lib/dpkg -o TARGET)` permite isso até a próxima \
                 inicialização (/etc/fstab diz o que vale depois); depois, aplique de novo",
        ),
    )
}
