//! Kill anywhere: a run has an accident at its first, second, third … operation, and what comes after is as if it had
//! had none. `apply` converges to the state of an undisturbed run, and `reset` gives back the host as it was.
//!
//! A short form, with points spread over all, is part of all tests; `tests/full kill` takes every point, and
//! `tests/full kill 4 0` to `tests/full kill 4 3` do so in four parts.

mod dpkg_points;
mod drill_points;
mod operation_points;
mod points;
mod subject;

use std::io::Write;
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

use self::dpkg_points::{Bare, Moment};
use self::operation_points::{APPLY, RESET, States};
use self::points::{Part, Point, Points};
use self::subject::Subject;
use crate::practice::Practice;

/// What someone has installed by hand, from the packages of an earlier run, with a page of their own.
const BY_HAND: &str = "cd /var/cache/apt/archives && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --no-download $packages >/dev/null && \
    { [ ! -d /var/www/html ] || echo '<h1>minha</h1>' >/var/www/html/index.html; }; \
    [ ! -d /etc/haproxy ] || cp /etc/haproxy/haproxy.cfg /etc/haproxy/haproxy.cfg.bkp";

#[test]
#[ignore = "needs root and lab hosts"]
fn a_run_that_is_killed_anywhere_is_made_good() {
    let score = Score::new();
    std::thread::scope(|scope| {
        scope.spawn(|| on_hosts(&Practice::up("kill", &["--web", "2"]), &score));
        // A drill takes its time, and is tried at some of its points by a test of its own.
        if Part::asked().is_some() {
            scope.spawn(|| drill_points::take(&Practice::up("drilled", &["--web", "2"]), &score));
        }
    });
    score.assert_all("kill anywhere");
}

/// The points of one kind of host.
struct Kind {
    moments: Points<Moment>,
    /// The first to come finds them.
    operations: OnceLock<Points<Point>>,
}

impl Kind {
    fn of(host: &str) -> Self {
        Self { moments: Mutex::new(dpkg_points::moments(host)), operations: OnceLock::new() }
    }
}

fn on_hosts(practice: &Practice, score: &Score) {
    let (lb, web) = (Kind::of("lb"), Kind::of("web"));
    std::thread::scope(|scope| {
        for (host, kind) in [("lb", &lb), ("web01", &web), ("web02", &web)] {
            scope.spawn(move || on_host(practice, host, kind, score));
        }
    });
}

fn on_host(practice: &Practice, host: &str, kind: &Kind, score: &Score) {
    let subject = Subject::new(practice, host);
    match Bare::of(practice, &subject, score) {
        Ok(mut bare) => dpkg_points::take(practice, &subject, &mut bare, &kind.moments, score),
        Err(trouble) => return score.count(&format!("{host}, bare"), Err(trouble)),
    }
    let packages = if host == "lb" { "haproxy" } else { "apache2 python3" };
    practice.inside(host, &format!("packages='{packages}'; {BY_HAND}"));
    match States::of(&subject) {
        Ok(states) => {
            score.count(&format!("{host} reset, set up by hand before"), Ok(()));
            score.count(&format!("{host} reset, edited by students"), edited(practice, &subject, &states));
            let points = kind.operations.get_or_init(|| Mutex::new(states.points()));
            operation_points::take(&subject, &states, points, score);
        }
        Err(trouble) => score.count(&format!("{host}, set up by hand before"), Err(trouble)),
    }
}

/// How often what should hold held, and where it did not.
pub struct Score {
    begun: Instant,
    points: Mutex<(usize, Vec<String>)>,
}

impl Score {
    fn new() -> Self {
        Self { begun: Instant::now(), points: Mutex::default() }
    }

    pub fn count(&self, point: &str, result: Result<(), String>) {
        let mut score = self.points.lock().unwrap();
        let seconds = self.begun.elapsed().as_secs();
        match result {
            Ok(()) => {
                score.0 += 1;
                let _ = writeln!(std::io::stderr(), "{} hold after {seconds} s, the last: {point}", score.0);
            }
            Err(trouble) => {
                let _ = writeln!(std::io::stderr(), "FAILED after {seconds} s: {point}\n  {trouble}");
                score.1.push(point.to_owned());
            }
        }
    }

    /// Prints `k/N` and what failed, and fails where something did.
    pub fn assert_all(&self, what: &str) {
        let score = self.points.lock().unwrap();
        let (held, failed) = (score.0, &score.1);
        let _ = writeln!(std::io::stderr(), "{what}: {held}/{}", held + failed.len());
        assert!(failed.is_empty() && held > 0, "{what}: these did not hold: {failed:#?}");
    }
}

/// What students changed since is kept beside its place, and all else is as it was.
fn edited(practice: &Practice, subject: &Subject<'_>, states: &States) -> Result<(), String> {
    subject.run(&APPLY)?;
    practice.inside(
        subject.host,
        "for file in /etc/haproxy/haproxy.cfg /var/www/html/index.html /opt/socket/03-thread/server-thread.py; do
             [ ! -e $file ] || echo '# minha' >>$file
         done
         [ ! -d /opt/socket ] || (cd /opt/socket/03-thread && python3 -c 'import constCS')",
    );
    subject.run(&RESET)?;
    practice.inside(
        subject.host,
        "find /etc /var/www /opt -name '*.before-reset' -delete; rmdir /opt/socket/03-thread /opt/socket 2>/dev/null; true",
    );
    subject.compare("reset", &states.base)
}
