//! What is known of a role before any host has it.

use std::sync::Arc;

use crate::model::{Role, Template, Text};

/// A role that comes with the tool.
#[derive(Debug)]
pub struct Definition {
    pub name: &'static str,
    /// What a host is that has it, for editors and the help.
    pub describes: &'static str,
    /// What people call such hosts elsewhere, each in one word; the first is short enough to begin a host's name.
    pub called: &'static [&'static str],
    /// The role with its default settings.
    pub usual: fn() -> Arc<dyn Role>,
    /// The same beside a host of an inventory, in few words.
    pub remark: fn() -> Text,
    pub templates: &'static [Template],
    /// The template in whose place the user may put one of their own.
    pub own: Option<Template>,
    /// What the class scripts of old left on hosts.
    pub backups: &'static [&'static str],
}
