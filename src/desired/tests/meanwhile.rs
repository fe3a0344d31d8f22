//! What stands in files while a run is under way: requests go where they are answered, and nobody closes a used port.

use super::{Templates, cluster_of, content, place, set, wanted};
use crate::model::{
    Facts, Inventory, Meanwhile, PathFact, PathKind, Placement, ServiceFact, Situation, Unready,
};
use crate::roles::{self, Balancer, Web};

const BALANCER: &str = "/etc/haproxy/haproxy.cfg";
const PORTS: &str = "/etc/apache2/ports.conf";
const SITE: &str = "/etc/apache2/sites-available/000-default.conf";

/// A host on which a file differs from what is wanted.
fn facts(path: &str, content: &str) -> Facts {
    let fact =
        PathFact { kind: PathKind::File, content: Some(content.as_bytes().to_vec()), ..PathFact::default() };
    let service = ServiceFact { exists: true, active: true, ..ServiceFact::default() };
    Facts {
        paths: [(path.to_owned(), fact)].into(),
        services: [("apache2".to_owned(), service)].into(),
        ..Facts::default()
    }
}

/// A balancer whose web hosts serve on 80, and are to serve on 8081.
fn moving() -> (Inventory, String) {
    let mut inventory = cluster_of(&["10.0.0.51", "10.0.0.52", "[fd00::53]"]);
    let now = content(&wanted(&inventory, 0), BALANCER).to_owned();
    for position in 1..=3 {
        set(&mut inventory.clusters[0].hosts[position], |role: &mut Web| role.port = 8081);
    }
    (inventory, now)
}

/// The endpoints of a balancer's servers where some hosts are not ready.
fn servers(inventory: &Inventory, now: &str, unready: &[(usize, Unready)]) -> Vec<String> {
    let cluster = &inventory.clusters[0];
    let unready = unready.iter().map(|(position, why)| (cluster.hosts[*position].id.clone(), *why)).collect();
    let situation = Situation { unready, ..Situation::default() };
    let meanwhile = roles::meanwhile(cluster, &cluster.hosts[0], &facts(BALANCER, now), &situation);
    let place = Placement { meanwhile: &meanwhile, ..place(inventory, 0) };
    let resources = super::super::resources(&place, &Templates::load(inventory)).unwrap();
    let lines = content(&resources, BALANCER).lines().map(str::trim);
    let words = lines.filter(|line| line.starts_with("server ")).map(|line| line.split(' ').nth(2).unwrap());
    words.map(str::to_owned).collect()
}

#[test]
fn a_balancer_follows_those_that_are_ready() {
    use Unready::{Failed, Unknown};
    let (inventory, now) = moving();
    let all = ["10.0.0.51:8081", "10.0.0.52:8081", "[fd00::53]:8081"];
    assert_eq!(servers(&inventory, &now, &[]), all);
    for why in [Failed, Unknown] {
        let held = servers(&inventory, &now, &[(1, why), (3, why)]);
        assert_eq!(held, ["10.0.0.51:80", "10.0.0.52:8081", "[fd00::53]:80"]);
    }
    // One that it has never asked: of one that failed it is known that nobody should.
    let without: String =
        now.lines().filter(|line| !line.contains("10.0.0.52")).flat_map(|line| [line, "\n"]).collect();
    assert_eq!(servers(&inventory, &without, &[(2, Failed)]), [all[0], all[2]]);
    assert_eq!(servers(&inventory, &without, &[(2, Unknown)]), all);
}

#[test]
fn hosts_behind_one_address_are_told_apart_by_name() {
    let mut inventory = cluster_of(&["10.0.0.9", "10.0.0.9"]);
    for (position, port) in [(1, 8001), (2, 8002)] {
        set(&mut inventory.clusters[0].hosts[position], |role: &mut Web| role.port = port);
    }
    let now = content(&wanted(&inventory, 0), BALANCER).to_owned();
    set(&mut inventory.clusters[0].hosts[2], |role: &mut Web| role.port = 8003);
    assert_eq!(servers(&inventory, &now, &[(2, Unready::Failed)]), ["10.0.0.9:8001", "10.0.0.9:8002"]);
}

#[test]
fn a_port_that_is_in_use_stays_open() {
    let (mut inventory, _) = moving();
    let old = content(&wanted(&cluster_of(&["10.0.0.51"]), 1), PORTS).to_owned();
    let kept = |inventory: &Inventory, in_use| {
        let cluster = &inventory.clusters[0];
        let situation = Situation { in_use, ..Situation::default() };
        roles::meanwhile(cluster, &cluster.hosts[1], &facts(PORTS, &old), &situation).kept
    };
    assert_eq!((kept(&inventory, true), kept(&inventory, false)), (vec![80], Vec::new()));

    let meanwhile = Meanwhile { kept: vec![80], ..Meanwhile::default() };
    let place = Placement { meanwhile: &meanwhile, ..place(&inventory, 1) };
    let resources = super::super::resources(&place, &Templates::load(&inventory)).unwrap();
    assert!(content(&resources, PORTS).contains("\nListen 8081\nListen 80\n\n"));
    assert!(content(&resources, SITE).contains("\n<VirtualHost *:8081 *:80>\n"));
    let settled = content(&wanted(&inventory, 1), PORTS).to_owned();
    assert!(settled.contains("\nListen 8081\n\n<IfModule"), "{settled}");

    // Another role of the host takes it.
    let roles = inventory.clusters[0].hosts[0].roles.clone();
    inventory.clusters[0].hosts[1].roles.extend(roles);
    assert_eq!(kept(&inventory, true), Vec::<u16>::new());
    set(&mut inventory.clusters[0].hosts[1], |role: &mut Balancer| role.port = 8080);
    assert_eq!(kept(&inventory, true), [80]);
}
