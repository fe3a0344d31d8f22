//! From the tree to the model: ranges expanded, settings inherited, every host with its place.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::address::wrong_name;
use super::checks;
use super::files::Files;
use super::inherited::PlacedRole;
use super::placed::{Placed, PlacedCluster, Places};
use super::practices;
use super::raw;
use super::settings::{self, Level};
use super::surroundings::Surroundings;
use crate::document::fault::Faults;
use crate::document::range::{Pattern, Range};
use crate::document::reader::{Field, Reader};
use crate::document::recorder::Recorder;
use crate::document::suggestion::shown;
use crate::document::tree::{Node, NodeId, Tree};
use crate::document::zip::{Position, Zip};
use crate::model::DEFAULT_CLUSTER;
use crate::model::{Host, HostId, Inventory, Text, text};
use crate::practice::{Class, Library};

/// What a mistyped range must not go beyond. A file that names each host is at its own limit before.
const HOST_LIMIT: usize = 10_000;

/// An inventory, and what is wrong with its practices.
pub struct Resolved {
    pub inventory: Inventory,
    pub of_practices: Faults,
}

/// Resolves an inventory. What is wrong goes to the recorder, and then the result is of no use.
pub fn resolve(
    tree: &Tree,
    recorder: &Recorder,
    surroundings: &Surroundings<'_>,
    path: &Path,
) -> Option<Resolved> {
    let top: raw::Inventory = Reader::new(tree, recorder, &Zip::default(), Tree::ROOT).read()?;
    if let Field { at: Some(at), value: Some(version) } = top.version
        && version != 1
    {
        recorder.add(
            at,
            text!(en: "version {version} is not known", pt: "a versão {version} não é conhecida"),
            text!(en: "this tool reads `version: 1`", pt: "esta ferramenta lê `version: 1`"),
        );
    }
    let base = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = base.parent().unwrap_or(Path::new("/"));
    let files = Files { recorder, surroundings, base };
    let mut library = practices::library(&top.practices, &files, path);
    let resolver = Resolver { tree, recorder, files, library: &library, top: &top, hosts: Cell::new(0) };
    let mut clusters = resolver.clusters();
    let name = top.name.value.as_ref().map(|title| title.0.clone());
    let language = top.language.value.unwrap_or_default();
    let grading = settings::grading(&top.grading, &library, recorder);
    let class = Class { title: name.as_deref(), language, is_real: true };
    let everybody = settings::vars(&[top.level()]);
    practices::fill(&mut library, class, &surroundings.extent, &everybody, &mut clusters);
    checks::check(&clusters, recorder, surroundings.check_template);
    let clusters = clusters.into_iter().map(PlacedCluster::model).collect();
    let inventory = Inventory { path: path.to_owned(), name, language, grading, clusters };
    Some(Resolved { inventory, of_practices: library.faults() })
}

struct Resolver<'a> {
    tree: &'a Tree,
    recorder: &'a Recorder,
    files: Files<'a>,
    library: &'a Library,
    top: &'a raw::Inventory,
    /// How many hosts there are so far.
    hosts: Cell<usize>,
}

/// One member of a range, or the one thing that a plain name means.
struct Member {
    name: String,
    position: Option<Position>,
    /// The name is wrong and has been reported.
    wrong: bool,
}

impl Resolver<'_> {
    fn clusters(&self) -> Vec<PlacedCluster> {
        let mut clusters = Vec::new();
        if let Some(at) = self.top.hosts.at {
            let empty = raw::Cluster::default();
            let mut cluster = PlacedCluster {
                name: DEFAULT_CLUSTER.to_owned(),
                written: DEFAULT_CLUSTER.to_owned(),
                at,
                sound: true,
                hosts: Vec::new(),
            };
            self.hosts(&mut cluster, &empty, at, &Zip::default());
            clusters.push(cluster);
        }
        let entries = self.top.clusters.at.map(|at| self.map(at, "clusters")).unwrap_or_default();
        for (key, value) in entries {
            let written = self.tree.scalar(key).unwrap_or_default();
            for member in self.members(&written, key, Kind::Cluster) {
                let zip = Zip { blind: member.wrong, cluster: member.position, host: None };
                let read = Reader::new(self.tree, self.recorder, &zip, value).read::<raw::Cluster>();
                let sound = read.is_some();
                let raw = read.unwrap_or_default();
                let mut cluster = PlacedCluster {
                    name: member.name,
                    written: written.clone(),
                    at: key,
                    sound,
                    hosts: Vec::new(),
                };
                if let Some(at) = raw.hosts.at {
                    self.hosts(&mut cluster, &raw, at, &zip);
                }
                clusters.push(cluster);
            }
        }
        if clusters.is_empty() {
            self.recorder.add(
                Tree::ROOT,
                text!(en: "there are no hosts", pt: "não há máquinas"),
                text!(
                    en: "add `hosts:` with a line such as `web01: {{ address: 10.0.0.51, roles: [web] }}`",
                    pt: "acrescente `hosts:` com uma linha como `web01: {{ address: 10.0.0.51, roles: [web] }}`",
                ),
            );
        }
        clusters
    }

    fn hosts(&self, cluster: &mut PlacedCluster, raw: &raw::Cluster, at: NodeId, zip: &Zip) {
        // No host has settings of roles for itself.
        let roles = raw::roles(&[raw.role_level(), self.top.role_level()], &self.files);
        cluster.sound = matches!(self.tree.node(at), Node::Map(_) | Node::Null);
        for (key, value) in self.map(at, "hosts") {
            let written = self.tree.scalar(key).unwrap_or_default();
            for member in self.members(&written, key, Kind::Host) {
                self.hosts.set(self.hosts.get() + 1);
                if self.hosts.get() > HOST_LIMIT {
                    // Told once, not for each group that comes behind.
                    if self.hosts.get() == HOST_LIMIT + 1 {
                        self.recorder.add(
                            key,
                            text!(
                                en: "with `{written}` the inventory has more than {HOST_LIMIT} hosts",
                                pt: "com `{written}` o inventário passa de {HOST_LIMIT} máquinas", written = shown(&written)
                            ),
                            text!(
                                en: "is a range longer than it should be? Else divide the inventory into several files",
                                pt: "algum intervalo é maior do que devia? Senão, divida o inventário em vários arquivos",
                            ),
                        );
                    }
                    cluster.sound = false;
                    return;
                }
                let zip = Zip {
                    host: member.position,
                    cluster: zip.cluster.clone(),
                    blind: zip.blind || member.wrong,
                };
                let Some(host) = Reader::new(self.tree, self.recorder, &zip, value).read::<raw::Host>()
                else {
                    break;
                };
                let placed = self.host(&cluster.name, member.name, key, (raw, &roles), &host);
                cluster.hosts.push(placed);
            }
        }
        number(&mut cluster.hosts);
    }

    /// A host of a cluster, of which is known what it gives its hosts and what its roles are.
    fn host(
        &self,
        cluster: &str,
        name: String,
        key: NodeId,
        (raw, roles): (&raw::Cluster, &[PlacedRole]),
        host: &raw::Host,
    ) -> Placed {
        let levels = [
            Level { ssh: &host.ssh, r#become: &host.r#become, vars: &host.vars, packages: &host.packages },
            Level { ssh: &raw.ssh, r#become: &raw.r#become, vars: &raw.vars, packages: &raw.packages },
            self.top.level(),
        ];
        if host.address.at.is_none() {
            self.recorder.add(
                key,
                text!(
                    en: "host `{key}` has no address",
                    pt: "a máquina `{key}` não tem endereço", key = shown(&self.tree.scalar(key).unwrap_or_default())
                ),
                text!(
                    en: "add `address:`, the name or address that SSH connects to",
                    pt: "acrescente `address:`, o nome ou endereço onde o SSH se conecta",
                ),
            );
        }
        let address = host.address.value.clone().map(|address| address.0).unwrap_or_default();
        let private_address =
            host.private_address.value.clone().map_or_else(|| address.clone(), |address| address.0);
        let listed = host.roles.value.as_deref().unwrap_or_default();
        let is_listed =
            |name: &str| listed.iter().any(|role| role.value.as_ref().is_some_and(|role| role.0 == name));
        let mut roles: Vec<_> =
            roles.iter().filter(|placed| is_listed(placed.role.name())).cloned().collect();
        let practices = practices::listed(listed, self.library, self.recorder);
        let roles_sound = practices.is_some() && !host.roles.is_faulty();
        let practices = practices.unwrap_or_default().into_iter();
        roles.extend(practices.map(|name| practices::unfilled(name, &levels, self.recorder)));
        Placed {
            places: Places {
                key,
                address: host.address.at,
                private_address: host.private_address.at,
                roles: host.roles.at,
                roles_sound,
                settings: roles.iter().map(|placed| placed.places.clone()).collect(),
            },
            host: Host {
                id: HostId::new(cluster, &name),
                cluster: cluster.to_owned(),
                name,
                index: 0,
                private_address,
                roles: roles.into_iter().map(|placed| placed.role).collect(),
                connection: self.files.connection(&levels, address),
                r#become: self.files.r#become(&levels),
                vars: settings::vars(&levels),
                packages: settings::packages(&levels),
            },
        }
    }

    /// The entries of a map that has to be one, each key once.
    fn map(&self, at: NodeId, what: &str) -> Vec<(NodeId, NodeId)> {
        if !matches!(self.tree.node(at), Node::Map(_) | Node::Null) {
            let hint = text!(
                en: "write `name: {{ .. }}` for each, indented below `{what}:`",
                pt: "escreva `nome: {{ .. }}` para cada um, recuado sob `{what}:`",
            );
            self.recorder.add(
                at,
                text!(en: "`{what}` has to be a map of names", pt: "`{what}` tem de ser um mapa de nomes"),
                hint,
            );
        }
        let mut names = BTreeSet::new();
        // The same key twice is reported as such.
        let mut first = |key: &NodeId| self.tree.scalar(*key).is_some_and(|name| names.insert(name));
        self.tree.entries(at).iter().copied().filter(|(key, _)| first(key)).collect()
    }

    /// What a name stands for.
    fn members(&self, written: &str, at: NodeId, kind: Kind) -> Vec<Member> {
        let pattern = Pattern::parse(written);
        let ranges: Vec<&Range> = pattern.ranges().collect();
        let lengths = ranges.first().map_or(1, |range| range.length());
        let name = shown(written);
        let trouble = if ranges.len() > 1 {
            Some((
                text!(en: "`{name}` has two ranges", pt: "`{name}` tem dois intervalos"),
                text!(
                    en: "a name can have one range; write an entry for each",
                    pt: "um nome pode ter um intervalo; escreva uma entrada para cada",
                ),
            ))
        } else if lengths > HOST_LIMIT {
            let kinds = kind.many();
            Some((
                text!(
                    en: "`{name}` stands for {lengths} {kinds}",
                    pt: "`{name}` representa {lengths} {kinds}", kinds
                ),
                text!(
                    en: "choose a range of at most 10000 values",
                    pt: "escolha um intervalo de no máximo 10000 valores",
                ),
            ))
        } else if kind == Kind::Cluster && written == DEFAULT_CLUSTER {
            Some((
                text!(
                    en: "`{name}` is the name of the hosts at top level",
                    pt: "`{name}` é o nome das máquinas do topo",
                ),
                text!(en: "choose another name for this cluster", pt: "escolha outro nome para este cluster"),
            ))
        } else {
            let names = (0..lengths).map(|index| pattern.fill(|range| range.item(index)));
            names.into_iter().find_map(|one_name| wrong_name(&one_name)).map(|hint| {
                let one = kind.one();
                let message = text!(
                    en: "`{name}` can not be the name of a {one}",
                    pt: "`{name}` não pode ser o nome de {one}", one
                );
                (message, hint)
            })
        };
        if let Some((message, hint)) = trouble {
            self.recorder.add(at, message, hint);
            return vec![Member { name: written.to_owned(), position: None, wrong: true }];
        }
        (0..lengths)
            .map(|index| Member {
                name: pattern.fill(|range| range.item(index)),
                position: (!ranges.is_empty()).then(|| Position {
                    written: written.to_owned(),
                    length: lengths,
                    index,
                }),
                wrong: false,
            })
            .collect()
    }
}

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cluster,
    Host,
}

impl Kind {
    fn one(self) -> Text {
        match self {
            Self::Cluster => text!(en: "cluster", pt: "um cluster"),
            Self::Host => text!(en: "host", pt: "uma máquina"),
        }
    }

    fn many(self) -> Text {
        match self {
            Self::Cluster => text!(en: "clusters", pt: "clusters"),
            Self::Host => text!(en: "hosts", pt: "máquinas"),
        }
    }
}

/// Gives each host its number among those of its cluster that lead with the same role.
fn number(hosts: &mut [Placed]) {
    let mut counts: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for Placed { host, .. } in hosts {
        let leading = host.roles_in_order().next().map(|role| role.name().to_owned());
        let count = counts.entry(leading).or_default();
        *count += 1;
        host.index = *count;
    }
}
