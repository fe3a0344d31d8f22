//! The python3 of a host, where programs of students are to run: what is wrong with it, and how to mend that.

use super::command::shell_word;
use super::host_text::HostText;
use super::text::{Text, text};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PythonFact {
    #[default]
    Runs,
    /// It is not found; whether dpkg says that it is installed, and which version.
    Missing {
        is_installed: bool,
        version: HostText,
    },
    Fails(PythonTrouble),
}

/// How a python3 fails that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PythonTrouble {
    pub path: HostText,
    /// Whether dpkg says that it is installed.
    pub is_installed: bool,
    /// `3.11`; empty where dpkg does not know.
    pub version: HostText,
    /// Whether it runs where the login's own variables and files do not count.
    pub for_login_alone: bool,
    /// `NAME=VALUE`, without which it runs.
    pub variable: HostText,
    /// What it says itself.
    pub words: HostText,
    /// The file that it fails in, where that is none of Python's.
    pub file: HostText,
}

/// So much of what it says, or of a variable, is told.
const WORDS_LENGTH: usize = 200;

impl PythonFact {
    /// What is wrong with it, where anything is.
    pub fn fault(&self) -> Option<Text> {
        let trouble = match self {
            Self::Runs => return None,
            Self::Missing { is_installed: false, .. } => {
                return Some(text!(en: "python3 is not installed", pt: "python3 não está instalado"));
            }
            Self::Missing { is_installed: true, .. } => {
                return Some(text!(
                    en: "python3 is not to be found, although its package is installed",
                    pt: "python3 não é encontrado, embora o seu pacote esteja instalado",
                ));
            }
            Self::Fails(trouble) => trouble,
        };
        let path = trouble.path.name();
        let words = match trouble.words.line(WORDS_LENGTH) {
            words if words.is_empty() => text!(en: " without a word", pt: " sem dizer nada"),
            words => Text::verbatim(format!(": {words}")),
        };
        Some(if !trouble.variable.is_empty() {
            let variable = Text::verbatim(trouble.variable.line(WORDS_LENGTH));
            text!(
                en: "{path} fails in the surroundings of the login, by {variable}{words}",
                pt: "{path} falha no ambiente do login, por causa de {variable}{words}",
                path,
                variable,
                words,
            )
        } else if trouble.for_login_alone {
            text!(
                en: "{path} fails in the surroundings of the login{words}",
                pt: "{path} falha no ambiente do login{words}",
                path,
                words,
            )
        } else {
            text!(en: "{path} fails{words}", pt: "{path} falha{words}", path, words)
        })
    }

    /// How to mend one that is installed; `None` for one that is not.
    pub fn mend(&self) -> Option<Text> {
        let trouble = match self {
            Self::Runs | Self::Missing { is_installed: false, .. } => return None,
            Self::Missing { is_installed: true, version } => return Some(reinstall(version)),
            Self::Fails(trouble) => trouble,
        };
        let path = trouble.path.name();
        if !trouble.variable.is_empty() {
            let line = trouble.variable.line(WORDS_LENGTH);
            let name = shell_word(line.split('=').next().unwrap_or_default()).to_string();
            return Some(text!(
                en: "take that variable out where the login gets it: on the host, `grep -sn {name} /etc/environment /etc/security/pam_env.conf ~/.pam_environment ~/.ssh/environment ~/.bashrc /etc/bash.bashrc` finds it, or `SetEnv` of sshd",
                pt: "tire essa variável de onde o login a recebe: na máquina, `grep -sn {name} /etc/environment /etc/security/pam_env.conf ~/.pam_environment ~/.ssh/environment ~/.bashrc /etc/bash.bashrc` a encontra, ou `SetEnv` do sshd",
            ));
        }
        if !trouble.file.is_empty() {
            let file = trouble.file.name();
            return Some(text!(
                en: "on the host, mend or remove {file}: Python runs it whenever it starts",
                pt: "na máquina, corrija ou remova {file}: o Python o executa sempre que inicia",
                file,
            ));
        }
        if trouble.for_login_alone {
            return Some(text!(
                en: "on the host, as that login: `{path} -v -c 'import socket, threading'` shows what Python reads, and `env | grep PYTHON` its variables",
                pt: "na máquina, com esse login: `{path} -v -c 'import socket, threading'` mostra o que o Python lê, e `env | grep PYTHON`, as variáveis dele",
                path,
            ));
        }
        if !["/usr/bin/python3", "/bin/python3"].iter().any(|own| trouble.path == **own) {
            return Some(text!(
                en: "on the host, `command -v python3` must be /usr/bin/python3: move {path} away",
                pt: "na máquina, `command -v python3` precisa ser /usr/bin/python3: tire {path} de lá",
                path,
            ));
        }
        Some(reinstall(&trouble.version))
    }
}

/// What puts back what was deleted, or changed, of Debian's own.
fn reinstall(version: &HostText) -> Text {
    let version = if version.is_empty() { Text::verbatim("3.X") } else { version.name() };
    text!(
        en: "on the host: `sudo apt-get install --reinstall libpython{version}-minimal python{version}-minimal libpython{version}-stdlib python3-minimal` puts back what was deleted or changed",
        pt: "na máquina: `sudo apt-get install --reinstall libpython{version}-minimal python{version}-minimal libpython{version}-stdlib python3-minimal` põe de volta o que foi apagado ou alterado",
        version,
    )
}
