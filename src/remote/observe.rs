//! What is asked of a host in one look, and how the question travels.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Failure, Guard, HostText, Maker, Resource, ResourceId};

use super::data::Data;
use super::invocation;
use super::journal;

/// With what asks guards, which goes only to hosts that have some.
const WITH_GUARDS: &[&str] = &[
    include_str!("programs/session.sh"),
    include_str!("programs/guard.sh"),
    include_str!("programs/common.sh"),
    include_str!("programs/place.sh"),
    include_str!("programs/services.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/entries.sh"),
    include_str!("programs/machine.sh"),
    include_str!("programs/roots.sh"),
    include_str!("programs/paths.sh"),
    include_str!("programs/observe.sh"),
];
const PARTS: &[&str] = WITH_GUARDS.split_at(2).1;
/// What it asks for where a package is missing, or the journal has what is not wanted.
pub(super) const MORE: &[&str] = &[
    include_str!("programs/dpkg_query.sh"),
    include_str!("programs/lists.sh"),
    include_str!("programs/removals.sh"),
    include_str!("programs/outlook.sh"),
    include_str!("programs/mirror.sh"),
    include_str!("programs/missing.sh"),
    include_str!("programs/standing.sh"),
    include_str!("programs/leaving.sh"),
    include_str!("programs/unwanted.sh"),
    include_str!("programs/room.sh"),
    include_str!("programs/odd.sh"),
];

/// One has 10 seconds, and as many to end.
const GUARD_LIMIT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObserveRequest {
    pub packages: Vec<String>,
    /// Files, directories and links.
    pub paths: Vec<PathRequest>,
    /// Services, and the ports that belong to them.
    pub services: Vec<ServiceRequest>,
    /// The guards of commands.
    pub guards: Vec<(ResourceId, Guard)>,
    /// Whether to find out if the host's own package sources answer, should a package be missing.
    pub mirror: bool,
    /// Whose list it is.
    pub maker: Maker,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRequest {
    pub path: String,
    /// Hex SHA-256 that a file should have; where it differs, the content is fetched for the diff.
    pub sha256: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceRequest {
    /// Unit name without `.service`.
    pub name: String,
    /// Ports whose holders are of interest while a service does not run.
    pub ports: Vec<u16>,
    /// The command that tells whether it could start with its files as they are, for an examination.
    pub check: Option<String>,
}

impl ObserveRequest {
    /// Everything that planning these resources needs.
    pub fn of(wanted: &[Resource], mirror: bool, maker: Maker) -> Self {
        let mut request = Self { mirror, maker, ..Self::default() };
        for resource in wanted {
            match resource {
                Resource::Package(package) => request.packages.push(package.name.clone()),
                Resource::Directory(directory) => {
                    request.paths.push(PathRequest { path: directory.path.clone(), sha256: None });
                }
                Resource::Link(link) => {
                    request.paths.push(PathRequest { path: link.path.clone(), sha256: None });
                }
                Resource::File(file) => {
                    // What is no text is not worth fetching for a diff.
                    let sha256 = file.text().map(|_| file.sha256());
                    request.paths.push(PathRequest { path: file.path.clone(), sha256 });
                }
                Resource::Service(service) => request.services.push(ServiceRequest {
                    name: service.name.clone(),
                    ports: service.ports.clone(),
                    check: service.check.clone(),
                }),
                Resource::Command(command) => request.guards.push((resource.id(), command.guard.clone())),
                Resource::Port(_) => {}
            }
        }
        request
    }

    /// The commands, as `ROLE/NAME`.
    pub(super) fn commands(&self) -> impl Iterator<Item = &str> {
        self.guards.iter().filter_map(|(id, _)| id.as_str().strip_prefix("command:"))
    }

    /// How long the commands of the user's may take that it asks.
    pub fn patience(&self) -> Duration {
        GUARD_LIMIT * self.guards.len().try_into().unwrap_or(u32::MAX)
    }

    /// The files of the program that answers it.
    pub(super) fn parts(&self) -> &'static [&'static str] {
        if self.guards.is_empty() { PARTS } else { WITH_GUARDS }
    }
}

pub(super) fn encode(request: &ObserveRequest, folder: &str, run: &str) -> Result<Data, Failure> {
    let mut data = begin(request, folder, run)?;
    services(&mut data, &request.services)?;
    for (_, guard) in &request.guards {
        data.line(format!("{}:{}", kind(guard), STANDARD.encode(text(guard)?)));
    }
    data.end();
    data.line(if request.mirror { "mirror" } else { "-" });
    Ok(data)
}

pub(super) fn kind(guard: &Guard) -> &'static str {
    match guard {
        Guard::Unless(_) => "unless",
        Guard::Creates(_) => "creates",
    }
}

pub(super) fn text(guard: &Guard) -> Result<&str, Failure> {
    match guard {
        Guard::Unless(text) => Ok(text),
        Guard::Creates(path) => invocation::path(path),
    }
}

/// What every program that looks is told first: places, paths and packages.
pub(super) fn begin(request: &ObserveRequest, folder: &str, run: &str) -> Result<Data, Failure> {
    let mut data = Data::default();
    data.line(folder);
    data.line(run);
    data.line(journal::maker_line(&request.maker));
    for wanted in &request.paths {
        let hash = wanted.sha256.as_deref().unwrap_or("-");
        data.line(format!("{hash} {}", invocation::path(&wanted.path)?));
    }
    data.end();
    for package in &request.packages {
        data.line(invocation::package(package)?);
    }
    data.end();
    for command in request.commands() {
        data.line(command);
    }
    data.end();
    Ok(data)
}

/// `SERVICE FILE …`: the files that a process of a service was started with.
pub(super) fn started(rest: &str) -> Option<(HostText, HostText)> {
    let (service, files) = rest.split_once(' ')?;
    Some((service.into(), files.into()))
}

/// Services with their ports, a line each.
pub(super) fn services(data: &mut Data, services: &[ServiceRequest]) -> Result<(), Failure> {
    for service in services {
        let mut line = invocation::service(&service.name)?.to_owned();
        for port in &service.ports {
            line.push(' ');
            line.push_str(&port.to_string());
        }
        data.line(line);
    }
    data.end();
    Ok(())
}
