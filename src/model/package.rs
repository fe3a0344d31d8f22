//! A Debian package that is wanted, and what is left of it once it is not.

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
