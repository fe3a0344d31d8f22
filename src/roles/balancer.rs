//! The balancer role: HAProxy, whose configuration file is ours as a whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::definition::Definition;
use super::variables::{self, WEB_HOSTS};
use super::web_hosts::{WEB, web_hosts};
use crate::model::{
    Balance, Cluster, Expectation, Facts, File, Host, HostId, Leftover, OnChange, PathKind, Peers, Placement,
    Port, Render, Resource, Role, ServerExpectation, Service, Severity, Template, TemplateError,
    TemplateKind, Turn, Validator, text,
};

const NAME: &str = "balancer";
const SERVICE: &str = "haproxy";
const CONFIGURATION: &str = "/etc/haproxy/haproxy.cfg";
/// Where HAProxy of Debian and Ubuntu, and our own haproxy.cfg, have the runtime socket.
const SOCKET: &str = "/run/haproxy/admin.sock";
/// A balancer with more web hosts than this is asked about the first ones.
const MOST_PEERS: usize = 64;

const TEMPLATE: Template = Template {
    name: "haproxy.cfg.tera",
    text: include_str!("../../templates/haproxy.cfg.tera"),
    kind: TemplateKind::Configuration,
};

pub const DEFINITION: Definition = Definition {
    name: NAME,
    describes: "HAProxy in front of the cluster's web hosts.",
    called: &[
        "lb",
        "lbs",
        "balancer",
        "balancers",
        "haproxy",
        "loadbalancer",
        "loadbalancers",
        "balanceador",
        "balanceadores",
    ],
    usual: || Arc::new(Balancer::default()),
    remark: || text!(en: "HAProxy in front of the web hosts", pt: "HAProxy na frente das máquinas web"),
    templates: &[TEMPLATE],
    own: Some(TEMPLATE),
    backups: &["/etc/haproxy/haproxy.cfg.bkp"],
};

#[derive(Debug, Clone)]
pub struct Balancer {
    /// Port of `frontend http-in`.
    pub port: u16,
    /// Value of `balance`, one of HAProxy's algorithms: roundrobin, static-rr, leastconn, first, source, uri, random.
    pub algorithm: String,
    pub stats_port: u16,
    /// The user's own template instead of the built-in one, made absolute.
    pub template: Option<PathBuf>,
}

impl Default for Balancer {
    fn default() -> Self {
        Self { port: 80, algorithm: "roundrobin".to_owned(), stats_port: 8404, template: None }
    }
}

impl Role for Balancer {
    fn name(&self) -> &str {
        NAME
    }

    fn ports(&self) -> Vec<Port> {
        vec![
            Port { number: self.port, what: "balancer".into(), setting: "port" },
            Port { number: self.stats_port, what: "statistics page".into(), setting: "stats_port" },
        ]
    }

    fn resources(&self, place: &Placement<'_>, render: &dyn Render) -> Result<Vec<Resource>, TemplateError> {
        let mut variables = variables::of_host(place);
        variables.insert(WEB_HOSTS, variables::seen(servers(place.cluster, &place.meanwhile.held)));
        variables.insert("port", self.port);
        variables.insert("algorithm", self.algorithm.clone());
        variables.insert("stats_port", self.stats_port);
        // A kernel without IPv6 refuses such a `bind`, in any form, and HAProxy does not start.
        variables.insert("ipv6", place.ipv6);
        let content = render.render(&TEMPLATE, self.template.as_deref(), &variables)?;
        if let Some(path) = self.template.as_deref().filter(|_| !binds(&content, self.port)) {
            let message = text!(
                en: "this template binds nothing on port {port}",
                pt: "este template não faz bind de nada na porta {port}", port = self.port
            );
            return Err(TemplateError::new(path, message).with_hint(
                text!(
                    en: "write `bind *:{{{{ port }}}}` in its frontend; the port is balancer.port of the inventory",
                    pt: "escreva `bind *:{{{{ port }}}}` no frontend dele; a porta é balancer.port do inventário",
                ),
            ));
        }
        // A user's template may leave the statistics out.
        let stats_port = Some(self.stats_port).filter(|port| binds(&content, *port));
        Ok(vec![
            Resource::package(SERVICE),
            Resource::File(File {
                validator: Some(Validator::Candidate("haproxy -c -f".to_owned())),
                notify: Some(SERVICE.to_owned()),
                turn: Turn::Last,
                ..File::of_text(CONFIGURATION, content)
            }),
            Resource::Service(Service {
                name: SERVICE.to_owned(),
                ports: [self.port].into_iter().chain(stats_port).collect(),
                log: Some("/var/log/haproxy.log".to_owned()),
                check: None,
                renews: true,
                on_change: OnChange::Reload,
                turn: Turn::Last,
            }),
        ])
    }

    fn expectations(&self, cluster: &Cluster) -> Vec<Expectation> {
        let servers = web_hosts(cluster).map(|(web, port)| ServerExpectation {
            host: web.id.clone(),
            name: web.name.clone(),
            address: web.private_address.clone(),
            port,
        });
        vec![Expectation::Balance(Balance {
            port: self.port,
            stats_port: self.stats_port,
            service: SERVICE.to_owned(),
            socket: SOCKET.to_owned(),
            algorithm: self.algorithm.clone(),
            servers: servers.collect(),
            own_template: self.template.is_some(),
        })]
    }

    fn template(&self) -> Option<&Path> {
        self.template.as_deref()
    }

    fn fronts(&self) -> Option<&str> {
        Some(WEB)
    }

    fn sends_to(&self, facts: &Facts, cluster: &Cluster) -> Option<BTreeMap<HostId, u16>> {
        let fact = facts.paths.get(CONFIGURATION)?;
        let content = match fact.kind {
            PathKind::File => String::from_utf8_lossy(fact.content.as_deref()?),
            _ => return Some(BTreeMap::new()),
        };
        let lines: Vec<_> = content.lines().filter_map(server_line).collect();
        let port_of = |host: &Host, wanted: u16| {
            let of_host = lines.iter().filter(|(_, address, _)| *address == bare(&host.private_address));
            let (_, _, port) = of_host.min_by_key(|(name, _, port)| (*name != host.name, *port != wanted))?;
            Some((host.id.clone(), *port))
        };
        Some(web_hosts(cluster).filter_map(|(host, wanted)| port_of(host, wanted)).collect())
    }

    fn peers<'a>(&self, cluster: &'a Cluster, _: &Host) -> Option<Peers<'a>> {
        Some(Peers {
            hosts: web_hosts(cluster).take(MOST_PEERS).collect(),
            severity: Severity::Fatal,
            means: text!(
                en: "the balancer counts these web hosts as down and sends them nothing",
                pt: "para o balanceador, esses servidores web estão fora do ar, e ele não lhes envia nada",
            ),
        })
    }

    fn leftovers(&self) -> Vec<Leftover> {
        vec![Leftover {
            path: CONFIGURATION,
            pattern: r"^[[:space:]]*frontend[[:space:]]+http-in([[:space:]]|$)",
            seen: text!(
                en: "haproxy.cfg has the frontend `http-in` more than once, as the old class script leaves it",
                pt: "haproxy.cfg tem o frontend `http-in` mais de uma vez, como o script antigo da aula o deixa",
            ),
            means: text!(
                en: "until it is replaced, requests fail or reach old servers",
                pt: "até ser substituído, requisições falham ou chegam a servidores antigos",
            ),
            mend: text!(
                en: "nothing: `provision apply` replaces the file, and `reset` brings the old one back",
                pt: "nada a fazer: `provision apply` substitui o arquivo, e `reset` traz o antigo de volta",
            ),
        }]
    }
}

/// The web hosts as they are to be asked; `held` are those that are not where the inventory says.
fn servers<'a>(
    cluster: &'a Cluster,
    held: &'a BTreeMap<HostId, Option<u16>>,
) -> impl Iterator<Item = (&'a Host, u16)> {
    web_hosts(cluster).filter_map(|(host, port)| match held.get(&host.id) {
        None => Some((host, port)),
        Some(held) => Some((host, (*held)?)),
    })
}

/// Name, address and port of a `server` line.
fn server_line(line: &str) -> Option<(&str, &str, u16)> {
    let mut words = line.split_whitespace();
    let name = words.next().filter(|word| *word == "server").and_then(|_| words.next())?;
    let (address, port) = words.next()?.rsplit_once(':')?;
    Some((name, bare(address), port.parse().ok()?))
}

/// An address without the brackets of IPv6.
fn bare(address: &str) -> &str {
    address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address)
}

/// Whether a configuration has a `bind` line for a port.
fn binds(configuration: &str, port: u16) -> bool {
    let port = port.to_string();
    configuration.lines().filter_map(|line| line.trim_start().strip_prefix("bind ")).any(|rest| {
        rest.split_whitespace()
            .next()
            .into_iter()
            .flat_map(|addresses| addresses.split(','))
            .any(|address| address.rsplit(':').next() == Some(&port))
    })
}

#[cfg(test)]
mod tests {
    use super::binds;

    #[test]
    fn bind_lines_are_found_in_their_usual_shapes() {
        for line in
            ["bind *:80", "  bind :80 ", "bind 10.0.0.1:80 name x", "bind :::80 v4v6", "bind *:443,*:80"]
        {
            assert!(binds(line, 80), "{line}");
        }
        for line in ["bind *:8080", "# bind *:80", "server a 10.0.0.1:80", "", "binding *:80"] {
            assert!(!binds(line, 80), "{line}");
        }
    }
}
