//! Results of drills.

use super::seconds;
use crate::model::{
    CheckStatus, Drill, DrillEnd, DrillMode, DrillOutcome, Failure, FailureKind, HostId, Marks, Measured,
    Sample, Text, Timeline,
};

/// The last of some web hosts is taken out.
pub fn drill(cluster: &str, mode: DrillMode, webs: usize) -> Drill {
    let host = |number: usize| HostId::new(cluster, &format!("web{number:02}"));
    Drill {
        cluster: cluster.to_owned(),
        balancer: HostId::new(cluster, "lb"),
        host: host(webs),
        servers: (1..=webs).map(host).collect(),
        mode,
    }
}

/// 20 requests a second for 15 s; the last server is out from 3 s to 9 s, and some requests are lost at first.
pub fn passed(cluster: &str, webs: usize) -> DrillOutcome {
    let samples = (0_u32..300).map(|number| {
        let at = f64::from(number) / 20.0;
        let turn = number as usize % webs;
        let answer = match turn {
            turn if turn + 1 < webs => Ok(turn),
            _ if (3.0..4.0).contains(&at) => Err("\u{1b}[31mHTTP 503".to_owned()),
            _ if (4.0..10.0).contains(&at) => Ok(number as usize % (webs - 1)),
            turn => Ok(turn),
        };
        Sample { sent: seconds(at), took: seconds(0.004), answer: answer.map_err(Text::verbatim) }
    });
    let marks = Marks {
        leaving: Some(seconds(3.0)),
        left: Some(seconds(3.1)),
        returning: Some(seconds(9.0)),
        returned: Some(seconds(9.2)),
    };
    let samples: Vec<_> = samples.collect();
    let measured = Measured {
        requests: 300,
        lost: samples.iter().filter(|sample| sample.answer.is_err()).count(),
        first_loss: Some(Text::verbatim("HTTP 503")),
        longest_gap: seconds(0.1),
        outage: Some(seconds(6.0)),
        out_after: Some(seconds(2.04)),
        back_after: Some(seconds(0.96)),
        answers: vec![300 / webs; webs],
        answers_while_out: vec![40; webs],
        lost_while_out: 0,
    };
    DrillOutcome {
        drill: drill(cluster, DrillMode::Stop, webs),
        timeline: Timeline { samples, rotation: Vec::new(), marks },
        measured: Some(measured),
        end: DrillEnd::Judged {
            status: CheckStatus::Pass,
            detail: Text::verbatim("the others answered while it was out, and it came back"),
            hint: None,
        },
    }
}

/// A cluster that was not well before.
pub fn refused() -> DrillOutcome {
    DrillOutcome {
        drill: drill("bia", DrillMode::Maintenance, 2),
        timeline: Timeline::default(),
        measured: None,
        end: DrillEnd::Judged {
            status: CheckStatus::Skip,
            detail: Text::verbatim("nothing was stopped, since not all is well: web01 is DOWN (L4CON)"),
            hint: Some(Text::verbatim("see `http` and `service` of that web host")),
        },
    }
}

/// A drill whose connection was lost.
pub fn broken() -> DrillOutcome {
    let failure = Failure {
        kind: FailureKind::Lost,
        message: Text::verbatim("the connection ended before the host was done\u{7}"),
        hint: Some(Text::verbatim(
            "the host brings it back by itself, at the latest 60 s after it was taken out",
        )),
    };
    DrillOutcome {
        drill: drill("caio", DrillMode::Stop, 2),
        end: DrillEnd::Broken {
            host: HostId::new("caio", "web02"),
            failure,
            log_tail: vec![Text::verbatim("\u{1b}]0;x\u{7}a last word")],
        },
        timeline: Timeline {
            marks: Marks { leaving: Some(seconds(3.0)), ..Marks::default() },
            ..Timeline::default()
        },
        ..refused()
    }
}

/// A web host that stayed in rotation.
pub fn failed() -> DrillOutcome {
    let mut outcome = passed("davi", 2);
    outcome.drill.mode = DrillMode::Maintenance;
    if let Some(measured) = &mut outcome.measured {
        measured.lost = 0;
        measured.out_after = None;
        measured.back_after = None;
    }
    outcome.end = DrillEnd::Judged {
        status: CheckStatus::Fail,
        detail: Text::verbatim(
            "davi/web02 was not taken out of rotation; expected out of rotation within 2 s",
        ),
        hint: Some(Text::verbatim("`provision plan -l davi/lb` shows what differs in haproxy.cfg")),
    };
    outcome
}
