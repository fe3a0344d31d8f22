//! What was answered, as the draft of an inventory. Pure.

use std::collections::{HashMap, HashSet};

use crate::draft::{Become, Cluster, Draft, Host, Settings, Ssh};
use crate::inventory::{Machine, canonical};
use crate::model::{HostKeyPolicy, Language, Text, shell_word, text};

/// Everything that is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    pub title: Option<String>,
    pub language: Language,
    pub user: Option<String>,
    pub login: Login,
    /// Whether sudo wants a password.
    pub sudo_password: bool,
    pub teams: Vec<Team>,
    pub private: PrivateAddresses,
    pub socket: bool,
}

/// What opens the door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Login {
    /// The agent, and the keys that ssh tries by itself.
    #[default]
    Usual,
    Key(String),
    Password,
}

/// How machines reach each other, where that is not as they are reached from here; by [`Machine::place`].
pub type PrivateAddresses = HashMap<(String, u16), String>;

/// The machines of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Team {
    pub balancer: Option<Machine>,
    pub web: Vec<Machine>,
}

impl Team {
    /// In the order of the inventory.
    pub fn machines(&self) -> impl Iterator<Item = &Machine> {
        self.balancer.iter().chain(&self.web)
    }

    /// The address by which a balancer could not tell its hosts apart.
    pub fn shared(&self, private: &PrivateAddresses) -> Option<String> {
        self.balancer.as_ref()?;
        let mut seen = HashSet::new();
        let address = |machine: &Machine| private.get(&machine.place()).unwrap_or(&machine.address).clone();
        self.machines().map(address).find(|address| !seen.insert(canonical(address)))
    }
}

/// The draft of a class, to be written to a file of this name.
pub fn draft(answers: &Answers, file: &str) -> Draft {
    let Answers { title, language, user, login, sudo_password, teams, private, socket } = answers;
    let width = teams.len().to_string().len().max(2);
    let mut machines = teams.iter().flat_map(Team::machines);
    let first = machines.next().and_then(|machine| machine.user.as_ref());
    let shared = first.filter(|user| machines.all(|machine| machine.user.as_ref() == Some(user)));
    let user = user.as_ref().or(shared);
    let clusters = teams.iter().enumerate().map(|(place, team)| Cluster {
        name: (teams.len() > 1).then(|| format!("team{:0width$}", place + 1)),
        hosts: hosts(team, private, user, *socket),
        ..Cluster::default()
    });
    let ssh = Ssh {
        user: user.cloned(),
        identity: if let Login::Key(file) = login { Some(file.clone()) } else { None },
        password: (*login == Login::Password).then(|| "prompt".to_owned()),
        host_keys: Some(HostKeyPolicy::AcceptNew),
        ..Ssh::default()
    };
    let r#become = Become { password: sudo_password.then(|| "prompt".to_owned()), ..Become::default() };
    Draft {
        head: head(file).into(),
        name: title.clone(),
        language: Some(*language),
        settings: Settings { ssh, r#become, ..Settings::default() },
        clusters: clusters.collect(),
    }
}

fn head(file: &str) -> [Text; 5] {
    let file = shell_word(file);
    [
        text!(
            en: "Written by `provision init`. Edit it as you like; then:",
            pt: "Escrito por `provision init`. Edite à vontade; depois:"
        ),
        Text::default(),
        text!(
            en: "  provision plan {file}     shows what would change",
            pt: "  provision plan {file}     mostra o que mudaria"
        ),
        text!(
            en: "  provision apply {file}    does it, and proves that it works",
            pt: "  provision apply {file}    faz, e prova que funciona"
        ),
        text!(
            en: "  provision verify {file}   proves it again, at any time",
            pt: "  provision verify {file}   prova de novo, a qualquer hora"
        ),
    ]
}

fn hosts(team: &Team, private: &PrivateAddresses, user: Option<&String>, socket: bool) -> Vec<Host> {
    let roles: &[&str] = if socket { &["web", "socket"] } else { &["web"] };
    let width = team.web.len().to_string().len().max(2);
    let balancers = team.balancer.iter().map(|machine| ("lb".to_owned(), machine, &["balancer"][..]));
    let numbered = team.web.iter().enumerate();
    let web = numbered.map(|(place, machine)| (format!("web{:0width$}", place + 1), machine, roles));
    let host = |(name, machine, roles): (String, &Machine, &[&str])| {
        let Machine { user: own, address, port } = machine;
        let own = own.clone().filter(|own| Some(own) != user);
        Host {
            name,
            address: address.clone(),
            private_address: private.get(&machine.place()).filter(|private| *private != address).cloned(),
            roles: roles.iter().map(ToString::to_string).collect(),
            settings: Settings {
                ssh: Ssh { user: own, port: *port, ..Ssh::default() },
                ..Settings::default()
            },
            ..Host::default()
        }
    };
    balancers.chain(web).map(host).collect()
}

/// Machines in the order of their teams: the first of each is its balancer, and `web` follow it.
pub fn dealt(machines: Vec<Machine>, web: usize) -> Vec<Team> {
    let mut teams: Vec<Team> = Vec::new();
    for machine in machines {
        match teams.last_mut().filter(|team| team.web.len() < web) {
            Some(team) => team.web.push(machine),
            None => teams.push(Team { balancer: Some(machine), web: Vec::new() }),
        }
    }
    teams
}

/// Balancers, and web hosts dealt out to them evenly, in their order; `None` where they cannot be.
pub fn balanced(balancers: Vec<Machine>, web: Vec<Machine>) -> Option<Vec<Team>> {
    if balancers.is_empty() {
        return Some(vec![Team { balancer: None, web }]);
    }
    let each = web.len() / balancers.len();
    if each == 0 || !web.len().is_multiple_of(balancers.len()) {
        return None;
    }
    let mut web = web.into_iter();
    let team = |balancer| Team { balancer: Some(balancer), web: web.by_ref().take(each).collect() };
    Some(balancers.into_iter().map(team).collect())
}
