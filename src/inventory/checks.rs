//! What only shows when hosts are compared: names, addresses and ports that clash, clusters that can't work, and
//! templates that don't fit.

use std::collections::BTreeMap;

use super::address::canonical;
use super::recorder::Recorder;
use super::settings::RolePlaces;
use super::suggestion::shown;
use super::surroundings::{TemplateCheck, TemplateRole};
use super::tree::NodeId;
use crate::model::{Cluster, Host, Role};

/// A host and where it stands.
pub struct Placed {
    pub host: Host,
    /// Where its parts stand.
    pub places: Places,
}

/// Where the parts of a host stand.
pub struct Places {
    pub key: NodeId,
    /// `address`
    pub address: Option<NodeId>,
    /// `private_address`
    pub private_address: Option<NodeId>,
    /// `roles`
    pub roles: Option<NodeId>,
    /// Whether all roles were understood.
    pub roles_sound: bool,
    /// Settings of its roles.
    pub settings: RolePlaces,
}

/// A cluster and where it stands.
pub struct PlacedCluster {
    pub name: String,
    /// Its name as written, ranges included.
    pub written: String,
    pub at: NodeId,
    /// Whether its hosts could be read at all.
    pub sound: bool,
    pub hosts: Vec<Placed>,
}

impl PlacedCluster {
    /// The cluster without its places.
    pub fn model(self) -> Cluster {
        Cluster { name: self.name, hosts: self.hosts.into_iter().map(|placed| placed.host).collect() }
    }
}

/// A port that a service of a host listens on.
struct Service {
    what: &'static str,
    port: u16,
    at: Option<NodeId>,
}

impl Placed {
    fn services(&self) -> Vec<Service> {
        let (host, places) = (&self.host, &self.places.settings);
        let mut services = Vec::new();
        if host.has(Role::Balancer) {
            services.push(Service { what: "balancer", port: host.balancer.port, at: places.balancer_port });
            let (port, at) = (host.balancer.stats_port, places.stats_port);
            services.push(Service { what: "statistics page", port, at });
        }
        if host.has(Role::Web) {
            services.push(Service { what: "web server", port: host.web.port, at: places.web_port });
        }
        if host.has(Role::Socket) {
            services.push(Service { what: "socket lab", port: host.socket.port, at: places.socket_port });
        }
        services
    }
}

/// Compares everything with everything.
pub fn check(clusters: &[PlacedCluster], recorder: &Recorder, check_template: &TemplateCheck<'_>) {
    cluster_names(clusters, recorder);
    addresses(clusters, recorder);
    for cluster in clusters {
        host_names(cluster, recorder);
        balancer_has_webs(cluster, recorder);
        ports(cluster, recorder);
        private_addresses(cluster, recorder);
    }
    templates(clusters, recorder, check_template);
}

fn cluster_names(clusters: &[PlacedCluster], recorder: &Recorder) {
    let mut seen: BTreeMap<&str, NodeId> = BTreeMap::new();
    for cluster in clusters {
        match seen.get(cluster.name.as_str()) {
            Some(first) if *first != cluster.at => recorder.add_related(
                cluster.at,
                *first,
                format!("two clusters are named `{}`", shown(&cluster.name)),
                "give each a name of its own; ranges may overlap",
            ),
            Some(_) => {}
            None => {
                seen.insert(&cluster.name, cluster.at);
            }
        }
        if cluster.hosts.is_empty() && cluster.sound {
            recorder.add(
                cluster.at,
                format!("cluster `{}` has no hosts", shown(&cluster.written)),
                "write `name: { address: .. }` for each of its hosts, indented below `hosts:`",
            );
        }
    }
}

fn host_names(cluster: &PlacedCluster, recorder: &Recorder) {
    let mut seen: BTreeMap<&str, NodeId> = BTreeMap::new();
    for Placed { host, places } in &cluster.hosts {
        match seen.get(host.name.as_str()) {
            Some(first) if *first != places.key => recorder.add_related(
                places.key,
                *first,
                format!("two hosts are named `{}`", shown(host.id.as_str())),
                "give each a name of its own; do ranges overlap?",
            ),
            Some(_) => {}
            None => {
                seen.insert(&host.name, places.key);
            }
        }
    }
}

fn addresses(clusters: &[PlacedCluster], recorder: &Recorder) {
    let mut seen = BTreeMap::new();
    for Placed { host, places } in clusters.iter().flat_map(|cluster| &cluster.hosts) {
        let connection = &host.connection;
        let Some(at) = places.address.filter(|_| !connection.address.is_empty()) else { continue };
        let port = connection.port.unwrap_or(22);
        // One private address may stand behind each of two bastions.
        let jump = connection.jump.as_ref().map(|jump| (jump.host.clone(), jump.port));
        if let Some((first, first_at)) =
            seen.insert((canonical(&connection.address), port, jump), (host.id.clone(), at))
        {
            recorder.add_related(
                at,
                first_at,
                format!(
                    "hosts `{}` and `{}` have one address and port, {} port {port}",
                    shown(first.as_str()),
                    shown(host.id.as_str()),
                    shown(&connection.address),
                ),
                "give each its own `address`, or behind one address its own `ssh: { port: .. }`; two roles of one \
                 machine are one host: `roles: [balancer, web]`",
            );
        }
    }
}

fn balancer_has_webs(cluster: &PlacedCluster, recorder: &Recorder) {
    let has_web = cluster.hosts.iter().any(|placed| placed.host.has(Role::Web));
    let sound = cluster.hosts.iter().all(|placed| placed.places.roles_sound);
    if let Some(balancer) = cluster.hosts.iter().find(|placed| placed.host.has(Role::Balancer))
        && !has_web
        && sound
    {
        recorder.add(
            balancer.places.roles.unwrap_or(balancer.places.key),
            format!("cluster `{}` has a balancer and no web host", shown(&cluster.written)),
            "give at least one of its hosts the role `web`, or remove the role `balancer`",
        );
    }
}

fn ports(cluster: &PlacedCluster, recorder: &Recorder) {
    for placed in &cluster.hosts {
        let services = placed.services();
        for (index, second) in services.iter().enumerate() {
            let Some(first) = services[..index].iter().find(|first| first.port == second.port) else {
                continue;
            };
            let places = &placed.places;
            recorder.add(
                second.at.or(first.at).or(places.roles).unwrap_or(places.key),
                format!(
                    "host `{}` has two services on port {}: {} and {}",
                    shown(placed.host.id.as_str()),
                    second.port,
                    first.what,
                    second.what,
                ),
                "give one of them another port, such as `web: { port: 8080 }` on the cluster or at the top",
            );
        }
    }
}

/// What a balancer would take for one server, or for itself.
fn private_addresses(cluster: &PlacedCluster, recorder: &Recorder) {
    if !cluster.hosts.iter().any(|placed| placed.host.has(Role::Balancer)) {
        return;
    }
    let mut seen: BTreeMap<(String, u16), &Placed> = BTreeMap::new();
    for placed in &cluster.hosts {
        let host = &placed.host;
        if host.private_address.is_empty() {
            continue;
        }
        let balancer = host.has(Role::Balancer).then_some(host.balancer.port);
        let web = host.has(Role::Web).then_some(host.web.port);
        for port in [balancer, web].into_iter().flatten() {
            let first = *seen.entry((canonical(&host.private_address), port)).or_insert(placed);
            // Hosts with one address and port altogether have been reported as that.
            let twice = first.host.connection.address == host.connection.address
                && first.host.connection.port == host.connection.port;
            if first.host.id != host.id && !twice {
                let places = &placed.places;
                recorder.add_related(
                    places.private_address.or(places.address).unwrap_or(places.key),
                    first.places.private_address.or(first.places.address).unwrap_or(first.places.key),
                    format!(
                        "within their cluster `{}` and `{}` are both {} port {port}, so the balancer can't tell them \
                         apart",
                        shown(first.host.id.as_str()),
                        shown(host.id.as_str()),
                        shown(&host.private_address),
                    ),
                    "give each host a `private_address` of its own: how the cluster's hosts reach each other",
                );
            }
        }
    }
}

fn templates(clusters: &[PlacedCluster], recorder: &Recorder, check_template: &TemplateCheck<'_>) {
    for placed_cluster in clusters {
        let model = Cluster {
            name: placed_cluster.name.clone(),
            hosts: placed_cluster.hosts.iter().map(|placed| placed.host.clone()).collect(),
        };
        for Placed { host, places } in &placed_cluster.hosts {
            let settings = &places.settings;
            for (role, template_role, at, path) in [
                (Role::Balancer, TemplateRole::Balancer, settings.balancer_template, &host.balancer.template),
                (Role::Web, TemplateRole::Web, settings.web_template, &host.web.template),
            ] {
                if let (true, Some(at), Some(path)) = (host.has(role), at, path)
                    && let Err(fault) = check_template(template_role, path, host, &model)
                {
                    let place = if fault.line == 0 {
                        path.display().to_string()
                    } else {
                        format!("{}:{}:{}", path.display(), fault.line, fault.column)
                    };
                    recorder.add(
                        at,
                        format!("the template does not fit host `{}`: {place}: {}", host.id, fault.message),
                        "correct the template there, or add what it asks for to `vars`",
                    );
                }
            }
        }
    }
}
