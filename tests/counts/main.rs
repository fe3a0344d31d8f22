//! What a host costs that needs no change, as counts: no machine is slow enough to change them. `most.yaml` is a ratchet:
//! what costs 5 % more than it says fails here.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

#[path = "../../benches/scale/class.rs"]
mod class;
#[path = "../../benches/scale/link.rs"]
mod link;
#[path = "../../benches/scale/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use class::Class;
use link::{Counts, Network};
use server::{Nature, Served};

const MOST: &str = include_str!("most.yaml");

/// Two clusters.
const HOSTS: usize = 6;

/// One way. What the tool says at once must leave it within such a time to count as one flight.
const DELAY: Duration = Duration::from_millis(200);

/// Of a count, what is no change worth a word.
const MARGIN: f64 = 1.05;

/// Counts of one host, by their names.
type Costs = BTreeMap<String, f64>;

#[test]
fn a_host_without_changes_costs_no_more_than_before() {
    let most: BTreeMap<String, Costs> = serde_yaml::from_str(MOST).unwrap();
    let mut faults = Vec::new();
    for (verb, most) in &most {
        let costs = costs(verb);
        for (name, cost) in &costs {
            let bound =
                most.get(name).unwrap_or_else(|| panic!("{verb}: {name} is {cost}, and has no bound"));
            if *cost > bound * MARGIN {
                faults.push(format!("{verb}: {name} is {cost}, and was {bound}"));
            }
        }
    }
    let advice = "look for what costs more. Where it is worth that, raise the bound in tests/counts/most.yaml, and say \
                  why in the message of that commit";
    assert!(faults.is_empty(), "{}\n{advice}", faults.join("\n"));
}

/// What a host costs when a verb is run, at its second time: at the first one its key is learnt.
fn costs(verb: &str) -> Costs {
    let folder = tempfile::tempdir().unwrap();
    let class = Class::new(folder.path()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let network = Network { delay: DELAY, loses_each: 0 };
    let nature = Nature { hosts: HOSTS, network, silent: 0, work: Duration::ZERO };
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/hosts");
    let served = runtime.block_on(server::serve(nature, &recordings, &class.key)).unwrap();
    class.write(HOSTS, served.port).unwrap();
    run(&class, &served, verb);
    let counts = run(&class, &served, verb);

    let hosts = f64::from(u32::try_from(HOSTS).unwrap());
    let sum = |of: fn(&Counts) -> u64| counts.iter().map(of).sum::<u64>();
    let per_host = |sum: u64| f64::from(u32::try_from(sum).unwrap()) / hosts;
    // Whoever was kept waiting by this machine has more of them, nobody has fewer.
    let round_trips = counts.iter().map(Counts::round_trips).min().unwrap();
    let costs = [
        ("connections", per_host(counts.len() as u64)),
        ("executions", per_host(sum(|counts| counts.executions))),
        ("streams", per_host(sum(|counts| counts.streams))),
        ("round trips", per_host(round_trips) * hosts),
        ("bytes up", per_host(sum(|counts| counts.bytes_up))),
        ("bytes down", per_host(sum(|counts| counts.bytes_down))),
    ];
    costs.map(|(name, cost)| (name.to_owned(), cost)).into()
}

/// Runs a verb that finds nothing to do, and counts.
fn run(class: &Class, served: &Served, verb: &str) -> Vec<Counts> {
    served.take_counts();
    let mut command = class.command(env!("CARGO_BIN_EXE_provision"));
    command.args(verb.split(' ')).arg(&class.inventory);
    let Output { status, stderr, .. } = command.stderr(Stdio::piped()).output().unwrap();
    assert!(status.success(), "{verb}: {status}\n{}", String::from_utf8_lossy(&stderr));
    served.take_counts()
}
