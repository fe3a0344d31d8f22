//! Accidents while dpkg is at work on a bare host: which of its lines of log is the last, whom it hits.

use std::collections::VecDeque;
use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Score;
use super::operation_points::{APPLY, RESET};
use super::points::{self, Part, Points, Turn};
use super::subject::Subject;
use crate::fingerprint::Fingerprint;
use crate::practice::Practice;

const LOG: &str = "var/log/dpkg.log";
/// Kills the remote program's shell, apt and dpkg, or dpkg alone.
const PROGRAM: &str = "read -r main _ </run/provision.lock; kill -KILL $main; pkill -KILL -x apt-get; pkill -KILL -x dpkg; true";
const DPKG: &str = "pkill -KILL -x dpkg; true";

/// An installation is hit at so many moments, spread over it.
const MOMENTS: usize = 5;

#[derive(Debug, Clone, Copy)]
enum Victim {
    Program,
    Dpkg,
    Tool,
    Plug,
}

/// Whom an accident hits, and at which moment of an installation.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    victim: Victim,
    /// Of as many as there are.
    nth: usize,
    turn: Turn,
}

/// Those of one kind of host. In the short form balancers alone have one, since the others have more points to share.
pub fn moments(host: &str) -> VecDeque<Moment> {
    let of_victim = |victim| (1..=MOMENTS).map(move |nth| (victim, nth));
    let all = [Victim::Plug, Victim::Program, Victim::Dpkg, Victim::Tool].into_iter().flat_map(of_victim);
    let mut all = all.enumerate().map(|(number, (victim, nth))| Moment { victim, nth, turn: Turn(number) });
    match Part::asked() {
        Some(part) => part.of(all),
        None if host == "lb" => all.nth(MOMENTS / 2).into_iter().collect(),
        None => VecDeque::new(),
    }
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

/// Takes points until there are none left.
pub fn take(
    practice: &Practice,
    subject: &Subject<'_>,
    bare: &mut Bare,
    points: &Points<Moment>,
    score: &Score,
) {
    while let Some(Moment { victim, nth, turn }) = points::next(points) {
        let line = bare.lines * nth / (MOMENTS + 1);
        let name = format!("{} {victim:?} at line {line} of dpkg's log", subject.host);
        let result = try_point(practice, subject, bare, victim, line, turn);
        let failed = result.is_err();
        score.count(&name, result);
        // One failure spoils no other point.
        if failed && subject.recover(&bare.base).is_err() {
            bare.base = subject.fingerprint();
        }
    }
}

fn try_point(
    practice: &Practice,
    subject: &Subject<'_>,
    bare: &Bare,
    victim: Victim,
    line: usize,
    turn: Turn,
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
    if Part::asked().is_some() && turn.is_applied_again() {
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
