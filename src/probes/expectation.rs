//! What a host should show: what its roles say of themselves, as the probes ask it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use crate::model::{
    Balance, CheckKind, Cluster, Expectation, File, Host, HostText, Resource, Service, Standing, Standpoint,
    Text, services, started_by, text,
};

use super::answer::Reply;
use super::practice::PracticeExpectation;
use super::site::{Site, is_address};
use super::target::Target;

pub use crate::model::ServerExpectation;

/// More names than this are not resolved on one host.
const MOST_NAMES: usize = 256;

/// What the probes of one host compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostExpectation {
    pub host: Target,
    /// Services that must be active and enabled.
    pub services: Vec<Service>,
    /// The service that answers a probe, where one does, or the folder of what it runs.
    answering: BTreeMap<CheckKind, String>,
    /// What must stand at a path for what a service answers, with the service, or with the folder.
    standing: Vec<(String, String, Standing)>,
    /// Services that are told when they start which file to read, and that file.
    started: Vec<(String, String)>,
    /// Where its own page is, where it is a web host.
    pub web: Option<Site>,
    /// Folder of the socket lab, where it has one.
    pub socket_path: Option<String>,
    /// What its clients connect to.
    pub socket_server: Option<String>,
    /// What its balancer does, where it is one.
    pub balancer: Option<BalancerExpectation>,
    /// What its practices say of themselves.
    pub practices: Vec<PracticeExpectation>,
}

/// What a balancer should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalancerExpectation {
    /// `frontend http-in`.
    pub site: Site,
    pub stats: Site,
    /// Its name on the host.
    pub service: String,
    /// How it spreads requests, in the words of the `balance` line.
    pub algorithm: String,
    /// The servers of `backend backend_servers`, in the order of the inventory.
    pub servers: Vec<ServerExpectation>,
    /// The file is made from the user's own template, which may give weights to the servers.
    pub own_template: bool,
    /// Where the servers' names lead from the balancer; empty where that is not known.
    pub names: BTreeMap<String, Vec<IpAddr>>,
    /// Whether its files are as they should be, where that is known.
    pub is_intact: Option<bool>,
    /// The files that it was started with, where they are others.
    pub started_otherwise: Option<HostText>,
}

/// How a balancer chooses the server of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Each server in its turn: roundrobin, static-rr.
    Turns,
    Random,
    /// The server with the fewest connections: leastconn.
    LeastConnections,
    /// One server for all that a single client asks: source, uri.
    OneServer,
    /// In a way that a probe cannot foresee: first, hdr, `url_param` and their like.
    Lawless,
}

impl HostExpectation {
    /// What a host of a cluster should show, of which this is wanted. `inventory` is the file's name, for commands in
    /// hints; `direct` where pages are asked for from this machine, and not from the host's own place.
    pub fn new(cluster: &Cluster, host: &Host, wanted: &[Resource], inventory: &Path, direct: bool) -> Self {
        let site = |port, is_front| {
            if direct { Site::outside(host, port) } else { Site::own(host, port, is_front) }
        };
        let mut expectation = Self {
            host: Target::new(&host.id, inventory),
            services: services(wanted).cloned().collect(),
            answering: BTreeMap::new(),
            started: started_by(wanted).map(|(of, path)| (of.to_owned(), path.to_owned())).collect(),
            standing: wanted.iter().filter_map(read_by_a_service).collect(),
            web: None,
            socket_path: None,
            socket_server: None,
            balancer: None,
            practices: Vec::new(),
        };
        for asked in host.expectations(cluster) {
            match asked {
                Expectation::Page { port, service, path } => {
                    expectation.web = Some(site(port, false));
                    let page = files(wanted).find(|file| file.path == path);
                    let page = page.map(|page| (service.clone(), path, Standing::File(page.sha256().into())));
                    expectation.standing.extend(page);
                    expectation.answering.insert(CheckKind::HTTP, service);
                }
                Expectation::Balance(balance) => {
                    for kind in [CheckKind::BALANCE, CheckKind::STATS] {
                        expectation.answering.insert(kind, balance.service.clone());
                    }
                    expectation.balancer = Some(BalancerExpectation::new(balance, |port| site(port, true)));
                }
                Expectation::SocketLab { path, server } => {
                    let own = files(wanted).filter(|file| Path::new(&file.path).starts_with(&path));
                    let own = own
                        .map(|file| (path.clone(), file.path.clone(), Standing::File(file.sha256().into())));
                    expectation.standing.extend(own);
                    expectation.answering.insert(CheckKind::SOCKET, path.clone());
                    expectation.socket_path = Some(path);
                    expectation.socket_server = Some(server);
                }
                Expectation::Practice(probe) => {
                    expectation.practices.push(PracticeExpectation::new(probe, |port| site(port, false)));
                }
            }
        }
        expectation
    }

    /// What must be looked at on the host, so that it is known where it asks itself and whose fault an answer is.
    pub fn paths(&self) -> Vec<String> {
        self.standing.iter().map(|(_, path, _)| path.clone()).collect()
    }

    /// The services of which must be known with which files they were started.
    pub fn started(&self) -> Vec<String> {
        self.started.iter().map(|(service, _)| service.clone()).collect()
    }

    /// The files that its balancer was started with, where they are others than what is wanted.
    pub fn started_otherwise(&self, standpoint: &Standpoint) -> Option<HostText> {
        let service = self.service(CheckKind::BALANCE);
        let (_, wanted) = self.started.iter().find(|(of, _)| of == service)?;
        let mut otherwise =
            standpoint.started.iter().filter(|(of, files)| *of == *service && files != wanted);
        otherwise.next().map(|(_, files)| files.clone())
    }

    /// The names that must be resolved on the host.
    pub fn names(&self) -> Vec<String> {
        let web = self.web.iter().flat_map(Site::names);
        let practices = self.practices.iter().filter_map(|practice| practice.site.as_ref());
        let balancer = self.balancer.iter().flat_map(|balancer| {
            let servers = balancer.servers.iter().map(|server| server.address.as_str());
            balancer.site.names().into_iter().chain(servers.filter(|address| !is_address(address)))
        });
        let server = self.socket_server().into_iter();
        let names: BTreeSet<_> = web
            .chain(balancer)
            .chain(practices.flat_map(Site::names))
            .chain(server)
            .map(str::to_owned)
            .collect();
        names.into_iter().take(MOST_NAMES).collect()
    }

    /// The name that clients of its socket lab connect to, where that is none of any address.
    pub fn socket_server(&self) -> Option<&str> {
        self.socket_server.as_deref().filter(|server| !server.is_empty() && !is_address(server))
    }

    /// Whether all that a service reads is as it should be, where that is known.
    pub fn is_intact(&self, kind: CheckKind, standpoint: &Standpoint) -> Option<bool> {
        let service = self.service(kind);
        let mine = self.standing.iter().filter(|(of, ..)| of == service);
        let known: Vec<_> =
            mine.map(|(_, path, wanted)| Some(standpoint.paths.get(path)? == wanted)).collect();
        if known.contains(&Some(false)) {
            // What is wanted there is another file.
            return (!standpoint.without_ipv6).then_some(false);
        }
        (!known.is_empty() && !known.contains(&None)).then_some(true)
    }

    /// Whether a file that one of these services reads is known to be another one than is wanted.
    pub fn differs(&self, services: &[String], standpoint: &Standpoint) -> bool {
        let mine = self.standing.iter().filter(|(of, ..)| services.contains(of));
        let mut seen = mine.filter_map(|(_, path, wanted)| Some((standpoint.paths.get(path)?, wanted)));
        // What only root may read is not known.
        seen.any(|(seen, wanted)| *seen != Standing::Hidden && seen != wanted)
    }

    /// The service that answers a probe; empty where none does.
    pub fn service(&self, kind: CheckKind) -> &str {
        self.answering.get(&kind).map_or("", String::as_str)
    }
}

impl BalancerExpectation {
    /// What a balancer should do, with its pages where `site` says.
    pub fn new(balance: Balance, site: impl Fn(u16) -> Site) -> Self {
        Self {
            site: site(balance.port),
            stats: site(balance.stats_port),
            service: balance.service,
            algorithm: balance.algorithm,
            servers: balance.servers,
            own_template: balance.own_template,
            names: BTreeMap::new(),
            is_intact: None,
            started_otherwise: None,
        }
    }

    /// The same with what its host sees of itself.
    #[must_use]
    pub fn seen_from(
        &self,
        standpoint: &Standpoint,
        is_intact: Option<bool>,
        started_otherwise: Option<HostText>,
    ) -> Self {
        Self {
            site: self.site.seen_from(standpoint),
            stats: self.stats.seen_from(standpoint),
            names: standpoint.names.clone(),
            is_intact,
            started_otherwise,
            ..self.clone()
        }
    }
}

impl BalancerExpectation {
    /// What to do where haproxy.cfg may not be as it should.
    pub fn restore(&self, host: &Target) -> Text {
        if let Some(next) = self.start_anew(host) {
            return next;
        }
        let reload = host.reload_of(&self.service);
        match self.is_intact {
            Some(false) => return host.restore_haproxy(),
            None => {
                return host.mended_by_apply(|plan, apply| {
                    text!(
                        en: "{plan} tells whether haproxy.cfg differs; where it does, {apply} puts it right, and else {reload} on {host} makes it count",
                        pt: "{plan} diz se haproxy.cfg difere; se diferir, {apply} corrige o arquivo, e se não, {reload} em {host} o faz valer",
                    )
                });
            }
            Some(true) => {}
        }
        text!(
            en: "haproxy.cfg is as it should be: {reload} on {host} makes it count; where that changes nothing, `ss -ltnp` there shows who else answers on these ports",
            pt: "haproxy.cfg está como deve: {reload} em {host} o faz valer; se isso não mudar nada, `ss -ltnp` lá mostra quem mais responde nessas portas",
        )
    }

    /// What to do where HAProxy was started with other files than ours: then no change of ours counts, and no reload.
    pub fn start_anew(&self, host: &Target) -> Option<Text> {
        let (files, service) = (self.started_otherwise.as_ref()?.name(), &self.service);
        let restart = host.start_anew(service);
        Some(if host.has_systemd() {
            text!(
                en: "HAProxy was started with {files}, and that is what counts: take it out of /etc/default/haproxy, or of the file that `systemctl cat {service}` on {host} names; then {restart}",
                pt: "o HAProxy foi iniciado com {files}, e é isso que vale: tire-o de /etc/default/haproxy, ou do arquivo que `systemctl cat {service}` mostra em {host}; depois, {restart}",
                files,
            )
        } else {
            text!(
                en: "HAProxy was started with {files}, and that is what counts: take it out of /etc/default/haproxy of {host} where it is there, or it was started by hand; then {restart}",
                pt: "o HAProxy foi iniciado com {files}, e é isso que vale: tire-o de /etc/default/haproxy em {host}, se estiver lá, ou foi iniciado à mão; depois, {restart}",
                files,
            )
        })
    }

    /// The server that an answer says it came from.
    pub fn named(&self, reply: &Reply) -> Option<&ServerExpectation> {
        let name = reply.served_by.as_deref()?;
        self.servers.iter().find(|server| server.name == name)
    }

    /// Whether nobody answers where users ask although HAProxy has its file.
    pub fn listens_elsewhere(&self, site: &Site) -> bool {
        self.is_intact == Some(true) && !site.is_outside() && !site.is_loopback()
    }

    /// What to do where HAProxy does not listen at the address where users ask.
    pub fn bind(&self, host: &Target, site: &Site) -> Text {
        if let Some(next) = self.start_anew(host) {
            return next;
        }
        let (address, port) = (site.address(), site.port);
        if self.own_template {
            return text!(
                en: "`ss -ltnp` on {host} shows at which addresses HAProxy listens on port {port}: {address} must be among them; in your template `bind *:{port}` is IPv4 alone, and `bind :::{port} v6only` beside it adds IPv6",
                pt: "em {host}, `ss -ltnp` mostra em quais endereços o HAProxy escuta na porta {port}: {address} precisa estar entre eles; no seu modelo, `bind *:{port}` é só IPv4, e `bind :::{port} v6only` ao lado acrescenta IPv6",
            );
        }
        let (status, restart) = (host.status_of(&self.service), host.restart_of(&self.service));
        text!(
            en: "`ss -ltnp` on {host} shows at which addresses HAProxy listens on port {port}: {address} must be among them; {status} says more, and {restart} makes it read haproxy.cfg; where it is among them, a firewall of {host} itself rejects: `sudo nft list ruleset`",
            pt: "em {host}, `ss -ltnp` mostra em quais endereços o HAProxy escuta na porta {port}: {address} precisa estar entre eles; {status} diz mais, e {restart} o faz ler haproxy.cfg; se estiver entre eles, um firewall da própria {host} rejeita: `sudo nft list ruleset`",
        )
    }
}

fn files(resources: &[Resource]) -> impl Iterator<Item = &File> {
    resources.iter().filter_map(|resource| match resource {
        Resource::File(file) => Some(file),
        _ => None,
    })
}

/// A file or link that a service reads: the service, the path, and what must stand there.
fn read_by_a_service(resource: &Resource) -> Option<(String, String, Standing)> {
    match resource {
        Resource::File(file) => {
            Some((file.notify.clone()?, file.path.clone(), Standing::File(file.sha256().into())))
        }
        Resource::Link(link) => {
            Some((link.notify.clone()?, link.path.clone(), Standing::Link(link.target.as_str().into())))
        }
        _ => None,
    }
}

impl Algorithm {
    /// The algorithm of a `balance` line.
    pub fn new(line: &str) -> Self {
        match Self::word(line) {
            "roundrobin" | "static-rr" => Self::Turns,
            "random" => Self::Random,
            "leastconn" => Self::LeastConnections,
            "source" | "uri" => Self::OneServer,
            _ => Self::Lawless,
        }
    }

    /// The algorithm's name, without its arguments.
    pub fn word(line: &str) -> &str {
        line.split([' ', '(']).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_by_name() {
        for (name, expected) in [
            ("roundrobin", Algorithm::Turns),
            ("static-rr", Algorithm::Turns),
            ("random(2)", Algorithm::Random),
            ("leastconn", Algorithm::LeastConnections),
            ("source", Algorithm::OneServer),
            ("uri depth 2", Algorithm::OneServer),
            ("first", Algorithm::Lawless),
            ("hdr(User-Agent)", Algorithm::Lawless),
        ] {
            assert_eq!(Algorithm::new(name), expected, "{name}");
        }
    }
}
