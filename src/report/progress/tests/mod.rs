//! Runs of which each event is made by hand, and what is shown of them; here as plain lines.

mod live;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::event::{Level, Stage, Traffic};
use crate::model::{
    Action, Check, CheckKind, CheckStatus, FailureKind, HostId, HostStatus, Language, ResourceId, Text, text,
};
use crate::report::samples;
use crate::report::style::Style;

const LOOK: Look = samples::LOOK;

fn host(number: usize) -> HostId {
    HostId::new(&format!("team{:02}", number.div_ceil(3)), ["lb", "web1", "web2"][(number - 1) % 3])
}

fn started(number: usize) -> Event {
    Event::HostStarted { host: host(number) }
}

fn doing(number: usize, doing: &str) -> Event {
    Event::HostProgress { host: host(number), doing: Text::verbatim(doing) }
}

fn finished(number: usize, changes: usize) -> Event {
    let status = if changes > 0 { HostStatus::Changed } else { HostStatus::Ok };
    let duration = Duration::from_millis(41_300);
    Event::HostFinished { host: host(number), status, changes, failure: None, duration }
}

fn unreachable(number: usize) -> Event {
    Event::HostFinished {
        host: host(number),
        status: HostStatus::Unreachable,
        changes: 0,
        failure: Some(samples::silent()),
        duration: Duration::from_secs(10),
    }
}

fn changed(number: usize, resource: &str) -> Event {
    let resource = ResourceId::new(resource);
    Event::ChangeDone {
        host: host(number),
        resource,
        action: Action::Create,
        duration: Duration::from_millis(4_120),
    }
}

fn note(level: Level, message: &str) -> Event {
    Event::Note { host: Some(host(2)), level, message: Text::verbatim(message) }
}

fn moved(served: u64, downloaded: u64, hosts: usize) -> Event {
    Event::PackagesMoved(Traffic { served, downloaded, hosts })
}

fn probe(status: CheckStatus) -> Event {
    let detail = "saw Apache's default page, expected the page of this host";
    let hint = (status == CheckStatus::Fail).then(|| text!(en: "apply again", pt: "aplique de novo"));
    let kind = CheckKind::HTTP;
    Event::CheckFinished(Check {
        kind,
        host: host(2),
        status,
        detail: Text::verbatim(detail),
        hint,
        shares: Vec::new(),
        services: Vec::new(),
        log_tail: Vec::new(),
        duration: Duration::from_millis(12),
    })
}

fn stage(stage: Stage, hosts: usize) -> Event {
    Event::StageStarted { stage, hosts }
}

fn over(stage: Stage) -> Event {
    Event::StageFinished { stage, duration: Duration::from_secs(62) }
}

/// A small class, from first look to last probe, with a bit of everything.
fn story() -> Vec<Event> {
    vec![
        stage(Stage::Observe, 4),
        started(1),
        started(2),
        started(3),
        started(4),
        note(Level::Detail, "russh, because the user's ssh configuration asks for nothing special"),
        unreachable(4),
        finished(1, 2),
        finished(2, 0),
        finished(3, 2),
        over(Stage::Observe),
        stage(Stage::Apply, 2),
        started(1),
        started(3),
        Event::HostPlanned { host: host(1), changes: 2 },
        doing(1, "package:haproxy"),
        doing(1, "Unpacking haproxy (2.6.12-1)"),
        note(Level::Warning, "its clock is 3 minutes behind"),
        note(Level::Info, "packages come through the laptop"),
        moved(38_200_000, 4_810_000, 2),
        changed(1, "package:haproxy"),
        changed(1, "service:haproxy"),
        changed(3, "file:/var/www/html/index.html"),
        finished(1, 2),
        Event::HostFinished {
            host: host(3),
            status: HostStatus::Failed,
            changes: 1,
            failure: Some(samples::failure(
                FailureKind::Service,
                "apache2 did not come up: port 80 is taken by nginx",
                "stop what holds the port, or choose another:\n  ssh web2 sudo systemctl disable --now nginx",
            )),
            duration: Duration::from_secs(7),
        },
        over(Stage::Apply),
        stage(Stage::Verify, 3),
        probe(CheckStatus::Pass),
        probe(CheckStatus::Fail),
        Event::Interrupting,
        over(Stage::Verify),
        Event::PackagesSettled(Traffic { served: 142_300_000, downloaded: 4_810_000, hosts: 2 }),
    ]
}

/// Bytes that a reporter wrote.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lines(look: Look, events: &[Event]) -> String {
    let written = Written::default();
    let mut progress = Progress::to(Box::new(written.clone()), look);
    for event in events {
        progress.handle(event);
    }
    progress.finish();
    written.text()
}

#[test]
fn plain_lines_tell_the_story() {
    insta::assert_snapshot!(lines(LOOK, &story()));
}

#[test]
fn plain_lines_tell_the_story_in_portuguese() {
    let style = Style { language: Language::Portuguese, ..LOOK.style };
    insta::assert_snapshot!(lines(Look { style, verbose: 1, ..LOOK }, &story()));
}

#[test]
fn verbose_lines_tell_details() {
    insta::assert_snapshot!(lines(Look { verbose: 1, ..LOOK }, &story()));
}

#[test]
fn quiet_lines_tell_failures_and_warnings_alone() {
    insta::assert_snapshot!(lines(Look { quiet: true, ..LOOK }, &story()));
}

#[test]
fn plain_lines_hold_no_control_characters() {
    let mut events = story();
    events.push(note(Level::Warning, "\u{1b}[2J\u{9b}31m\rowned\u{7}"));
    events.push(doing(1, "\u{1b}]0;owned\u{7}"));
    events.push(changed(1, "\u{1b}[2Jpackage:x"));
    let text = lines(Look { verbose: 2, ..LOOK }, &events);
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
}

#[test]
fn a_host_out_of_reach_is_told_once() {
    let told =
        lines(LOOK, &[stage(Stage::Apply, 3), unreachable(1), stage(Stage::Verify, 3), unreachable(1)]);
    assert_eq!(told.matches("unreachable").count(), 1, "{told}");
    let ssh =
        Event::CheckFinished(samples::check(CheckKind::SSH, &host(1), CheckStatus::Fail, "unreachable"));
    let told = lines(LOOK, &[stage(Stage::Verify, 3), ssh.clone(), unreachable(1), ssh]);
    assert_eq!(told.matches("unreachable").count(), 1, "{told}");
}
