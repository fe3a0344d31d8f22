//! What only shows when hosts are compared: names, addresses and ports that clash, clusters that can't work, and
//! templates that don't fit.

use std::collections::BTreeMap;

use super::address::canonical;
use super::claims;
use super::placed::{Placed, PlacedCluster};
use super::surroundings::TemplateCheck;
use crate::document::recorder::Recorder;
use crate::document::suggestion::shown;
use crate::document::tree::NodeId;
use crate::model::{Cluster, text};

pub fn check(clusters: &[PlacedCluster], recorder: &Recorder, check_template: &TemplateCheck<'_>) {
    cluster_names(clusters, recorder);
    addresses(clusters, recorder);
    for cluster in clusters {
        host_names(cluster, recorder);
        nobody_behind(cluster, recorder);
        ports(cluster, recorder);
        claims::check(cluster, recorder);
        private_addresses(cluster, recorder);
    }
    templates(clusters, recorder, check_template);
}

fn cluster_names(clusters: &[PlacedCluster], recorder: &Recorder) {
    let mut seen: BTreeMap<&str, NodeId> = BTreeMap::new();
    for cluster in clusters {
        let first = *seen.entry(&cluster.name).or_insert(cluster.at);
        if first != cluster.at {
            let message = text!(
                en: "two clusters are named `{name}`",
                pt: "dois clusters se chamam `{name}`", name = shown(&cluster.name)
            );
            recorder.add_related(
                cluster.at,
                first,
                message,
                text!(
                    en: "give each a name of its own; ranges may overlap",
                    pt: "dê a cada um o seu nome; intervalos podem se sobrepor",
                ),
            );
        }
        if cluster.hosts.is_empty() && cluster.sound {
            recorder.add(
                cluster.at,
                text!(
                    en: "cluster `{written}` has no hosts",
                    pt: "o cluster `{written}` não tem máquinas", written = shown(&cluster.written)
                ),
                text!(
                    en: "write `name: {{ address: .. }}` for each of its hosts, indented below `hosts:`",
                    pt: "escreva `nome: {{ address: .. }}` para cada máquina, recuado sob `hosts:`",
                ),
            );
        }
    }
}

fn host_names(cluster: &PlacedCluster, recorder: &Recorder) {
    let mut seen: BTreeMap<&str, NodeId> = BTreeMap::new();
    for Placed { host, places } in &cluster.hosts {
        let first = *seen.entry(&host.name).or_insert(places.key);
        if first != places.key {
            let message = text!(
                en: "two hosts are named `{id}`",
                pt: "duas máquinas se chamam `{id}`", id = shown(host.id.as_str())
            );
            recorder.add_related(
                places.key,
                first,
                message,
                text!(
                    en: "give each a name of its own; do ranges overlap?",
                    pt: "dê a cada uma o seu nome; os intervalos se sobrepõem?",
                ),
            );
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
                text!(
                    en: "hosts `{first}` and `{id}` have one address and port, {address} port {port}",
                    pt: "as máquinas `{first}` e `{id}` têm um só endereço e porta, {address} porta {port}", first = shown(first.as_str()), id = shown(host.id.as_str()), address = shown(&connection.address)
                ),
                text!(
                    en: "give each its own `address`, or behind one address its own `ssh: {{ port: .. }}`; two roles of one machine are one host: `roles: [balancer, web]`",
                    pt: "dê a cada uma o seu `address` ou, atrás de um só endereço, o seu `ssh: {{ port: .. }}`; dois papéis de uma máquina são uma entrada só: `roles: [balancer, web]`",
                ),
            );
        }
    }
}

/// A role that stands in front of others needs some.
fn nobody_behind(cluster: &PlacedCluster, recorder: &Recorder) {
    let sound = cluster.hosts.iter().all(|placed| placed.places.roles_sound);
    let has = |role: &str| cluster.hosts.iter().any(|placed| placed.host.role(role).is_some());
    if let Some((placed, front, behind)) = fronts(cluster).next()
        && !has(behind)
        && sound
    {
        recorder.add(
            placed.places.roles.unwrap_or(placed.places.key),
            text!(
                en: "cluster `{written}` has a {front} and no {behind} host",
                pt: "o cluster `{written}` tem {front} e nenhuma máquina {behind}", written = shown(&cluster.written)
            ),
            text!(
                en: "give at least one of its hosts the role `{behind}`, or remove the role `{front}`",
                pt: "dê o papel `{behind}` a pelo menos uma das máquinas, ou tire o papel `{front}`",
            ),
        );
    }
}

/// Hosts with a role that stands in front of another, and both roles.
fn fronts(cluster: &PlacedCluster) -> impl Iterator<Item = (&Placed, &str, &str)> {
    cluster.hosts.iter().flat_map(|placed| {
        let roles = placed.host.roles.iter();
        roles.filter_map(move |role| Some((placed, role.name(), role.fronts()?)))
    })
}

fn ports(cluster: &PlacedCluster, recorder: &Recorder) {
    for Placed { host, places } in &cluster.hosts {
        let roles = host.roles.iter().zip(&places.settings);
        let ports: Vec<_> = roles
            .flat_map(|(role, settings)| {
                role.ports().into_iter().map(|port| {
                    let at = settings.get(port.setting);
                    (port, at)
                })
            })
            .collect();
        for (index, (second, second_at)) in ports.iter().enumerate() {
            let Some((first, first_at)) =
                ports[..index].iter().find(|(first, _)| first.number == second.number)
            else {
                continue;
            };
            recorder.add(
                second_at.or(*first_at).copied().or(places.roles).unwrap_or(places.key),
                text!(
                    en: "host `{id}` has two services on port {number}: {what} and {what_2}",
                    pt: "a máquina `{id}` tem dois serviços na porta {number}: {what} e {what_2}", id = shown(host.id.as_str()), number = second.number, what = first.what, what_2 = second.what
                ),
                text!(
                    en: "give one of them another port than {number}, such as `web: {{ port: 8080 }}` on the cluster or at the top, or a value of a practice: `vars: {{ NAME: {{ port: 8080 }} }}`",
                    pt: "dê a um deles outra porta que não {number}, como `web: {{ port: 8080 }}` no cluster ou no topo, ou um valor de uma prática: `vars: {{ NOME: {{ port: 8080 }} }}`", number = second.number
                ),
            );
        }
    }
}

/// What a balancer would take for one server, or for itself.
fn private_addresses(cluster: &PlacedCluster, recorder: &Recorder) {
    let Some((_, front, behind)) = fronts(cluster).next() else { return };
    let mut seen: BTreeMap<(String, u16), &Placed> = BTreeMap::new();
    for placed in &cluster.hosts {
        let host = &placed.host;
        if host.private_address.is_empty() {
            continue;
        }
        let roles = [front, behind].into_iter().filter_map(|name| host.role(name));
        for port in roles.filter_map(|role| Some(role.ports().first()?.number)) {
            let first = *seen.entry((canonical(&host.private_address), port)).or_insert(placed);
            // Hosts with one address and port altogether have been reported as that.
            let twice = first.host.connection.address == host.connection.address
                && first.host.connection.port == host.connection.port;
            if first.host.id != host.id && !twice {
                let places = &placed.places;
                recorder.add_related(
                    places.private_address.or(places.address).unwrap_or(places.key),
                    first.places.private_address.or(first.places.address).unwrap_or(first.places.key),
                    text!(
                        en: "within their cluster `{id}` and `{id_2}` are both {private_address} port {port}, so the {front} can't tell them apart",
                        pt: "dentro do cluster, `{id}` e `{id_2}` são ambas {private_address} porta {port}, e o {front} não consegue distingui-las", id = shown(first.host.id.as_str()), id_2 = shown(host.id.as_str()), private_address = shown(&host.private_address)
                    ),
                    text!(
                        en: "give each host a `private_address` of its own: how the cluster's hosts reach each other",
                        pt: "dê a cada máquina o seu `private_address`: por onde as máquinas do cluster se alcançam",
                    ),
                );
            }
        }
    }
}

fn templates(clusters: &[PlacedCluster], recorder: &Recorder, check_template: &TemplateCheck<'_>) {
    let has_own =
        |placed: &Placed| placed.places.settings.iter().any(|places| places.contains_key("template"));
    for placed_cluster in clusters.iter().filter(|cluster| cluster.hosts.iter().any(has_own)) {
        let model = Cluster {
            name: placed_cluster.name.clone(),
            hosts: placed_cluster.hosts.iter().map(|placed| placed.host.clone()).collect(),
        };
        for Placed { host, places } in &placed_cluster.hosts {
            for (role, settings) in host.roles.iter().zip(&places.settings) {
                if let Some(at) = settings.get("template")
                    && let Err(fault) = check_template(role.as_ref(), host, &model)
                {
                    let told = fault.told();
                    let told = match &fault.hint {
                        Some(hint) => text!(en: "{told} ({hint})", pt: "{told} ({hint})", told, hint),
                        None => told,
                    };
                    recorder.add(
                        *at,
                        text!(
                            en: "the template does not fit host `{id}`: {told}",
                            pt: "o template não serve para a máquina `{id}`: {told}", told, id = host.id
                        ),
                        text!(
                            en: "correct the template there, or add what it asks for to `vars`",
                            pt: "corrija o template ali, ou acrescente a `vars` o que ele pede",
                        ),
                    );
                }
            }
        }
    }
}
