//! The document of a drill, for `-o json` and `--report FILE.json`. Its keys and their order are a contract.

use std::time::Duration;

use serde::Serialize;

use crate::model::{DrillEnd, DrillMode, DrillOutcome, Text, clean, clean_line};

const LINE: usize = 1_000;

#[derive(Serialize)]
pub struct Drills<'a> {
    drills: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    cluster: &'a str,
    balancer: &'a str,
    host: &'a str,
    mode: DrillMode,
    /// `pass`, `fail`, `skip` (not fit for a drill, nothing taken out), `failed` or `unreachable`.
    status: &'static str,
    detail: String,
    hint: Option<String>,
    measured: Option<Figures>,
    servers: Vec<Server<'a>>,
    marks: Moments,
    requests: Vec<Request<'a>>,
    error: Option<Fault<'a>>,
}

/// All times in seconds.
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
    host: &'a str,
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
    host: Option<&'a str>,
    error: Option<String>,
}

#[derive(Serialize)]
struct Fault<'a> {
    kind: &'static str,
    host: &'a str,
    message: String,
    hint: Option<String>,
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
        let lines = |hint: &Option<Text>| hint.as_ref().map(|hint| clean(hint.english()).into_owned());
        let (status, detail, hint, error) = match end {
            DrillEnd::Judged { status, detail, hint } => {
                (status.into_str(), clean_line(detail.english(), LINE), lines(hint), None)
            }
            DrillEnd::Broken { host, failure, .. } => {
                let message = clean_line(failure.message.english(), LINE);
                let status = if failure.kind.is_unreachable() { "unreachable" } else { "failed" };
                let fault = Fault {
                    kind: failure.kind.into_str(),
                    host: host.as_str(),
                    message: message.clone(),
                    hint: lines(&failure.hint),
                };
                (status, message, None, Some(fault))
            }
        };
        let counts = measured.as_ref();
        let servers = drill.servers.iter().enumerate();
        Self {
            cluster: &drill.cluster,
            balancer: drill.balancer.as_str(),
            host: drill.host.as_str(),
            mode: drill.mode,
            status,
            detail,
            hint,
            measured: counts.map(|measured| Figures {
                requests: measured.requests,
                lost: measured.lost,
                longest_gap: seconds(measured.longest_gap),
                out_after: measured.out_after.map(seconds),
                back_after: measured.back_after.map(seconds),
            }),
            servers: servers
                .map(|(place, server)| Server {
                    host: server.as_str(),
                    answers: of(counts.map(|measured| &measured.answers), place),
                    answers_while_out: of(counts.map(|measured| &measured.answers_while_out), place),
                })
                .collect(),
            marks: Moments {
                leaving: timeline.marks.leaving.map(seconds),
                left: timeline.marks.left.map(seconds),
                returning: timeline.marks.returning.map(seconds),
                returned: timeline.marks.returned.map(seconds),
            },
            requests: timeline
                .samples
                .iter()
                .map(|sample| Request {
                    at: seconds(sample.sent),
                    seconds: seconds(sample.took),
                    host: sample
                        .answer
                        .as_ref()
                        .ok()
                        .and_then(|server| Some(drill.servers.get(*server)?.as_str())),
                    error: sample.answer.as_ref().err().map(|words| clean_line(words.english(), LINE)),
                })
                .collect(),
            error,
        }
    }
}

/// Exact to the millisecond, which is more than can be measured through SSH.
fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}
