//! Accidents at each operation of a drill's program: what it took out comes back, and nothing of it stays.

use std::time::{Duration, Instant};

use super::Score;
use super::operation_points::APPLY;
use super::points;
use super::subject::{Accident, Subject};
use crate::fingerprint::Fingerprint;
use crate::practice::Practice;

const VICTIM: &str = "web02";
const DRILL: [&str; 8] = ["drill", "--yes", "--hold", "1s", "--restore-after", "15s", "--host", VICTIM];
const ACCIDENTS: [Accident; 4] =
    [Accident::ProgramDies, Accident::ToolDies, Accident::ShellDies, Accident::LinkDies];
/// The timer comes at the latest then.
const BACK: Duration = Duration::from_secs(40);

/// Drills a host of a cluster that is applied, and stays so.
pub fn take(practice: &Practice, score: &Score) {
    let subject = Subject::of_class(practice, VICTIM);
    let counted = subject.run(&APPLY).and_then(|()| subject.count(&DRILL));
    let operations = match counted {
        Ok(operations) => operations,
        Err(trouble) => return score.count(&format!("{VICTIM} drill"), Err(trouble)),
    };
    let converged = subject.fingerprint();
    for point in points::of_operations(&ACCIDENTS, operations) {
        let (accident, nth) = (point.accident, point.nth);
        let Some(operation) = subject.disturb(&DRILL, accident, nth) else { continue };
        let result = made_good(&subject, &converged);
        let result = result.map_err(|trouble| subject.with_what_was_said(&trouble));
        score.count(&format!("{VICTIM} drill, {accident:?} at operation {nth} ({operation})"), result);
    }
}

fn made_good(subject: &Subject<'_>, converged: &Fingerprint) -> Result<(), String> {
    let deadline = Instant::now() + BACK;
    while subject.inside("systemctl is-active apache2 || true") != "active\n" {
        if Instant::now() > deadline {
            subject.run(&APPLY)?;
            return Err(format!("the web server was not back after {BACK:?}"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    // What a killed program left in /run goes with the next run.
    subject.compare("after the drill", converged).or_else(|_| {
        subject.run(&APPLY)?;
        subject.compare("after the drill and an apply", converged)
    })
}
