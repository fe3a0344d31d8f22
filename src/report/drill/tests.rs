//! Results of drills made by hand.

use std::time::Duration;

use super::*;
use crate::model::{
    CheckStatus, Drill, DrillEnd, DrillMode, DrillOutcome, Failure, FailureKind, HostId, Marks, Measured,
    Sample, Text, Timeline,
};
use crate::report::TextOptions;

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn drill(cluster: &str, mode: DrillMode, webs: usize) -> Drill {
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
fn passed(cluster: &str, webs: usize) -> DrillOutcome {
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
        first_loss: Some("HTTP 503".into()),
        longest_gap: seconds(0.1),
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
            detail: "the others answered while it was out, and it came back".into(),
            hint: None,
        },
    }
}

fn refused() -> DrillOutcome {
    DrillOutcome {
        drill: drill("bia", DrillMode::Maintenance, 2),
        timeline: Timeline::default(),
        measured: None,
        end: DrillEnd::Judged {
            status: CheckStatus::Skip,
            detail: "nothing was stopped, since not all is well: web01 is DOWN (L4CON)".into(),
            hint: Some("see `http` and `service` of that web host".into()),
        },
    }
}

fn broken() -> DrillOutcome {
    let failure = Failure {
        kind: FailureKind::Lost,
        message: "the connection ended before the host was done\u{7}".into(),
        hint: Some("the host brings it back by itself, at the latest 60 s after it was taken out".into()),
    };
    DrillOutcome {
        drill: drill("caio", DrillMode::Stop, 2),
        end: DrillEnd::Broken {
            host: HostId::new("caio", "web02"),
            failure,
            log_tail: vec!["\u{1b}]0;x\u{7}a last word".to_owned()],
        },
        timeline: Timeline {
            marks: Marks { leaving: Some(seconds(3.0)), ..Marks::default() },
            ..Timeline::default()
        },
        ..refused()
    }
}

fn failed() -> DrillOutcome {
    let mut outcome = passed("davi", 2);
    outcome.drill.mode = DrillMode::Maintenance;
    if let Some(measured) = &mut outcome.measured {
        measured.lost = 0;
        measured.out_after = None;
        measured.back_after = None;
    }
    outcome.end = DrillEnd::Judged {
        status: CheckStatus::Fail,
        detail: "davi/web02 was not taken out of rotation; expected out of rotation within 2 s".into(),
        hint: Some("`provision plan -l davi/lb` shows what differs in haproxy.cfg".into()),
    };
    outcome
}

fn options(width: usize, unicode: bool) -> TextOptions {
    TextOptions {
        colour: false,
        unicode,
        width,
        verbose: 0,
        program: "provision".to_owned(),
        limit: None,
        log: None,
    }
}

#[test]
fn one_cluster_with_its_chart() {
    let text = drill_text(&[passed("ana", 3)], seconds(17.3), &options(80, true));
    insta::assert_snapshot!(text);
}

#[test]
fn a_wide_terminal_and_one_without_unicode() {
    let wide = drill_text(&[passed("ana", 3)], seconds(17.3), &options(200, true));
    let plain = drill_text(&[passed("ana", 3)], seconds(17.3), &options(80, false));
    assert!(plain.is_ascii(), "{plain}");
    insta::assert_snapshot!(format!("{wide}\n{plain}"));
}

#[test]
fn every_end_and_no_line_wider_than_the_terminal() {
    let outcomes = [passed("ana", 12), refused(), broken(), failed()];
    let text = drill_text(&outcomes, seconds(33.0), &options(80, true));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn many_clusters_have_a_line_each() {
    let outcomes: Vec<_> = (1..=30).map(|number| passed(&format!("team{number:02}"), 2)).collect();
    let text = drill_text(&outcomes, seconds(60.0), &options(80, true));
    assert!(text.lines().count() <= 62, "{text}");
    assert!(text.ends_with("30 of 30 drills passed, in 1 min 00 s.\n"), "{text}");
}

#[test]
fn the_document() {
    let mut outcome = passed("ana", 2);
    outcome.timeline.samples.drain(2..);
    outcome.timeline.samples[1].answer = Err("\u{1b}[31mHTTP 503".into());
    insta::assert_snapshot!(drill_document(&[outcome, refused(), broken()]));
}

#[test]
fn what_is_about_to_be_done() {
    let drills: Vec<_> =
        (1..=30).map(|number| drill(&format!("team{number:02}"), DrillMode::Stop, 2)).collect();
    let words = |drills: &[Drill]| drill_intention(drills, seconds(5.0), seconds(60.0));
    insta::assert_snapshot!(
        [words(&drills), words(&[drill("ana", DrillMode::Maintenance, 3)])].join("\n"),
        @r"
    apache2 will be stopped on team[01:30]/web02, for 5 s once HAProxy has noticed; after 60 s at the latest the host itself brings it back.
    HAProxy will stop using ana/web03, for 5 s once HAProxy has noticed; after 60 s at the latest the host itself brings it back.
    "
    );
}
