//! Accidents while dpkg is at work on a bare host: which of its lines of log is the last, whom it hits.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::operation_points::{APPLY, RESET};
use super::subject::Subject;
use super::{Score, is_whole};
use crate::fingerprint::Fingerprint;
use crate::practice::Practice;

const LOG: &str = "var/log/dpkg.log";
/// Kills the remote program's shell, apt and dpkg, or dpkg alone.
const PROGRAM: &str = "read -r main _ </run/provision.lock; kill -KILL $main; pkill -KILL -x apt-get; pkill -KILL -x dpkg; true";
const DPKG: &str = "pkill -KILL -x dpkg; true";

#[derive(Debug, Clone, Copy)]
enum Victim {
    Program,
    Dpkg,
    Tool,
    Plug,
}

/// Of a bare host and a converged one.
pub struct Bare {
    base: Fingerprint,
    converged: Fingerprint,
    /// Lines of log that an installation takes.
    lines: usize,
}

impl Bare {
    /// Takes a bare host there and back, and back once more.
    pub fn of(practice: &Practice, subject: &Subject<'_>, score: &Score) -> Result<Self, String> {
        let base = subject.fingerprint();
        subject.run(&APPLY)?;
        let (converged, lines) = (subject.fingerprint(), log(practice, subject.host).len());
        for name in ["a bare host", "a host that was reset"] {
            let pristine = subject.run(&RESET).and_then(|()| subject.compare("reset", &base));
            score.count(&format!("{} reset, {name}", subject.host), pristine);
        }
        Ok(Self { base, converged, lines })
    }
}

fn log(practice: &Practice, host: &str) -> Vec<u8> {
    let bytes = fs::read(practice.root(host).join(LOG)).unwrap_or_default();
    bytes.into_iter().filter(|byte| *byte == b'\n').collect()
}

/// Tries the victims, one after the other, at moments spread over an installation.
pub fn take(practice: &Practice, subject: &Subject<'_>, bare: &mut Bare, score: &Score) {
    let moments = if is_whole() { 5 } else { 1 };
    let victims = [Victim::Plug, Victim::Program, Victim::Dpkg, Victim::Tool];
    let victims = if is_whole() { &victims[..] } else { &victims[..1] };
    for (number, victim) in victims.iter().enumerate() {
        for moment in 1..=moments {
            let line = bare.lines * moment / (moments + 1);
            let applied_again = is_whole() && (number + moment) % 2 == 0;
            let name = format!("{} {victim:?} at line {line} of dpkg's log", subject.host);
            let result = try_point(practice, subject, bare, *victim, line, applied_again);
            let failed = result.is_err();
            score.count(&name, result);
            // One failure spoils no other point.
            if failed && subject.recover(&bare.base).is_err() {
                bare.base = subject.fingerprint();
            }
        }
    }
}

fn try_point(
    practice: &Practice,
    subject: &Subject<'_>,
    bare: &Bare,
    victim: Victim,
    line: usize,
    applied_again: bool,
) -> Result<(), String> {
    let host = subject.host;
    let begun = log(practice, host).len();
    let mut running = subject.start(&APPLY);
    let deadline = Instant::now() + Duration::from_secs(120);
    while log(practice, host).len() < begun + line && !running.has_ended() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    match victim {
        Victim::Program => drop(practice.inside(host, PROGRAM)),
        Victim::Dpkg => drop(practice.inside(host, DPKG)),
        Victim::Tool => running.signal(Signal::KILL),
        Victim::Plug => practice.pull_plug(host),
    }
    running.end();
    if applied_again {
        subject.run(&APPLY)?;
        let without_journal = |fingerprint: &Fingerprint| -> Fingerprint {
            let is_of_it = |line: &&String| !line.contains("/var/lib/provision/");
            fingerprint.iter().filter(is_of_it).cloned().collect()
        };
        subject.compare_by("applied again", &without_journal(&bare.converged), without_journal)?;
    }
    subject.run(&RESET)?;
    subject.compare("reset", &bare.base)
}
