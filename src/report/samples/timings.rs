//! Where the time of an apply went: a host that was slow with its package, and a balancer that waited for it.

use std::time::Duration;

use super::{applied, host_id};
use crate::model::{CheckKind, HostTiming, Phase, ResourceId, RunOutcome, Span};

/// The apply without troubles, with its timings.
pub fn timed() -> RunOutcome {
    let change = |resource: &str| Phase::Change(ResourceId::new(resource));
    let web = |name: &str, late: u64, installed: u64| {
        let end = installed + 600;
        timing(
            name,
            &[
                (Phase::Connect, late, late + 80),
                (Phase::Login, late + 80, late + 180),
                (Phase::Look, late + 180, late + 300),
                (Phase::Plan, late + 300, late + 301),
                (change("package:apache2"), late + 310, installed),
                (change("file:/var/www/html/index.html"), installed, installed + 40),
                (change("service:apache2"), installed + 40, end),
                (Phase::Probe(CheckKind::SSH), 39_200, 39_201),
                (Phase::Probe(CheckKind::HTTP), 39_200, 39_260),
            ],
        )
    };
    let lb = timing(
        "lb01",
        &[
            (Phase::Connect, 10, 100),
            (Phase::Login, 100, 220),
            (Phase::Look, 220, 330),
            (Phase::Plan, 330, 331),
            (change("package:haproxy"), 340, 9_000),
            (Phase::Wait, 9_000, 38_000),
            (change("file:/etc/haproxy/haproxy.cfg"), 38_000, 38_100),
            (change("service:haproxy"), 38_100, 39_150),
            (Phase::Probe(CheckKind::SSH), 39_200, 39_201),
            (Phase::Probe(CheckKind::BALANCE), 39_200, 41_300),
        ],
    );
    let timings = vec![lb, web("web01", 10, 11_000), web("web02", 10, 12_000), web("web03", 3_000, 37_400)];
    RunOutcome { timings, ..applied() }
}

fn timing(name: &str, spans: &[(Phase, u64, u64)]) -> HostTiming {
    let span = |(phase, from, to): &(Phase, u64, u64)| Span {
        phase: phase.clone(),
        from: Duration::from_millis(*from),
        to: Duration::from_millis(*to),
    };
    HostTiming { host: host_id(name), spans: spans.iter().map(span).collect() }
}
