//! Accidents at each operation of a drill's program: what it took out comes back, and nothing of it stays.

use std::time::Duration;

use super::subject::{Accident, Subject};
use super::{Score, every};
use crate::practice::Practice;
use crate::running::await_that;

const DRILL: [&str; 7] = ["drill", "--yes", "--hold", "1s", "--restore-after", "15s", "--host"];
/// The timer comes at the latest then.
const BACK: Duration = Duration::from_secs(40);

/// The victim and its cluster are applied and stay so.
pub fn take(practice: &Practice, subject: &Subject<'_>, score: &Score) {
    let drill = [&DRILL[..], &[subject.host]].concat();
    let converged = subject.fingerprint();
    let accidents = [Accident::ProgramDies, Accident::ToolDies, Accident::ShellDies, Accident::LinkDies];
    for accident in accidents {
        for nth in (1..).step_by(every().unwrap_or(1)) {
            let Some(operation) = subject.disturb_all(&drill, accident, nth) else { break };
            await_that("the web server is back", BACK, || {
                practice.inside(subject.host, "systemctl is-active apache2 || true") == "active\n"
            });
            let mut result = subject.compare("after the drill", &converged);
            if result.is_err() {
                // What a killed program left in /run goes with the next run.
                result = subject.run(&["apply", "--no-verify"]);
                result = result.and_then(|()| subject.compare("after the drill and an apply", &converged));
            }
            let name = format!("{} drill, {accident:?} at operation {nth} ({operation})", subject.host);
            score.count(&name, result);
        }
    }
}
