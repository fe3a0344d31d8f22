//! The document of a drill, for `-o json` and `--report FILE.json`. Its keys and their order are a contract.

use serde_json::{Value, json};

use crate::model::{DrillEnd, DrillOutcome, Failure, Measured};
use crate::report::words::milliseconds;

pub fn drill_document(outcome: &DrillOutcome) -> Value {
    let DrillOutcome { drill, timeline, measured, end } = outcome;
    let (status, detail, hint, error) = match end {
        DrillEnd::Judged { status, detail, hint } => (status.into_str(), detail, hint.as_ref(), None),
        DrillEnd::Broken { host, failure: Failure { kind, message, hint }, .. } => {
            let status = if kind.is_unreachable() { "unreachable" } else { "failed" };
            let error = json!({ "kind": kind, "host": host, "message": message, "hint": hint });
            (status, message, None, Some(error))
        }
    };
    let answers = |count: fn(&Measured) -> &Vec<usize>, place: usize| {
        measured.as_ref().and_then(|measured| count(measured).get(place)).copied().unwrap_or_default()
    };
    let server = |(place, host)| {
        json!({
            "host": host,
            "answers": answers(|measured| &measured.answers, place),
            "answers_while_out": answers(|measured| &measured.answers_while_out, place),
        })
    };
    let requests = timeline.samples.iter().map(|sample| {
        json!({
            "at": milliseconds(sample.sent),
            "seconds": milliseconds(sample.took),
            "host": sample.answer.as_ref().ok().and_then(|server| drill.servers.get(*server)),
            "error": sample.answer.as_ref().err(),
        })
    });
    json!({
        "cluster": drill.cluster,
        "balancer": drill.balancer,
        "host": drill.host,
        "mode": drill.mode,
        "status": status,
        "detail": detail,
        "hint": hint,
        "measured": measured.as_ref().map(figures),
        "servers": drill.servers.iter().enumerate().map(server).collect::<Vec<_>>(),
        "marks": {
            "leaving": timeline.marks.leaving.map(milliseconds),
            "left": timeline.marks.left.map(milliseconds),
            "returning": timeline.marks.returning.map(milliseconds),
            "returned": timeline.marks.returned.map(milliseconds),
        },
        "requests": requests.collect::<Vec<_>>(),
        "error": error,
    })
}

fn figures(measured: &Measured) -> Value {
    json!({
        "requests": measured.requests,
        "lost": measured.lost,
        "longest_gap": milliseconds(measured.longest_gap),
        "out_after": measured.out_after.map(milliseconds),
        "back_after": measured.back_after.map(milliseconds),
    })
}
