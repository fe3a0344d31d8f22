//! Timelines made by hand, with a request every 100 ms, taken in turns by three servers.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::model::{HostId, Text};
use crate::probes::Reply;
use crate::probes::Site;
use crate::probes::expectation::ServerExpectation;

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn hosts() -> Vec<HostId> {
    ["web01", "web02", "web03"].map(|name| HostId::new("ana", name)).into()
}

fn the_drill(mode: DrillMode) -> Drill {
    Drill {
        cluster: "ana".to_owned(),
        balancer: HostId::new("ana", "lb"),
        host: HostId::new("ana", "web03"),
        servers: hosts(),
        mode,
    }
}

fn balancer(own_template: bool) -> BalancerExpectation {
    let servers = hosts().into_iter().map(|host| ServerExpectation {
        name: host.as_str().replace("ana/", ""),
        host,
        address: "10.0.0.1".to_owned(),
        port: 80,
    });
    BalancerExpectation {
        site: Site::inside(80),
        stats: Site::inside(8404),
        service: "haproxy".to_owned(),
        algorithm: "roundrobin".to_owned(),
        servers: servers.collect(),
        own_template,
        names: BTreeMap::new(),
        is_intact: None,
        started_otherwise: None,
    }
}

/// A drill of 20 s, by default: out at 3 s, noticed at 5 s, back at 10 s, in use again at 11.5 s.
struct Story {
    noticed: Option<f64>,
    used_again: Option<f64>,
    /// What the victim's turns come to between stop and notice.
    unnoticed: Result<usize, &'static str>,
    /// What all requests come to while it is out.
    others: Result<usize, &'static str>,
}

impl Default for Story {
    fn default() -> Self {
        Self { noticed: Some(5.0), used_again: Some(11.5), unnoticed: Ok(0), others: Ok(0) }
    }
}

impl Story {
    fn timeline(&self) -> Timeline {
        let noticed = self.noticed.unwrap_or(f64::MAX);
        let used_again = self.used_again.unwrap_or(f64::MAX);
        let samples = (0_u32..200).map(|number| {
            let at = f64::from(number) / 10.0;
            let turn = number as usize % 3;
            let is_out = at >= noticed && at < used_again;
            let answer = match turn {
                _ if is_out && at < 10.0 && self.others.is_err() => self.others,
                2 if (3.0..noticed).contains(&at) && at < 10.0 => self.unnoticed,
                2 if is_out => Ok(usize::from(number % 2 == 0)),
                turn => Ok(turn),
            };
            Sample { sent: seconds(at), took: seconds(0.01), answer: answer.map_err(Text::verbatim) }
        });
        let mut rotation = vec![(seconds(0.0), true)];
        rotation.extend(self.noticed.map(|at| (seconds(at), false)));
        rotation.extend(self.used_again.filter(|_| self.noticed.is_some()).map(|at| (seconds(at), true)));
        let marks = Marks {
            leaving: Some(seconds(3.0)),
            left: Some(seconds(3.2)),
            returning: Some(seconds(9.8)),
            returned: Some(seconds(10.0)),
        };
        Timeline { samples: samples.collect(), rotation, marks }
    }

    fn figures(&self) -> Measured {
        measure(&the_drill(DrillMode::Stop), &self.timeline())
    }

    fn verdict(&self, mode: DrillMode, own_template: bool) -> String {
        let drill = the_drill(mode);
        let measured = measure(&drill, &self.timeline());
        let target = Target::new(&drill.balancer, Path::new("class.yaml"));
        let verdict = judge(&drill, &target, &balancer(own_template), &measured, seconds(20.0));
        verdict.sample("")
    }
}

#[test]
fn a_failover_as_it_should_be() {
    let figures = Story::default().figures();
    assert_eq!((figures.requests, figures.lost), (200, 0));
    assert_eq!(figures.out_after, Some(seconds(2.0)));
    // HAProxy has it back at 11.5 s, and its next turn is answered at 11.61 s.
    assert_eq!(figures.back_after, Some(seconds(1.61)));
    assert_eq!(figures.answers.iter().sum::<usize>(), 200);
    assert_eq!((figures.answers_while_out.len(), figures.answers_while_out[2]), (3, 0));
    assert_eq!(figures.longest_gap, seconds(0.1));
    assert_eq!(
        Story::default().verdict(DrillMode::Stop, false),
        "pass: the others answered while ana/web03 was out, and it came back\n  \
         pt: os outros responderam enquanto ana/web03 estava fora, e ele voltou"
    );
}

#[test]
fn what_is_lost_before_haproxy_notices_is_counted_and_no_fault() {
    let story = Story { unnoticed: Err("no whole answer in time"), ..Story::default() };
    let figures = story.figures();
    assert_eq!((figures.lost, figures.lost_while_out), (6, 0));
    assert_eq!(figures.first_loss.as_ref().map(Text::english), Some("no whole answer in time"));
    assert_eq!(figures.longest_gap, seconds(0.2));
    assert!(story.verdict(DrillMode::Stop, false).starts_with("pass"));
}

#[test]
fn an_answer_of_the_victim_after_haproxys_word_counts() {
    let mut timeline = Story::default().timeline();
    let late = timeline.samples.iter_mut().find(|sample| sample.sent == seconds(5.5)).unwrap();
    late.answer = Ok(2);
    let figures = measure(&the_drill(DrillMode::Stop), &timeline);
    assert_eq!((figures.out_after, figures.answers_while_out[2]), (Some(seconds(2.5)), 0));
}

#[test]
fn haproxys_word_counts_from_when_it_holds_over_a_slow_link_too() {
    let (yes, no) = (true, false);
    for (looks, out, back) in [
        // Asked before the laptop knew that it leaves, answered after HAProxy had taken the order.
        (vec![(0.0, yes), (2.9, no), (10.1, yes)], Some(0.0), Some(0.11)),
        // The same at its return.
        (vec![(0.0, yes), (2.9, no), (9.7, yes)], Some(0.0), Some(0.11)),
        // It was out and back before.
        (vec![(0.0, yes), (1.0, no), (2.0, yes)], None, Some(0.11)),
        (vec![(0.0, yes), (1.0, no), (3.0, yes), (5.0, no), (10.1, yes)], Some(2.0), Some(0.11)),
        // What it takes back did not hold.
        (vec![(0.0, yes), (5.0, no), (7.0, yes), (8.0, no), (10.1, yes)], Some(5.0), Some(0.11)),
        (vec![(0.0, yes), (9.9, no), (12.0, yes)], None, Some(0.11)),
    ] {
        let mut timeline =
            Story { noticed: Some(3.0), used_again: Some(10.1), ..Story::default() }.timeline();
        timeline.rotation = looks.iter().map(|(at, is_in)| (seconds(*at), *is_in)).collect();
        for mode in [DrillMode::Stop, DrillMode::Maintenance] {
            let figures = measure(&the_drill(mode), &timeline);
            assert_eq!(
                (figures.out_after, figures.back_after),
                (out.map(seconds), back.map(seconds)),
                "{looks:?}"
            );
        }
    }
}

#[test]
fn an_answer_that_came_after_the_order_to_return_says_nothing_of_the_time_before() {
    for (took, out) in [(0.05, 6.6), (0.2, 2.0), (0.4, 2.0)] {
        let mut timeline = Story::default().timeline();
        let last = timeline.samples.iter_mut().find(|sample| sample.sent == seconds(9.6)).unwrap();
        (last.answer, last.took) = (Ok(2), seconds(took));
        let figures = measure(&the_drill(DrillMode::Stop), &timeline);
        assert_eq!(figures.out_after, Some(seconds(out)), "{took}");
        assert_eq!((figures.answers_while_out[2], figures.lost_while_out), (0, 0), "{took}");
    }
    // What is lost counts by when it was sent: the others had it.
    let mut timeline = Story::default().timeline();
    let last = timeline.samples.iter_mut().find(|sample| sample.sent == seconds(9.6)).unwrap();
    (last.answer, last.took) = (Err(Text::verbatim("no whole answer in time")), seconds(2.0));
    assert_eq!(measure(&the_drill(DrillMode::Stop), &timeline).lost_while_out, 1);
}

#[test]
fn nothing_asked_is_no_fault() {
    let mut timeline = Story::default().timeline();
    timeline.samples.retain(|sample| !(seconds(4.0)..seconds(10.0)).contains(&sample.sent));
    let drill = the_drill(DrillMode::Stop);
    let measured = measure(&drill, &timeline);
    assert_eq!((measured.answers_while_out.iter().sum::<usize>(), measured.lost_while_out), (0, 0));
    let target = Target::new(&drill.balancer, Path::new("class.yaml"));
    let verdict = judge(&drill, &target, &balancer(false), &measured, seconds(20.0));
    assert_eq!(
        verdict.sample(""),
        "pass: HAProxy left ana/web03 out and took it back; no request fell into that time\n  \
         pt: o HAProxy tirou ana/web03 do rodízio e o pôs de volta; nenhuma requisição caiu nesse intervalo"
    );
}

#[test]
fn a_host_that_ended_the_outage_too_early_is_not_blamed_on_haproxy() {
    let words = |own_template, lasted| {
        let mut timeline = Story { noticed: None, ..Story::default() }.timeline();
        timeline.marks.returning = Some(seconds(3.0 + lasted));
        let drill = the_drill(DrillMode::Stop);
        let target = Target::new(&drill.balancer, Path::new("class.yaml"));
        let measured = measure(&drill, &timeline);
        judge(&drill, &target, &balancer(own_template), &measured, seconds(20.0)).sample("")
    };
    insta::assert_snapshot!([words(false, 1.5), words(true, 14.5)].join("\n"));
    assert!(words(false, 6.5).contains("does its server line say `check`?"));
    assert!(words(true, 20.5).contains("does its server line say `check`?"));
}

#[test]
fn every_fault_has_its_words() {
    let stop = |story: Story| story.verdict(DrillMode::Stop, false);
    let verdicts = [
        stop(Story { noticed: None, unnoticed: Err("HTTP 503"), ..Story::default() }),
        stop(Story { others: Err("HTTP 503 (no server is available)"), ..Story::default() }),
        stop(Story { noticed: Some(9.5), ..Story::default() }),
        stop(Story { used_again: Some(14.5), ..Story::default() }),
        stop(Story { used_again: None, ..Story::default() }),
        Story { noticed: Some(5.5), ..Story::default() }.verdict(DrillMode::Maintenance, false),
        Story { noticed: Some(9.5), ..Story::default() }.verdict(DrillMode::Stop, true),
    ];
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn a_cluster_that_answers_badly_is_not_drilled() {
    let timeline = Story::default().timeline();
    let sound = &timeline.samples[..30];
    assert_eq!(judge_before(sound), Ok(()));
    let mut flawed = sound.to_vec();
    flawed[4].answer = Err(Text::verbatim("HTTP 503"));
    assert_eq!(judge_before(&flawed), Ok(()));
    for sample in flawed.iter_mut().step_by(5) {
        sample.answer = Err(Text::verbatim("HTTP 503"));
    }
    let words = judge_before(&flawed).unwrap_err().detail;
    assert_eq!(
        words.english(),
        "7 of 30 requests failed before anything was taken out, first with: HTTP 503"
    );
    assert!(judge_before(&[]).is_err());
}

#[test]
fn a_victim_that_one_client_never_sees_need_not_answer_again() {
    let mut timeline = Story::default().timeline();
    for sample in &mut timeline.samples {
        sample.answer = Ok(0);
    }
    let figures = measure(&the_drill(DrillMode::Stop), &timeline);
    assert_eq!((figures.out_after, figures.back_after), (Some(seconds(2.0)), Some(seconds(1.5))));
}

#[test]
fn a_drill_that_was_cut_short_has_the_figures_that_there_are() {
    let mut timeline = Story { used_again: None, ..Story::default() }.timeline();
    timeline.marks = Marks { leaving: timeline.marks.leaving, ..Marks::default() };
    let figures = measure(&the_drill(DrillMode::Stop), &timeline);
    assert_eq!((figures.out_after, figures.back_after), (Some(seconds(2.0)), None));
    assert_eq!(
        measure(&the_drill(DrillMode::Stop), &Timeline::default()),
        Measured { answers: vec![0; 3], answers_while_out: vec![0; 3], ..Measured::default() }
    );
}

#[test]
fn who_answered() {
    let [first, second, twin] = ["web01", "web02", "web03"].map(|name| HostId::new("ana", name));
    let known = KnownPages::new([(&first, "one"), (&second, "same"), (&twin, "same")]);
    let who = |status: u16, served_by: Option<&str>, body: &str| {
        let served_by = served_by.map(str::to_owned);
        let reply = Reply { status, served_by, body: body.into(), ..Reply::default() };
        answered(&balancer(false), &known, &Answer::Reply(reply)).map_err(|words| words.english().to_owned())
    };
    assert_eq!(who(200, Some("web02"), "whatever a student wrote"), Ok(1));
    assert_eq!(who(404, Some("web02"), ""), Ok(1));
    assert_eq!(who(200, None, "one"), Ok(0));
    assert_eq!(who(200, Some("another"), "one"), Ok(0));
    assert_eq!(who(200, None, "two"), Err("a page of no host of the inventory".to_owned()));
    assert_eq!(who(200, None, "same"), Err("the page of ana/web02, ana/web03".to_owned()));
    assert_eq!(who(503, Some("web02"), ""), Err("HTTP 503 (no server is available)".to_owned()));
    assert_eq!(who(503, None, ""), Err("HTTP 503 (no server is available)".to_owned()));
    assert_eq!(answered(&balancer(false), &known, &Answer::TimedOut), Err(Answer::TimedOut.describe(&known)));
}

#[test]
fn the_thresholds_are_those_of_our_configuration() {
    let template = include_str!("../../../templates/haproxy.cfg.tera");
    assert!(template.contains("default-server inter 2s fastinter 500ms downinter 1s fall 2 rise 2\n"));
    assert!(template.contains("stats socket /run/haproxy/admin.sock mode 660 level admin\n"));
    assert_eq!((NOTICES_LOSS, NOTICES_RETURN), (seconds(4.0), seconds(2.0)));
}
