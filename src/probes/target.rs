//! The host that a verdict is about, and the commands that its hints name.

use std::fmt;
use std::path::Path;

use crate::model::{HostId, Text, shell_word, text};

/// The inventory that a command takes where it is given none.
const DEFAULT_INVENTORY: &str = "inventory.yaml";

/// A host, and how a shell tells this tool to work on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub id: HostId,
    /// The inventory, where a command must name it.
    inventory: Option<String>,
}

impl Target {
    /// A host of the inventory that the user named so.
    pub fn new(id: &HostId, inventory: &Path) -> Self {
        let inventory = inventory.to_string_lossy();
        let named = (inventory != DEFAULT_INVENTORY).then(|| shell_word(&inventory).to_string());
        Self { id: id.clone(), inventory: named }
    }

    /// A command on this host alone, complete and marked as one: `` `provision apply class.yaml -l ana/web01` ``.
    pub fn command(&self, verb: &str) -> String {
        let inventory = self.inventory.as_ref().map(|path| format!("{path} ")).unwrap_or_default();
        format!("`provision {verb} {inventory}-l {}`", shell_word(self.id.as_str()))
    }

    /// The same on all hosts: `` `provision doctor class.yaml` ``.
    pub fn command_on_all(&self, verb: &str) -> String {
        let inventory = self.inventory.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
        format!("`provision {verb}{inventory}`")
    }

    /// What to do where its haproxy.cfg may not be as it should.
    pub fn restore_haproxy(&self) -> Text {
        let [plan, apply] = ["plan", "apply"].map(|verb| self.command(verb));
        text!(
            en: "{plan} shows what differs in haproxy.cfg; {apply} puts it right",
            pt: "{plan} mostra o que difere em haproxy.cfg; {apply} corrige o arquivo",
        )
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_the_inventory_where_they_must() {
        let id = HostId::new("ana", "web01");
        let command = |inventory: &str| Target::new(&id, Path::new(inventory)).command("apply");
        assert_eq!(command("inventory.yaml"), "`provision apply -l ana/web01`");
        assert_eq!(command("labs/SD.yaml"), "`provision apply labs/SD.yaml -l ana/web01`");
        assert_eq!(command("my class.yaml"), "`provision apply 'my class.yaml' -l ana/web01`");
        let on_all = |inventory: &str| Target::new(&id, Path::new(inventory)).command_on_all("doctor");
        assert_eq!(on_all("inventory.yaml"), "`provision doctor`");
        assert_eq!(on_all("my class.yaml"), "`provision doctor 'my class.yaml'`");
    }
}
