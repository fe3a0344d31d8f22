//! What a host costs that needs no change, and an inventory that is only read, as counts: no machine is slow enough to
//! change them. `most.yaml` is a ratchet: what costs 5 % more than it says fails here. Started by one of its tests this
//! program is the tool, which counts what it allocates.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

#[path = "../../benches/scale/class.rs"]
mod class;
#[path = "../../benches/scale/link.rs"]
mod link;
#[path = "../../benches/scale/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};
use std::time::Duration;

use class::Class;
use libtest_mimic::{Arguments, Failed, Trial};
use link::{Counts, Network};
use server::{Nature, Served};

const MOST: &str = include_str!("most.yaml");

/// Two clusters.
const HOSTS: usize = 6;

/// Hosts of an inventory that is only read.
const LARGE: usize = 1000;

/// One way. What the tool says at once must leave it within such a time to count as one flight.
const DELAY: Duration = Duration::from_millis(200);

/// Of a count, what is no change worth a word.
const MARGIN: f64 = 1.05;

/// Counts of one host, by their names.
type Costs = BTreeMap<String, f64>;

/// The variable that makes this program the tool; its value is the file that is told what was allocated.
const ALLOCATIONS: &str = "PROVISION_ALLOCATIONS";

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() -> ExitCode {
    if let Some(file) = std::env::var_os(ALLOCATIONS) {
        return count_allocations(&file);
    }
    let trials = vec![
        Trial::test("a_plan_without_changes", || assert_no_more("plan", &costs("plan"))),
        Trial::test("an_apply_without_changes", || assert_no_more("apply", &costs("apply"))),
        Trial::test("a_large_inventory", || assert_no_more("validate", &reading())),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn assert_no_more(work: &str, costs: &Costs) -> Result<(), Failed> {
    let most: BTreeMap<String, Costs> = serde_yaml::from_str(MOST).unwrap();
    let mut faults = Vec::new();
    for (name, cost) in costs {
        let bound =
            most[work].get(name).unwrap_or_else(|| panic!("{work}: {name} is {cost}, and has no bound"));
        if *cost > bound * MARGIN {
            faults.push(format!("{work}: {name} is {cost}, and was {bound}"));
        }
    }
    let advice = "look for what costs more. Where it is worth that, raise the bound in tests/counts/most.yaml, and say \
                  why in the message of that commit";
    if faults.is_empty() { Ok(()) } else { Err(format!("{}\n{advice}", faults.join("\n")).into()) }
}

/// Is the tool, and tells a file how often it allocated, and how much it held at most.
fn count_allocations(file: &OsStr) -> ExitCode {
    let _profiler = dhat::Profiler::builder().testing().build();
    let code = provision::run();
    let counts = dhat::HeapStats::get();
    fs::write(file, format!("{} {}", counts.total_blocks, counts.max_bytes)).unwrap();
    code
}

/// What it costs to read and check an inventory, and to work out what its hosts should have.
fn reading() -> Costs {
    let folder = tempfile::tempdir().unwrap();
    let class = Class::new(folder.path()).unwrap();
    class.write(LARGE, 22).unwrap();
    let told = folder.path().join("allocations");
    let mut command = class.command(std::env::current_exe().unwrap().to_str().unwrap());
    command.arg("validate").arg(&class.inventory).env(ALLOCATIONS, &told);
    finish(command);
    let told = fs::read_to_string(told).unwrap();
    let numbers = told.split(' ').map(|number| number.parse::<f64>().unwrap());
    let names = ["allocations", "bytes held"].map(str::to_owned);
    names.into_iter().zip(numbers).collect()
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
    finish(command);
    served.take_counts()
}

fn finish(mut command: Command) {
    let Output { status, stderr, .. } = command.stderr(Stdio::piped()).output().unwrap();
    assert!(status.success(), "{command:?}: {status}\n{}", String::from_utf8_lossy(&stderr));
}
