//! What is drafted, written and read is what was drafted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::draft::{Become, Cluster, Draft, Host, Settings, Ssh, write};
use crate::inventory::{self, Extent, Surroundings};
use crate::model::connection::DEFAULT_CONNECT_TIMEOUT;
use crate::model::{
    BecomeMethod, Connection, HostKeyPolicy, Inventory, Jump, PackageSource, SecretSource, Text,
    TransportChoice, Value,
};

const HOSTILE: [&str; 26] = [
    "",
    " ",
    "no",
    "Yes",
    "~",
    "null",
    "1e3",
    "007",
    "0x1f",
    "12:30",
    "2026-03-01",
    "a: b",
    "a #b",
    "# a",
    "[1:3]",
    "a [1:2] b",
    "[a:c]",
    "{{ x }}",
    "- a",
    "!vault x",
    "&a",
    "a\nb\n",
    "\u{feff}🐧",
    "\u{85}\u{2028}\0",
    "'\"\\",
    "|",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![select(&HOSTILE[..]).prop_map(str::to_owned), "[a-z0-9\\[\\]: ]{0,9}", any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from)
    ];
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let key = text().prop_filter("a merge is refused", |key| key != "<<");
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(key, inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let key = "[a-z]{1,8}|no|[0-9]{1,3}|a b";
    let identity = of(select(&["id_ed25519", "~/.ssh/a b.pem", "/keys/[1:3]", "no", "k: #"][..]));
    let password = || of(select(&["prompt", "env:SENHA", "file:a: b #[1:2]"][..]).prop_map(str::to_owned));
    let ssh = (
        of(select(&["ubuntu", "no", "1e3", "josé", "*x"][..]).prop_map(str::to_owned)),
        of(1_u16..),
        identity.prop_map(|path| path.map(str::to_owned)),
        of(Just("ana@bastion:2222".to_owned())),
        of(select(&[HostKeyPolicy::AcceptNew, HostKeyPolicy::Strict][..])),
        of((1_u64..600).prop_map(Duration::from_secs)),
        password(),
    );
    let r#become = (of(select(&[BecomeMethod::Sudo, BecomeMethod::None][..])), password());
    let via = of(select(&[PackageSource::Auto, PackageSource::Host, PackageSource::Laptop][..]));
    (ssh, r#become, via, btree_map(key, value(), 0..3)).prop_map(|(ssh, r#become, packages_via, vars)| {
        let (user, port, identity, jump, host_keys, connect_timeout, password) = ssh;
        let (method, secret) = r#become;
        Settings {
            ssh: Ssh { user, port, identity, jump, host_keys, connect_timeout, password },
            r#become: Become { method, password: secret },
            packages_via,
            vars,
        }
    })
}

/// How the values of a class come from the numbers of a cluster and a host.
#[derive(Debug, Clone)]
struct Law {
    first: usize,
    clusters: usize,
    hosts: usize,
    name: usize,
    address: usize,
    port: usize,
    title: usize,
    text: String,
    comment: String,
    /// A cluster and a host that have something of their own.
    odd: (usize, usize),
    own: Settings,
    of_cluster: Settings,
    all: Settings,
}

impl Law {
    fn draft(&self) -> Draft {
        let named = |cluster: usize| (self.clusters > 1).then(|| self.name(cluster));
        let clusters = (0..self.clusters).map(|cluster| Cluster {
            name: named(cluster).map(|name| format!("c{name}")),
            comment: (cluster == self.odd.0).then(|| Text::verbatim(&self.comment)),
            settings: if self.title == 0 || cluster == self.odd.0 {
                self.of_cluster.clone()
            } else {
                self.titled(cluster, 0)
            },
            hosts: (0..self.hosts).map(|host| self.host(cluster, host)).collect(),
        });
        Draft {
            head: vec![Text::verbatim(&self.comment)],
            name: Some(self.comment.chars().filter(|sign| !sign.is_control()).take(50).collect()),
            language: None,
            settings: self.all.clone(),
            clusters: clusters.collect(),
        }
    }

    fn name(&self, number: usize) -> String {
        let letter = char::from(b'a' + u8::try_from(number).unwrap());
        let number = number + self.first;
        match self.name {
            0 => format!("{number:02}"),
            1 => format!("web{number}"),
            2 => format!("web-{letter}"),
            3 => format!("{}", number * 2),
            _ => format!("x{}", number * number),
        }
    }

    fn titled(&self, cluster: usize, host: usize) -> Settings {
        let title = match self.title {
            1 => format!("Equipe {cluster}: {}", self.text),
            2 => format!("{host} de {cluster}"),
            3 => format!("[{cluster}:{host}]"),
            _ => self.text.clone(),
        };
        Settings { vars: BTreeMap::from([("title".to_owned(), Value::from(title))]), ..Settings::default() }
    }

    fn host(&self, cluster: usize, host: usize) -> Host {
        let (first, last) = (cluster + self.first, host + self.first);
        let address = match self.address {
            0 => format!("10.0.{first}.{last}"),
            1 => format!("10.{last}.{first}.1"),
            2 => format!("10.0.0.{}", first * 10 + last),
            3 => format!("c{first:02}-h{last}.example.org"),
            4 => format!("fd00:{first}::{last}"),
            5 => format!("10.0.{first}.{}", last * 3),
            _ => format!("10.0.{}.{}", first * first, last * last),
        };
        let is_odd = self.odd == (cluster, host);
        let mut settings = if is_odd { self.own.clone() } else { self.titled(cluster, host) };
        settings.ssh.port = match self.port {
            0 => settings.ssh.port,
            1 => u16::try_from(2200 + last).ok(),
            2 => u16::try_from(2200 + first).ok(),
            _ => u16::try_from(2000 + 10 * first + last).ok(),
        };
        Host {
            name: self.name(host),
            comment: (host == self.odd.1).then(|| Text::verbatim(&self.comment)),
            private_address: (self.port == 1).then(|| format!("172.16.{first}.{last}")),
            address,
            roles: if is_odd { vec![] } else { vec!["web".to_owned(), "socket".to_owned()] },
            settings,
        }
    }
}

fn law() -> impl Strategy<Value = Law> {
    let shape = (0_usize..12, 1_usize..6, 1_usize..6, 0_usize..5, 0_usize..7, 0_usize..4, 0_usize..5);
    (shape, text(), text(), (0_usize..9, 0_usize..9), settings(), settings(), settings()).prop_map(
        |((first, clusters, hosts, name, address, port, title), text, comment, odd, own, of_cluster, all)| {
            Law {
                first,
                clusters,
                hosts,
                name,
                address,
                port,
                title,
                text,
                comment,
                odd,
                own,
                of_cluster,
                all,
            }
        },
    )
}

fn read(text: &str) -> Inventory {
    let surroundings = Surroundings {
        home: Some("/home/ana".into()),
        is_file: &|_| true,
        check_template: &|_, _, _| Ok(()),
        extent: Extent::Used,
    };
    inventory::parse(text, Path::new("/class/inventory.yaml"), &surroundings)
        .unwrap_or_else(|faults| panic!("{faults:?}\n{text}"))
}

/// Where a path of an inventory leads.
fn path(text: &str) -> PathBuf {
    text.strip_prefix("~/")
        .map_or_else(|| Path::new("/class").join(text), |rest| Path::new("/home/ana").join(rest))
}

fn secret(text: &str) -> SecretSource {
    match text.split_once(':') {
        Some(("env", name)) => SecretSource::Environment(name.to_owned()),
        Some((_, file)) => SecretSource::File(path(file)),
        None => SecretSource::Prompt,
    }
}

/// The nearest level that has a value.
fn nearest<T: Clone>(levels: &[&Settings; 3], of: impl Fn(&Settings) -> &Option<T>) -> Option<T> {
    levels.iter().find_map(|level| of(level).clone())
}

fn assert_read_as(draft: &Draft, inventory: &Inventory) {
    assert_eq!(inventory.name, draft.name);
    let read: Vec<_> =
        inventory.clusters.iter().map(|cluster| (cluster.name.as_str(), cluster.hosts.len())).collect();
    let drafted: Vec<_> = draft
        .clusters
        .iter()
        .map(|cluster| (cluster.name.as_deref().unwrap_or("default"), cluster.hosts.len()))
        .collect();
    assert_eq!(read, drafted);
    let drafted =
        draft.clusters.iter().flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host)));
    for (read, (cluster, host)) in inventory.hosts().zip(drafted) {
        let levels = [&host.settings, &cluster.settings, &draft.settings];
        let connection = Connection {
            user: nearest(&levels, |level| &level.ssh.user),
            port: nearest(&levels, |level| &level.ssh.port),
            identity: nearest(&levels, |level| &level.ssh.identity).map(|text| path(&text)),
            jump: nearest(&levels, |level| &level.ssh.jump).map(|_| Jump {
                user: Some("ana".to_owned()),
                host: "bastion".to_owned(),
                port: Some(2222),
            }),
            transport: TransportChoice::default(),
            host_keys: nearest(&levels, |level| &level.ssh.host_keys),
            connect_timeout: nearest(&levels, |level| &level.ssh.connect_timeout)
                .unwrap_or(DEFAULT_CONNECT_TIMEOUT),
            password: nearest(&levels, |level| &level.ssh.password).map(|text| secret(&text)),
            ..Connection::to(&host.address)
        };
        let mut vars = BTreeMap::new();
        levels.iter().rev().for_each(|level| vars.extend(level.vars.clone()));
        assert_eq!(read.name, host.name);
        assert_eq!(read.connection, connection);
        assert_eq!(read.private_address, *host.private_address.as_ref().unwrap_or(&host.address));
        assert_eq!(read.role_names(), host.roles);
        assert_eq!(read.vars, vars);
        assert_eq!(read.packages.via, nearest(&levels, |level| &level.packages_via).unwrap_or_default());
        assert_eq!(
            read.r#become.method,
            nearest(&levels, |level| &level.r#become.method).unwrap_or_default()
        );
        let password = nearest(&levels, |level| &level.r#become.password).map(|text| secret(&text));
        assert_eq!(read.r#become.password, password);
    }
}

proptest! {
    // A failing case is printed; nothing is written into the repository.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_it_was_drafted(law in law()) {
        let draft = law.draft();
        assert_read_as(&draft, &read(&write(&draft)));
    }
}
