//! What to do about a variant that failed: the lab's own files are not always to blame.

use crate::model::{Text, text};

use super::super::target::Target;
use super::SocketStep;

/// What a fault calls for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// Looking at the machine, which had no rights or no time.
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

    /// What to do on this host, whose lab is at `path`; `is_intact` tells whether the lab's own files are as they should
    /// be, where that is known.
    pub fn describe(&self, host: &Target, path: &str, is_intact: Option<bool>) -> Text {
        match self {
            Self::Machine => {
                let verify = host.command("verify");
                text!(
                    en: "try {verify} once more; on the host, see that /tmp has room, python3 runs and `top` shows no overload",
                    pt: "tente {verify} mais uma vez; na máquina, veja se /tmp tem espaço, se o python3 roda e se o `top` não mostra sobrecarga",
                )
            }
            Self::Open if is_intact == Some(false) => host.mended_by_apply(|_, apply| {
                text!(
                    en: "{apply} lets all read the lab's own files",
                    pt: "{apply} deixa todos lerem os arquivos da própria prática",
                )
            }),
            Self::Open => text!(
                en: "on the host, folders above {path} need `chmod a+x`, files there `chmod a+r`",
                pt: "na máquina, pastas acima de {path} precisam de `chmod a+x`, arquivos ali de `chmod a+r`",
            ),
            Self::Rename(files) => text!(
                en: "rename or remove {files}: beside a program, it takes the place of Python's own module of that name",
                pt: "renomeie ou remova {files}: ao lado de um programa, toma o lugar do módulo de mesmo nome do Python",
            ),
            Self::Restore if is_intact == Some(true) => text!(
                en: "the files of the lab in {path} are as they should be: look on the host what else is in its folders, and at python3 (`command -v python3`)",
                pt: "os arquivos da prática em {path} estão como devem: veja na máquina o que mais há nas pastas, e o python3 (`command -v python3`)",
            ),
            Self::Restore => host.mended_by_apply(|plan, apply| {
                text!(
                    en: "{plan} shows what differs in {path}; {apply} puts the files right",
                    pt: "{plan} mostra o que difere em {path}; {apply} corrige os arquivos",
                )
            }),
        }
    }
}
