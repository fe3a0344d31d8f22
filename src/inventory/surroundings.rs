//! What the reading of an inventory asks of the machine and of other modules, so that tests can answer instead.

use std::path::{Path, PathBuf};

use super::complaint::Complaint;
use crate::model::{Cluster, Host};

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateRole {
    Balancer,
    Web,
}

/// What is wrong with a user's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    pub message: String,
    /// Line in the template, from 1; 0 where it is not known.
    pub line: usize,
    /// Column in the template, from 1.
    pub column: usize,
}

/// Renders a user's template for a host, to see whether it can be.
pub type TemplateCheck<'a> = dyn Fn(TemplateRole, &Path, &Host, &Cluster) -> Result<(), TemplateFault> + 'a;

/// The world around an inventory.
pub struct Surroundings<'a> {
    /// What `~` stands for.
    pub home: Option<PathBuf>,
    /// Whether there is such a file.
    pub is_file: &'a dyn Fn(&Path) -> bool,
    /// Whether a template fits a host.
    pub check_template: &'a TemplateCheck<'a>,
}

impl Surroundings<'_> {
    /// A path of the inventory as an absolute one.
    pub fn path(&self, base: &Path, text: &str) -> Result<PathBuf, Complaint> {
        if text.trim().is_empty() || text.contains('\0') {
            return Err(Complaint::new("this is no path", "name a file, relative to the inventory"));
        }
        match text.strip_prefix('~') {
            None => Ok(base.join(text)),
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                self.home.as_ref().map(|home| home.join(rest.trim_start_matches('/'))).ok_or_else(|| {
                    Complaint::new("`~` is not known here, for HOME is not set", "write the whole path")
                })
            }
            Some(_) => Err(Complaint::new("another user's `~name` is not supported", "write the whole path")),
        }
    }
}
