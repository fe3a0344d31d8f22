//! What the probes ask and how their answers are judged.
//!
//! Owns: expectations built from the model, the meaning of answers, the words of a verdict. All of it is pure: the
//! runner asks over SSH and hands the answers in. Does not own: connections, limits of time, retries.

mod answer;
pub mod balance;
mod between;
mod cause;
pub mod drill;
mod expectation;
pub mod http;
mod page;
pub mod practice;
pub mod service;
mod site;
pub mod socket;
mod spread;
pub mod ssh;
pub mod stats;
mod target;
mod verdict;

use crate::model::{CheckKind, Probe};

pub use answer::{Answer, Reply};
pub use balance::OwnPage;
pub use cause::{Cause, Causes, Setback};
pub use expectation::{BalancerExpectation, HostExpectation};
pub use page::KnownPages;
pub use practice::PracticeExpectation;
pub use site::Site;
pub use socket::{SocketFindings, SocketReport};
pub use stats::HaproxyState;
pub use target::{Ground, Target};
pub use verdict::Verdict;

/// All probes, in the order they are shown.
pub const PROBES: [Probe; 6] =
    [ssh::PROBE, service::PROBE, http::PROBE, balance::PROBE, stats::PROBE, socket::PROBE];

/// What tells a kind of probe from others.
pub fn probe(kind: CheckKind) -> Option<Probe> {
    PROBES.into_iter().find(|probe| probe.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_stands_behind_those_that_it_needs() {
        for probe in PROBES {
            let needs = probe.needs.iter().chain(probe.needs_of_others);
            assert!(needs.clone().all(|need| *need < probe.kind), "{:?} needs {:?}", probe.kind, needs);
        }
        assert!(PROBES.is_sorted_by_key(|probe| probe.kind));
    }
}
