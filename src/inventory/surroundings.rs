//! What the reading of an inventory asks of the machine and of other modules, so that tests can answer instead.

use std::path::{Path, PathBuf};

use crate::document::complaint::Complaint;
use crate::model::{Cluster, Host, Role, TemplateError};

/// Renders a user's template of a role for a host, to see whether it can be.
pub type TemplateCheck<'a> = dyn Fn(&dyn Role, &Host, &Cluster) -> Result<(), TemplateError> + 'a;

/// The world around an inventory.
pub struct Surroundings<'a> {
    /// What `~` stands for.
    pub home: Option<PathBuf>,
    pub is_file: &'a dyn Fn(&Path) -> bool,
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
