use std::path::Path;

use super::*;
use crate::model::{CheckStatus, FailureKind, HostId};
use crate::probes::answer::Reply;
use crate::probes::site::{Outside, Place};

fn target() -> Target {
    Target::new(&HostId::new("ana", "mq01"), Path::new("inventory.yaml"))
}

fn subject(host: &Target) -> Subject<'_> {
    const SERVICES: &[String] = &[];
    Subject { host, services: SERVICES, differs: false }
}

fn reached(answer: Answer) -> Reached {
    let site = Site { port: 5672, place: Place::At("10.0.0.51".to_owned()) };
    Reached { site, answer, is_inside: false }
}

fn reply(status: u16, body: &str) -> Answer {
    Answer::Reply(Reply { status, body: body.into(), ..Reply::default() })
}

const SILENCES: [Answer; 4] = [Answer::Refused, Answer::Closed, Answer::Forbidden, Answer::TimedOut];

#[test]
fn every_end_of_a_connection_has_its_verdict() {
    let host = target();
    let verdicts: Vec<_> = [Answer::Taken]
        .into_iter()
        .chain(SILENCES)
        .chain([Answer::Lost(Text::verbatim("the connection was lost"))])
        .map(|answer| judge(subject(&host), None, &reached(answer)).sample(""))
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn a_connection_that_only_the_host_itself_has_is_told() {
    let inside = Reached { site: Site::inside(6379), answer: Answer::Taken, is_inside: true };
    let host = target();
    insta::assert_snapshot!(judge(subject(&host), None, &inside).sample(""), @r"
    pass: port 6379 takes connections, but only of the host itself
      pt: a porta 6379 aceita conexões, mas só da própria máquina
    ");
}

#[test]
fn every_page_has_its_verdict() {
    let host = target();
    let redirect = Answer::Reply(Reply {
        status: 302,
        location: Some("/login\u{1b}[2J".to_owned()),
        ..Reply::default()
    });
    let page = Page { path: "/api?a=1&b=$(id)", status: 200, contains: Some("RabbitMQ") };
    let verdicts: Vec<_> = [
        reply(200, "<title>RabbitMQ Management</title>"),
        reply(200, "<title>Apache2</title>"),
        reply(404, "RabbitMQ"),
        reply(503, ""),
        redirect,
        Answer::Refused,
        Answer::TooLarge,
        Answer::Invalid("invalid HTTP version parsed".to_owned()),
    ]
    .into_iter()
    .map(|answer| judge(subject(&host), Some(page), &reached(answer)).sample(""))
    .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
    let unwanted = Page { status: 401, contains: None, ..page };
    assert!(judge(subject(&host), Some(unwanted), &reached(reply(401, ""))).passed());
}

#[test]
fn from_outside_it_is_said_what_may_stand_between() {
    let outside = Outside { address: "198.51.100.7".to_owned(), ssh_port: 22, bastion: false };
    let site = Site { port: 5672, place: Place::Outside(outside) };
    let host = target();
    let refused = Reached { site, answer: Answer::Refused, is_inside: false };
    let hint = judge(subject(&host), None, &refused).hint.unwrap();
    assert!(hint.english().contains("firewall"), "{hint:?}");
}

/// What anybody may print: all of it is told in clean words, and none of it at any length.
#[test]
fn every_end_of_a_command_has_its_verdict() {
    let host = target();
    let trial =
        |status, printed: &str| Trial { status, printed: printed.into(), took: Duration::from_secs(1) };
    let hostile = format!("{}\n\u{1b}]0;owned\u{7}\u{202e}evil\u{0}\r\u{9b}2J\n", "x".repeat(200_000));
    let wanted = Command {
        run: "rabbitmqctl status",
        contains: Some("Listeners"),
        limit: Duration::from_secs(20),
        as_root: true,
    };
    let verdicts: Vec<_> = [
        trial(Some(0), "Runtime\nListeners\n"),
        trial(Some(0), "Runtime\nnothing\n"),
        trial(Some(0), ""),
        trial(Some(69), "Error: unable to connect\n\n"),
        trial(Some(127), "sh: 1: rabbitmqctl: not found\n"),
        trial(Some(137), "Listeners"),
        trial(None, "Listeners\nwaiting\n"),
        trial(Some(1), &hostile),
    ]
    .iter()
    .map(|trial| judge_command(subject(&host), wanted, trial).sample(""))
    .collect();
    insta::assert_snapshot!(verdicts.join("\n"));

    let own = Command { run: "test -S /run/it\n&& exit 1", contains: None, as_root: false, ..wanted };
    let long = judge_command(subject(&host), own, &trial(Some(1), &"line\n".repeat(40)));
    assert_eq!(long.said.len(), MOST_LINES);
    assert_eq!(
        long.hint.unwrap().english(),
        "`provision exec -l ana/mq01 -- …` runs it by hand: mend what it tells, or the probe in practice.yaml"
    );
    let acting = Command { run: "printf '\u{1b}[2J'", ..own };
    let hint = judge_command(subject(&host), acting, &trial(Some(1), "")).hint.unwrap();
    assert!(hint.english().contains(" -- …` runs it by hand"), "{hint:?}");
    assert!(judge_command(subject(&host), own, &trial(Some(0), "")).passed());
}

#[test]
fn what_a_changed_file_explains_is_mended_by_an_apply() {
    let host = target();
    let subject = Subject { differs: true, ..subject(&host) };
    let page = Page { path: "/", status: 200, contains: None };
    let verdicts = [
        judge(subject, None, &reached(Answer::Refused)),
        judge(subject, Some(page), &reached(reply(500, ""))),
    ];
    for verdict in verdicts {
        assert!(verdict.hint.unwrap().english().contains("`provision apply -l ana/mq01` puts them right"));
    }
}

#[test]
fn what_is_not_judged_says_why() {
    let (host, message) = (target(), Text::verbatim("sudo wants a password"));
    let hint = Some(Text::verbatim("-K asks for it"));
    let failure = Failure { kind: FailureKind::Become, message, hint };
    let command = Command { run: "true", contains: None, limit: Duration::from_secs(20), as_root: true };
    let verdicts = [
        without_services(&host, &["rabbitmq-server", "epmd"]),
        without_root(&failure),
        unheard(&failure, command),
        without_room(&"/tmp\u{1b}[0m".into(), command),
    ];
    assert_eq!(verdicts[0].status, CheckStatus::Skip);
    insta::assert_snapshot!(verdicts.map(|verdict| verdict.sample("")).join("\n"));
}
