//! `plan`.

use insta::assert_snapshot;

use crate::class::Class;
use crate::hosts::{flooding, lost, unreachable};
use crate::trials;

trials![nobody_is_reached, eighty_columns, a_host_is_lost_while_it_is_looked_at, a_flood_is_no_answer];

pub const TWO_HOSTS: &str = "
name: Distributed Systems
hosts:
  lb:  {address: 192.0.2.10, roles: [balancer]}
  web: {address: 192.0.2.11, roles: [web]}
";

fn nobody_is_reached() {
    let class =
        Class::new(TWO_HOSTS).host("lb", unreachable("refused")).host("web", unreachable("timed-out"));
    assert_snapshot!(class.run("plan class.yaml"));
}

fn eighty_columns() {
    let class =
        Class::new(TWO_HOSTS).host("*", unreachable("timed-out")).columns(80).env("PROVISION_QUIET", "true");
    assert_snapshot!(class.run("plan class.yaml"));
}

fn a_host_is_lost_while_it_is_looked_at() {
    assert_snapshot!(Class::new(TWO_HOSTS).host("*", lost()).run("plan class.yaml"));
}

fn a_flood_is_no_answer() {
    assert_snapshot!(Class::new(TWO_HOSTS).host("*", flooding()).run("plan class.yaml --limit lb"));
}
