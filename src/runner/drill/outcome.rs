//! What becomes of a drill, however it ends.

use crate::model::{DrillEnd, DrillOutcome, Failure, Host, HostId, Measured, Timeline};
use crate::probes::Verdict;

use super::super::LOG_TAIL;
use super::super::host_log::HostLog;
use super::DrillSubject;

/// What ends a drill before its time.
pub enum Stop {
    /// The cluster is not fit for a drill.
    Unfit(Verdict),
    /// Something failed on a host.
    Failed(HostId, Failure),
}

impl Stop {
    pub fn failed(host: &Host, failure: Failure) -> Self {
        Self::Failed(host.id.clone(), failure)
    }
}

pub fn judged(
    subject: &DrillSubject<'_>,
    verdict: Verdict,
    timeline: Timeline,
    measured: Option<Measured>,
) -> DrillOutcome {
    let Verdict { status, detail, hint, .. } = verdict;
    let end = DrillEnd::Judged { status, detail, hint };
    DrillOutcome { drill: subject.drill.clone(), timeline, measured, end }
}

/// A drill that ended before its time.
pub fn stopped(subject: &DrillSubject<'_>, stop: Stop, timeline: Timeline, log: &HostLog) -> DrillOutcome {
    match stop {
        Stop::Unfit(verdict) => judged(subject, verdict, timeline, None),
        Stop::Failed(host, failure) => {
            let end = DrillEnd::Broken { host, failure, log_tail: log.tail(LOG_TAIL) };
            DrillOutcome { drill: subject.drill.clone(), timeline, measured: None, end }
        }
    }
}

/// A drill that had not begun when Ctrl-C was pressed.
pub fn not_begun(subject: &DrillSubject<'_>) -> DrillOutcome {
    let stop = Stop::failed(subject.victim, super::super::not_begun());
    stopped(subject, stop, Timeline::default(), &HostLog::default())
}
