//! Inheritance: of every setting the nearest wins, key by key. Host over cluster over inventory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::complaint::Complaint;
use super::raw;
use super::reader::Field;
use super::recorder::Recorder;
use super::secret::Secret;
use super::surroundings::Surroundings;
use super::tree::NodeId;
use crate::model::connection::DEFAULT_CONNECT_TIMEOUT;
use crate::model::{
    Balancer, Become, Connection, Grading, PROBES, Packages, SecretSource, Socket, Value, Web,
};

/// What may be set on the inventory, a cluster and a host.
#[derive(Clone, Copy)]
pub struct Level<'a> {
    /// `ssh`
    pub ssh: &'a Field<raw::Ssh>,
    /// `become`
    pub r#become: &'a Field<raw::Become>,
    /// `vars`
    pub vars: &'a Field<raw::Vars>,
    /// `packages`
    pub packages: &'a Field<raw::Packages>,
}

/// What may be set on the inventory and a cluster.
#[derive(Clone, Copy)]
pub struct RoleLevel<'a> {
    /// `balancer`
    pub balancer: &'a Field<raw::Balancer>,
    /// `web`
    pub web: &'a Field<raw::Web>,
    /// `socket`
    pub socket: &'a Field<raw::Socket>,
}

/// Settings of the roles, and where they stand for faults that show only later.
pub struct Roles {
    /// `balancer`
    pub balancer: Balancer,
    /// `web`
    pub web: Web,
    /// `socket`
    pub socket: Socket,
    /// Where they stand.
    pub places: RolePlaces,
}

/// Where settings of the roles stand; `None` for defaults.
#[derive(Debug, Clone, Copy, Default)]
pub struct RolePlaces {
    /// `balancer.port`
    pub balancer_port: Option<NodeId>,
    /// `balancer.stats_port`
    pub stats_port: Option<NodeId>,
    /// `balancer.template`, where the file is there
    pub balancer_template: Option<NodeId>,
    /// `web.port`
    pub web_port: Option<NodeId>,
    /// `web.template`, where the file is there
    pub web_template: Option<NodeId>,
    /// `socket.port`
    pub socket_port: Option<NodeId>,
}

/// Resolves settings that name files.
pub struct Settings<'a> {
    /// Where faults go.
    pub recorder: &'a Recorder,
    pub surroundings: &'a Surroundings<'a>,
    /// The folder of the inventory.
    pub base: &'a Path,
}

/// The nearest level that has a key.
fn nearest<'a, L, T: 'a>(
    levels: &[&'a Field<L>],
    key: impl Fn(&'a L) -> &'a Field<T>,
) -> Option<&'a Field<T>> {
    levels.iter().filter_map(|level| level.value.as_ref()).map(key).find(|field| field.at.is_some())
}

/// The nearest value, where it is good.
fn value<'a, L, T: Clone + 'a>(levels: &[&'a Field<L>], key: impl Fn(&'a L) -> &'a Field<T>) -> Option<T> {
    nearest(levels, key).and_then(|field| field.value.clone())
}

/// `grading`, which stands on the inventory alone.
pub fn grading(field: &Field<raw::Grading>, recorder: &Recorder) -> Grading {
    let mut grading = Grading::default();
    let Some(raw) = &field.value else { return grading };
    if let Some(maximum) = raw.maximum.value {
        grading.maximum = maximum.0;
    }
    let Field { at: Some(at), value: Some(weights) } = &raw.weights else { return grading };
    grading.weights = weights.by_kind(PROBES);
    if grading.weights.len() == PROBES.len() && grading.weights.values().all(|weight| *weight == 0.0) {
        recorder.add(*at, "every weight is 0, so that nothing counts", "leave at least one probe its weight");
    }
    grading
}

impl Settings<'_> {
    /// `ssh`, nearest level first.
    pub fn connection(&self, levels: &[Level<'_>], address: String) -> Connection {
        let ssh: Vec<_> = levels.iter().map(|level| level.ssh).collect();
        Connection {
            address,
            user: value(&ssh, |ssh| &ssh.user).map(|user| user.0),
            port: value(&ssh, |ssh| &ssh.port).map(|port| port.0),
            identity: self.identity(nearest(&ssh, |ssh| &ssh.identity)),
            jump: value(&ssh, |ssh| &ssh.jump).map(|jump| jump.0),
            transport: value(&ssh, |ssh| &ssh.transport).map(Into::into).unwrap_or_default(),
            host_keys: value(&ssh, |ssh| &ssh.host_keys).map(Into::into).unwrap_or_default(),
            connect_timeout: value(&ssh, |ssh| &ssh.connect_timeout)
                .map_or(DEFAULT_CONNECT_TIMEOUT, |timeout| timeout.0),
            password: self.secret(nearest(&ssh, |ssh| &ssh.password)),
        }
    }

    /// `become`, nearest level first.
    pub fn r#become(&self, levels: &[Level<'_>]) -> Become {
        let r#become: Vec<_> = levels.iter().map(|level| level.r#become).collect();
        Become {
            method: value(&r#become, |r#become| &r#become.method).map(Into::into).unwrap_or_default(),
            password: self.secret(nearest(&r#become, |r#become| &r#become.password)),
        }
    }

    /// `vars`, nearest level first.
    pub fn vars(levels: &[Level<'_>]) -> BTreeMap<String, Value> {
        let mut vars = BTreeMap::new();
        for (name, field) in levels.iter().rev().filter_map(|level| level.vars.value.as_ref()).flatten() {
            if let Some(value) = &field.value {
                vars.insert(name.clone(), value.clone());
            }
        }
        vars
    }

    /// `packages`, nearest level first.
    pub fn packages(levels: &[Level<'_>]) -> Packages {
        fn texts<T: Clone>(list: Vec<Field<T>>, text: impl Fn(T) -> String) -> Vec<String> {
            list.into_iter().filter_map(|item| item.value).map(text).collect()
        }
        let packages: Vec<_> = levels.iter().map(|level| level.packages).collect();
        Packages {
            via: value(&packages, |packages| &packages.via).map(Into::into).unwrap_or_default(),
            extra: texts(value(&packages, |packages| &packages.extra).unwrap_or_default(), |name| name.0),
            mirrors_allowed: texts(
                value(&packages, |packages| &packages.mirrors_allowed).unwrap_or_default(),
                |address| address.0,
            ),
        }
    }

    /// `balancer`, `web` and `socket`, nearest level first.
    pub fn roles(&self, levels: &[RoleLevel<'_>]) -> Roles {
        let balancer: Vec<_> = levels.iter().map(|level| level.balancer).collect();
        let web: Vec<_> = levels.iter().map(|level| level.web).collect();
        let socket: Vec<_> = levels.iter().map(|level| level.socket).collect();
        let (balancer_template, balancer_template_at) =
            self.template(nearest(&balancer, |role| &role.template));
        let (web_template, web_template_at) = self.template(nearest(&web, |role| &role.template));
        let defaults = (Balancer::default(), Web::default(), Socket::default());
        Roles {
            places: RolePlaces {
                balancer_port: nearest(&balancer, |role| &role.port).and_then(|field| field.at),
                stats_port: nearest(&balancer, |role| &role.stats_port).and_then(|field| field.at),
                balancer_template: balancer_template_at,
                web_port: nearest(&web, |role| &role.port).and_then(|field| field.at),
                web_template: web_template_at,
                socket_port: nearest(&socket, |role| &role.port).and_then(|field| field.at),
            },
            balancer: Balancer {
                port: value(&balancer, |role| &role.port).map_or(defaults.0.port, |port| port.0),
                algorithm: value(&balancer, |role| &role.algorithm)
                    .map_or(defaults.0.algorithm, |name| name.0),
                stats_port: value(&balancer, |role| &role.stats_port)
                    .map_or(defaults.0.stats_port, |port| port.0),
                template: balancer_template,
            },
            web: Web {
                port: value(&web, |role| &role.port).map_or(defaults.1.port, |port| port.0),
                template: web_template,
            },
            socket: Socket {
                path: value(&socket, |role| &role.path).map_or(defaults.2.path, |path| path.0),
                port: value(&socket, |role| &role.port).map_or(defaults.2.port, |port| port.0),
                host: value(&socket, |role| &role.host).map_or(defaults.2.host, |host| host.0),
                server: value(&socket, |role| &role.server).map_or(defaults.2.server, |server| server.0),
            },
        }
    }

    fn identity(&self, field: Option<&Field<String>>) -> Option<PathBuf> {
        let (at, path) = self.path(field)?;
        if path.extension().is_some_and(|extension| extension == "pub") {
            self.recorder.add(at, "this is the public half of a key", "name the private key, without `.pub`");
        } else {
            self.file(at, &path, "key file", "check the path; a key downloaded from AWS ends in .pem");
        }
        Some(path)
    }

    fn template(&self, field: Option<&Field<String>>) -> (Option<PathBuf>, Option<NodeId>) {
        let Some((at, path)) = self.path(field) else { return (None, None) };
        let there = self.file(at, &path, "template", "check the path; it is relative to the inventory");
        (Some(path), there.then_some(at))
    }

    fn secret(&self, field: Option<&Field<Secret>>) -> Option<SecretSource> {
        let field = field?;
        let at = field.at?;
        Some(match field.value.clone()? {
            Secret::Prompt => SecretSource::Prompt,
            Secret::Environment(name) => SecretSource::Environment(name),
            Secret::Command(command) => SecretSource::Command(command),
            Secret::File(path) => {
                let (_, path) = self.path(Some(&Field { at: Some(at), value: Some(path) }))?;
                self.file(
                    at,
                    &path,
                    "file of the password",
                    "check the path; it is relative to the inventory",
                );
                SecretSource::File(path)
            }
        })
    }

    fn path(&self, field: Option<&Field<String>>) -> Option<(NodeId, PathBuf)> {
        let field = field?;
        let at = field.at?;
        match self.surroundings.path(self.base, field.value.as_ref()?) {
            Ok(path) => Some((at, path)),
            Err(Complaint { message, hint }) => {
                self.recorder.add(at, message, hint);
                None
            }
        }
    }

    fn file(&self, at: NodeId, path: &Path, what: &str, hint: &str) -> bool {
        let there = (self.surroundings.is_file)(path);
        if !there {
            self.recorder.add(at, format!("the {what} {} does not exist", path.display()), hint);
        }
        there
    }
}
