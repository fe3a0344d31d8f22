//! The document of a drill, for `-o json` and `--report FILE.json`. Its keys and their order are a contract.

use serde::Serialize;

use crate::model::{DrillEnd, DrillMode, DrillOutcome, Failure, FailureKind, HostId, Text};
use crate::report::words::milliseconds;

#[derive(Serialize)]
pub struct Drills<'a> {
    drills: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    cluster: &'a str,
    balancer: &'a HostId,
    host: &'a HostId,
    mode: DrillMode,
    status: &'static str,
    detail: &'a Text,
    hint: Option<&'a Text>,
    measured: Option<Figures>,
    servers: Vec<Server<'a>>,
    marks: Moments,
    requests: Vec<Request<'a>>,
    error: Option<Fault<'a>>,
}

#[derive(Serialize)]
struct Figures {
    requests: usize,
    lost: usize,
    longest_gap: f64,
    out_after: Option<f64>,
    back_after: Option<f64>,
}

#[derive(Serialize)]
struct Server<'a> {
    host: &'a HostId,
    answers: usize,
    answers_while_out: usize,
}

/// Seconds since the first request.
#[derive(Serialize)]
struct Moments {
    leaving: Option<f64>,
    left: Option<f64>,
    returning: Option<f64>,
    returned: Option<f64>,
}

#[derive(Serialize)]
struct Request<'a> {
    at: f64,
    seconds: f64,
    host: Option<&'a HostId>,
    error: Option<&'a Text>,
}

/// A failure, of the host that it happened on.
#[derive(Serialize)]
struct Fault<'a> {
    kind: FailureKind,
    host: &'a HostId,
    message: &'a Text,
    hint: &'a Option<Text>,
}

impl<'a> Drills<'a> {
    pub fn new(outcomes: &'a [DrillOutcome]) -> Self {
        Self { drills: outcomes.iter().map(Entry::new).collect() }
    }
}

impl<'a> Entry<'a> {
    fn new(outcome: &'a DrillOutcome) -> Self {
        let DrillOutcome { drill, timeline, measured, end } = outcome;
        let of = |answers: Option<&Vec<usize>>, place: usize| {
            answers.and_then(|answers| answers.get(place)).copied().unwrap_or_default()
        };
        let (status, detail, hint, error) = match end {
            DrillEnd::Judged { status, detail, hint } => (status.into_str(), detail, hint.as_ref(), None),
            DrillEnd::Broken { host, failure: Failure { kind, message, hint }, .. } => {
                let status = if kind.is_unreachable() { "unreachable" } else { "failed" };
                (status, message, None, Some(Fault { kind: *kind, host, message, hint }))
            }
        };
        let counts = measured.as_ref();
        let servers = drill.servers.iter().enumerate();
        Self {
            cluster: &drill.cluster,
            balancer: &drill.balancer,
            host: &drill.host,
            mode: drill.mode,
            status,
            detail,
            hint,
            measured: counts.map(|measured| Figures {
                requests: measured.requests,
                lost: measured.lost,
                longest_gap: milliseconds(measured.longest_gap),
                out_after: measured.out_after.map(milliseconds),
                back_after: measured.back_after.map(milliseconds),
            }),
            servers: servers
                .map(|(place, server)| Server {
                    host: server,
                    answers: of(counts.map(|measured| &measured.answers), place),
                    answers_while_out: of(counts.map(|measured| &measured.answers_while_out), place),
                })
                .collect(),
            marks: Moments {
                leaving: timeline.marks.leaving.map(milliseconds),
                left: timeline.marks.left.map(milliseconds),
                returning: timeline.marks.returning.map(milliseconds),
                returned: timeline.marks.returned.map(milliseconds),
            },
            requests: timeline
                .samples
                .iter()
                .map(|sample| Request {
                    at: milliseconds(sample.sent),
                    seconds: milliseconds(sample.took),
                    host: sample.answer.as_ref().ok().and_then(|server| drill.servers.get(*server)),
                    error: sample.answer.as_ref().err(),
                })
                .collect(),
            error,
        }
    }
}
