//! `plan`.

use insta::assert_snapshot;

use crate::class::Class;
use crate::hosts::{flooding, lost, recorded, unreachable};
use crate::trials;

trials![
    bare_hosts,
    converged_hosts,
    drifted_hosts,
    two_teams_of_the_same_recordings,
    nobody_is_reached,
    eighty_columns,
    a_host_is_lost_while_it_is_looked_at,
    a_flood_is_no_answer,
];

pub const TWO_HOSTS: &str = "
name: Distributed Systems
hosts:
  lb:  {address: 192.0.2.10, roles: [balancer]}
  web: {address: 192.0.2.11, roles: [web]}
";

/// The hosts of the recordings; files of theirs name these addresses.
pub const CLASS: &str = "
name: Practice
web: {template: page.html.tera}
hosts:
  lb:         {address: 192.0.2.10, roles: [balancer]}
  web[01:02]: {address: '192.0.2.[11:12]', roles: [web, socket]}
";

/// All hosts of [`CLASS`] in one state.
pub fn all(state: &str) -> Class {
    Class::new(CLASS)
        .host("lb", recorded(&format!("lb/{state}")))
        .host("web*", recorded(&format!("web/{state}")))
}

fn bare_hosts() {
    assert_snapshot!(all("bare").run("plan class.yaml"));
}

fn converged_hosts() {
    assert_snapshot!(all("converged").run("plan class.yaml"));
}

fn drifted_hosts() {
    assert_snapshot!(all("drifted").run("plan class.yaml -v --detailed-exitcode"));
}

/// A recording is of a state, not of a host: names, addresses and contents are those of the class.
fn two_teams_of_the_same_recordings() {
    let class = Class::new(
        "
name: Distributed Systems
clusters:
  team[01:02]:
    hosts:
      lb: {address: '10.1.[1:2].10', roles: [balancer]}
      web[1:2]: {address: '10.1.[1:2].1[1:2]', roles: [web, socket], vars: {title: 'Team'}}
",
    )
    .host("*/lb", recorded("lb/converged"))
    .host("team02/web2", recorded("web/bare"))
    .host("*", recorded("web/converged"));
    assert_snapshot!(class.run("plan class.yaml"));
}

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
