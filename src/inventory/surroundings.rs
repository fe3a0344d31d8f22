//! What the reading of an inventory asks of the machine and of other modules, so that tests can answer instead.

use std::path::{Path, PathBuf};

use crate::document::complaint::Complaint;
use crate::model::{Cluster, Host, Role, TemplateError, text};

/// Renders a user's template of a role for a host, to see whether it can be.
pub type TemplateCheck<'a> = dyn Fn(&dyn Role, &Host, &Cluster) -> Result<(), TemplateError> + 'a;

/// Which practices are read.
#[derive(Debug, Clone, Default)]
pub enum Extent {
    /// Those that hosts have.
    #[default]
    Used,
    /// All in the folder; those that no host has are tried out.
    All,
    /// These, whether a host has them or not.
    Only(Vec<String>),
}

/// The world around an inventory.
pub struct Surroundings<'a> {
    /// What `~` stands for.
    pub home: Option<PathBuf>,
    pub is_file: &'a dyn Fn(&Path) -> bool,
    pub check_template: &'a TemplateCheck<'a>,
    pub extent: Extent,
}

impl<'a> Surroundings<'a> {
    /// Those of this machine.
    pub fn of_this_machine(check_template: &'a TemplateCheck<'a>, extent: Extent) -> Self {
        Self { home: std::env::home_dir(), is_file: &|path: &Path| path.is_file(), check_template, extent }
    }
}

impl Surroundings<'_> {
    /// A path of the inventory as an absolute one.
    pub fn path(&self, base: &Path, text: &str) -> Result<PathBuf, Complaint> {
        if text.trim().is_empty() || text.contains('\0') {
            return Err(Complaint::new(
                text!(en: "this is no path", pt: "isto não é um caminho"),
                text!(
                    en: "name a file, relative to the inventory",
                    pt: "indique um arquivo, relativo ao inventário",
                ),
            ));
        }
        match text.strip_prefix('~') {
            None => Ok(base.join(text)),
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                self.home.as_ref().map(|home| home.join(rest.trim_start_matches('/'))).ok_or_else(|| {
                    Complaint::new(
                        text!(
                            en: "`~` is not known here, for HOME is not set",
                            pt: "`~` não é conhecido aqui, pois HOME não está definida",
                        ),
                        text!(en: "write the whole path", pt: "escreva o caminho inteiro"),
                    )
                })
            }
            Some(_) => Err(Complaint::new(
                text!(
                    en: "another user's `~name` is not supported",
                    pt: "`~nome` de outro usuário não é possível",
                ),
                text!(en: "write the whole path", pt: "escreva o caminho inteiro"),
            )),
        }
    }
}
