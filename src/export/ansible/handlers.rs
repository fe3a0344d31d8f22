//! What follows a change of files: their check where only all of them together can be checked, and services that read them.

use super::yaml::{all_data, bare_check, data, step};
use crate::export::names::identifier;
use crate::export::yaml::Yaml;
use crate::model::{File, Link, OnChange, Resource, Service, Validator, services};

const RELOAD_SYSTEMD: &str = "Let systemd read its units";

/// In the order in which they are run, whatever the order in which they are notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Turn {
    Check,
    Units,
    Services,
}

/// Handlers without twins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Handlers(Vec<(Turn, Yaml)>);

impl Handlers {
    /// What a change of a file notifies.
    pub fn of_file(&mut self, file: &File, resources: &[Resource]) -> Vec<String> {
        let check = match &file.validator {
            Some(Validator::InPlace(command)) => Some(self.check(command)),
            _ => None,
        };
        check.into_iter().chain(self.of_change(&file.path, file.notify.as_deref(), resources)).collect()
    }

    /// What a change of a link notifies.
    pub fn of_link(&mut self, link: &Link, resources: &[Resource]) -> Vec<String> {
        self.of_change(&link.path, link.notify.as_deref(), resources)
    }

    pub fn merge(&mut self, others: Self) {
        for (turn, handler) in others.0 {
            self.add(turn, handler);
        }
    }

    pub fn in_order(mut self) -> Vec<Yaml> {
        self.0.sort_by_key(|(turn, _)| *turn);
        self.0.into_iter().map(|(_, handler)| handler).collect()
    }

    fn add(&mut self, turn: Turn, handler: Yaml) {
        if !self.0.iter().any(|(_, known)| *known == handler) {
            self.0.push((turn, handler));
        }
    }

    fn check(&mut self, command: &str) -> String {
        let name = format!("Check by {command}");
        let arguments = Yaml::map([("argv", all_data(command.split_whitespace()))]);
        self.add(Turn::Check, step(&name, "command", arguments, vec![("changed_when", Yaml::Flag(false))]));
        name
    }

    fn of_change(&mut self, path: &str, notify: Option<&str>, resources: &[Resource]) -> Vec<String> {
        let mut notified = Vec::new();
        if path.contains("/systemd/system/") {
            let arguments = Yaml::map([("daemon_reload", Yaml::Flag(true))]);
            self.add(Turn::Units, step(RELOAD_SYSTEMD, "systemd_service", arguments, Vec::new()));
            notified.push(RELOAD_SYSTEMD.to_owned());
        }
        let service = services(resources).find(|service| Some(service.name.as_str()) == notify);
        notified.extend(service.map(|service| self.read_anew(service)));
        notified
    }

    /// Has a service read its files.
    fn read_anew(&mut self, service: &Service) -> String {
        let name = &service.name;
        let settle = |title: &str, state: Yaml, listen: Option<(&'static str, Yaml)>| {
            let arguments = Yaml::map([("name", data(name)), ("state", state)]);
            step(title, "service", arguments, [bare_check()].into_iter().chain(listen).collect())
        };
        match service.on_change {
            OnChange::Restart => {
                let title = format!("Restart {name}");
                self.add(Turn::Services, settle(&title, Yaml::text("restarted"), None));
                title
            }
            OnChange::Reload if service.renews => {
                let title = format!("Reload {name}");
                self.add(Turn::Services, settle(&title, Yaml::text("reloaded"), None));
                title
            }
            // Not every unit can be reloaded.
            OnChange::Reload => {
                let topic = format!("Reload or restart {name}");
                let listen = ("listen", Yaml::text(&topic));
                let variable = format!("{}_reload", identifier(name));
                let words = ["systemctl", "show", "--property=CanReload", "--value", "--", name.as_str()];
                let keywords = vec![
                    ("register", Yaml::text(&variable)),
                    ("changed_when", Yaml::Flag(false)),
                    ("check_mode", Yaml::Flag(false)),
                    listen.clone(),
                ];
                let title = format!("Ask whether {name} can be reloaded");
                let arguments = Yaml::map([("argv", all_data(words))]);
                self.add(Turn::Services, step(&title, "command", arguments, keywords));
                let state = format!("{{{{ 'reloaded' if {variable}.stdout == 'yes' else 'restarted' }}}}");
                self.add(Turn::Services, settle(&topic, Yaml::text(state), Some(listen)));
                topic
            }
        }
    }
}
