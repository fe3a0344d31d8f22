//! What to do about a variant that failed: the lab's own files are not always to blame.

use crate::model::{Text, text};

use super::super::target::Target;
use super::SocketStep;

/// What a fault calls for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// Looking at the machine, which had no room, no rights or no time.
    Machine,
    /// Letting everybody read the lab.
    Open,
    /// Renaming these files, which hide modules of Python.
    Rename(String),
    /// Putting the lab's own files back.
    Restore,
}

impl Remedy {
    /// The remedy for a fault at a step, with the fault's particulars.
    pub fn new(step: SocketStep, fault: &str, particulars: &[&str]) -> Self {
        match (step, fault, particulars) {
            (SocketStep::Setup, ..) => Self::Machine,
            (_, "denied", _) => Self::Open,
            (_, "shadowed", [files, ..]) => Self::Rename((*files).to_owned()),
            _ => Self::Restore,
        }
    }

    /// What to do on this host, whose lab is at `path`.
    pub fn describe(&self, host: &Target, path: &str) -> Text {
        let [plan, apply, verify] = ["plan", "apply", "verify"].map(|verb| host.command(verb));
        match self {
            Self::Machine => text!(
                en: "try {verify} once more; on the host, see that /tmp has room, python3 runs and `top` shows no overload",
                pt: "tente {verify} mais uma vez; na máquina, veja se /tmp tem espaço, se o python3 roda e se o `top` não mostra sobrecarga",
            ),
            Self::Open => text!(
                en: "{apply} lets all read the lab's own files; folders above {path} need `chmod a+x`, other files `chmod a+r`",
                pt: "{apply} deixa todos lerem os arquivos da própria prática; pastas acima de {path} precisam de `chmod a+x`, outros arquivos de `chmod a+r`",
            ),
            Self::Rename(files) => text!(
                en: "rename or remove {files}: beside a program, it takes the place of Python's own module of that name",
                pt: "renomeie ou remova {files}: ao lado de um programa, toma o lugar do módulo de mesmo nome do Python",
            ),
            Self::Restore => text!(
                en: "{plan} shows what differs in {path}; {apply} puts the files right",
                pt: "{plan} mostra o que difere em {path}; {apply} corrige os arquivos",
            ),
        }
    }
}
