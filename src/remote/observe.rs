//! What is asked of a host in one look, and how the question travels.

use crate::model::{Failure, Resource};

use super::invocation::{self, Data};

pub(super) const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/place.sh"),
    include_str!("programs/services.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/machine.sh"),
    include_str!("programs/paths.sh"),
    include_str!("programs/observe.sh"),
];
/// What it asks for where a package is missing.
pub(super) const MORE: &[&str] = &[
    include_str!("programs/removals.sh"),
    include_str!("programs/mirror.sh"),
    include_str!("programs/missing.sh"),
];

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObserveRequest {
    pub packages: Vec<String>,
    /// Files, directories and links.
    pub paths: Vec<PathRequest>,
    /// Services, and the ports that belong to them.
    pub services: Vec<ServiceRequest>,
    /// Whether to find out if the host's own package sources answer, should a package be missing.
    pub mirror: bool,
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
    pub fn of(wanted: &[Resource], mirror: bool) -> Self {
        let mut request = Self { mirror, ..Self::default() };
        for resource in wanted {
            match resource {
                Resource::Package(name) => request.packages.push(name.clone()),
                Resource::Directory(directory) => {
                    request.paths.push(PathRequest { path: directory.path.clone(), sha256: None });
                }
                Resource::Link(link) => {
                    request.paths.push(PathRequest { path: link.path.clone(), sha256: None });
                }
                Resource::File(file) => {
                    request.paths.push(PathRequest { path: file.path.clone(), sha256: Some(file.sha256()) });
                }
                Resource::Service(service) => request.services.push(ServiceRequest {
                    name: service.name.clone(),
                    ports: service.ports.clone(),
                    check: service.check.clone(),
                }),
                Resource::Command(_) | Resource::Port(_) => {}
            }
        }
        request
    }
}

pub(super) fn encode(request: &ObserveRequest, journal: &str, run: &str) -> Result<Data, Failure> {
    let mut data = begin(request, journal, run)?;
    services(&mut data, &request.services)?;
    data.line(if request.mirror { "mirror" } else { "-" });
    Ok(data)
}

/// What every program that looks is told first: places, paths and packages.
pub(super) fn begin(request: &ObserveRequest, journal: &str, run: &str) -> Result<Data, Failure> {
    let mut data = Data::default();
    data.line(journal);
    data.line(run);
    for wanted in &request.paths {
        let hash = wanted.sha256.as_deref().unwrap_or("-");
        data.line(format!("{hash} {}", invocation::path(&wanted.path)?));
    }
    data.end();
    for package in &request.packages {
        data.line(invocation::package(package)?);
    }
    data.end();
    Ok(data)
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
