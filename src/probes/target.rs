//! The host that a verdict is about, and the commands that its hints name.

use std::fmt;
use std::path::Path;

use crate::model::{HostId, Standpoint, Text, loopback, shell_word, text};

/// The inventory that a command takes where it is given none.
const DEFAULT_INVENTORY: &str = "inventory.yaml";

/// A host, and how a shell tells this tool to work on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub id: HostId,
    /// The inventory, where a command must name it.
    inventory: Option<String>,
    ground: Ground,
}

/// What is known of a host that decides which advice helps there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ground {
    /// Whether this run has failed there: then the same again fails again.
    pub has_failed: bool,
    pub without_systemd: bool,
    /// Whether it does not reach itself.
    pub without_loopback: bool,
    /// Whether it has no dpkg, so that nothing can be installed.
    pub without_dpkg: bool,
}

impl Target {
    /// A host of the inventory that the user named so.
    pub fn new(id: &HostId, inventory: &Path) -> Self {
        let inventory = inventory.to_string_lossy();
        let named = (inventory != DEFAULT_INVENTORY).then(|| shell_word(&inventory).to_string());
        Self { id: id.clone(), inventory: named, ground: Ground::default() }
    }

    /// The same with what is known of the host.
    #[must_use]
    pub fn on(&self, ground: Ground) -> Self {
        Self { ground, ..self.clone() }
    }

    /// What an `apply` mends, in words made of the commands that show and make the change; or what comes before that.
    /// Nothing else names these commands as a remedy, and only where a plan has a change.
    pub fn mended_by_apply(&self, words: impl FnOnce(&str, &str) -> Text) -> Text {
        if self.ground.without_dpkg {
            text!(
                en: "{self} is no Debian or Ubuntu, and nothing can be installed there: use another image",
                pt: "{self} não é Debian nem Ubuntu, e nada pode ser instalado lá: use outra imagem",
            )
        } else if self.ground.has_failed {
            text!(
                en: "this run failed on {self}: first mend what is told there",
                pt: "esta execução falhou em {self}: corrija primeiro o que foi dito lá",
            )
        } else {
            words(&self.command("plan"), &self.command("apply"))
        }
    }

    /// What comes before all else where it does not reach itself.
    pub fn without_loopback(&self) -> Option<Text> {
        self.ground.without_loopback.then(|| {
            let (seen, mend) = loopback::down();
            text!(en: "{seen}; {mend}", pt: "{seen}; {mend}", seen, mend)
        })
    }

    /// The command on the host that tells how a service is.
    pub fn status_of(&self, service: &str) -> String {
        self.manage("status", service)
    }

    /// The command on the host that lets a service read its files again.
    pub fn reload_of(&self, service: &str) -> String {
        self.manage("reload", service)
    }

    pub fn restart_of(&self, service: &str) -> String {
        self.manage("restart", service)
    }

    /// The command on the host that ends a service, whoever started it, and starts it with its own files.
    pub fn start_anew(&self, service: &str) -> String {
        if self.has_systemd() {
            return self.restart_of(service);
        }
        let service = shell_word(service);
        format!("`kill $(pidof {service}); sleep 1; service {service} start`")
    }

    pub fn has_systemd(&self) -> bool {
        !self.ground.without_systemd
    }

    fn manage(&self, verb: &str, service: &str) -> String {
        let service = shell_word(service);
        if self.ground.without_systemd {
            format!("`service {service} {verb}`")
        } else {
            format!("`systemctl {verb} {service}`")
        }
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
        self.mended_by_apply(|plan, apply| {
            text!(
                en: "{plan} shows what differs in haproxy.cfg; {apply} puts it right",
                pt: "{plan} mostra o que difere em haproxy.cfg; {apply} corrige o arquivo",
            )
        })
    }
}

impl Ground {
    /// With what the host says of itself.
    pub fn seen_from(has_failed: bool, standpoint: &Standpoint) -> Self {
        let Standpoint { without_systemd, without_loopback, without_dpkg, .. } = *standpoint;
        Self { has_failed, without_systemd, without_loopback, without_dpkg }
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
    fn advice_is_what_can_help_there() {
        let target = Target::new(&HostId::new("ana", "web01"), Path::new("inventory.yaml"));
        let advice = |ground| {
            let target = target.on(ground);
            let words =
                target.mended_by_apply(|_, apply| text!(en: "{apply} starts it", pt: "{apply} o inicia"));
            (words.english().to_owned(), target.status_of("apache2"))
        };
        let (plain, status) = advice(Ground::default());
        assert_eq!(plain, "`provision apply -l ana/web01` starts it");
        assert_eq!(status, "`systemctl status apache2`");
        for ground in [
            Ground { has_failed: true, ..Ground::default() },
            Ground { without_dpkg: true, without_systemd: true, ..Ground::default() },
        ] {
            let (words, status) = advice(ground);
            assert!(!words.contains("provision"), "{words}");
            assert_eq!(status.contains("systemctl"), !ground.without_systemd);
        }
    }

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
