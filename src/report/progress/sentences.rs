//! Events in words: which deserve a line, how important it is, and what it says.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::board::{Tally, wordings};
use super::question;
use crate::event::{Event, Level, Stage};
use crate::model::{
    Action, Check, CheckKind, CheckStatus, Failure, HostId, HostStatus, ResourceId, Text, clean_line,
};
use crate::report::style::{Style, Tone};
use crate::report::words;

const LONGEST_NOTE: usize = 2_000;
/// Causes of trouble that are told in a stage while it goes on; the result tells all.
const MOST_CAUSES: usize = 5;

/// Importance of a line. What matters more comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Shown also under `-q`: failures and warnings.
    Trouble,
    /// Shown above bars and among plain lines.
    News,
    /// What was told of another host already, or one cause too many: shown among plain lines and under `-v`. Bars
    /// count it.
    Again,
    /// Shown among plain lines; bars tell it by themselves.
    Step,
    /// Shown under `-v`.
    Detail,
}

/// Words events. Remembers what was told, so that what sixty hosts share is news once.
#[derive(Debug)]
pub struct Narrator {
    style: Style,
    stage: Stage,
    hints: HashSet<String>,
    /// Causes and notes that were news, without their hosts.
    told: HashSet<String>,
    /// How many causes of trouble were news in this stage.
    causes: usize,
    /// Hosts whose trouble was told already.
    troubled: HashSet<HostId>,
}

impl Narrator {
    /// A narrator at the beginning of a run.
    pub fn new(style: Style) -> Self {
        Self {
            style,
            stage: Stage::Observe,
            hints: HashSet::new(),
            told: HashSet::new(),
            causes: 0,
            troubled: HashSet::new(),
        }
    }

    /// The line for an event, if it deserves one. `tally` has taken the event in already.
    pub fn tell(&mut self, event: &Event, tally: &Tally) -> Option<(Weight, String)> {
        match event {
            Event::StageStarted { stage, hosts } => {
                self.stage = *stage;
                self.causes = 0;
                let opening = format!("{} {}", wordings(*stage)[1], words::count(*hosts, "host"));
                (*hosts > 0).then_some((Weight::Step, opening))
            }
            Event::HostStarted { .. }
            | Event::HostProgress { .. }
            | Event::ProbeAwaited { .. }
            | Event::PackagesMoved(_)
            | Event::Answered => None,
            Event::HostPlanned { host, changes } => {
                let line = self.of_host(tally, host, &format!("{} needed", words::count(*changes, "change")));
                Some((Weight::Detail, line))
            }
            Event::ChangeDone { host, resource, action, duration } => {
                let what = change(self.stage, resource, *action);
                let line = self.of_host(tally, host, &format!("{what} ({})", words::duration(*duration)));
                Some((Weight::Step, line))
            }
            Event::Note { host, level, message } => Some(self.note(tally, host.as_ref(), *level, message)),
            Event::HostFinished { host, status, changes, failure, duration } => {
                if let Some(failure) = failure {
                    let news = self.troubled.insert(host.clone()) || self.stage != Stage::Verify;
                    let weight = if news { self.trouble(failure.message.english()) } else { Weight::Detail };
                    return Some((weight, self.failure(tally, host, *status, failure)));
                }
                let done = match (status, self.stage, changes) {
                    (HostStatus::Failed | HostStatus::Unreachable, ..) => {
                        format!("{} failed", self.style.paint(Tone::Bad, self.style.fail()))
                    }
                    (_, Stage::Verify | Stage::Exec | Stage::Drill, _) => "done".to_owned(),
                    (_, Stage::Examine, _) => "examined".to_owned(),
                    (HostStatus::Changed, Stage::Fetch, _) => "its packages are in the cache".to_owned(),
                    (_, Stage::Fetch, _) => "needs no packages".to_owned(),
                    (_, Stage::Observe | Stage::Apply, 0) => "nothing to change".to_owned(),
                    (_, Stage::Observe, needed) => format!("{} needed", words::count(*needed, "change")),
                    (_, Stage::Apply, made) => format!("{} made", words::count(*made, "change")),
                    (_, Stage::Reset, undone) => format!("{} undone", words::count(*undone, "change")),
                };
                let weight = match self.stage {
                    Stage::Observe | Stage::Verify | Stage::Examine => Weight::Detail,
                    Stage::Apply | Stage::Reset | Stage::Fetch | Stage::Exec | Stage::Drill => Weight::Step,
                };
                let line = self.of_host(tally, host, &format!("{done} ({})", words::duration(*duration)));
                Some((weight, line))
            }
            Event::CheckFinished(check) => Some(self.check(check)),
            Event::PackagesSettled(traffic) => {
                Some((Weight::News, format!("packages: {}", words::traffic(*traffic))))
            }
            Event::Asking { deletes } => Some((Weight::Trouble, question::deletion(deletes))),
            Event::Interrupting => Some((
                Weight::Trouble,
                "Interrupted: steps under way are finished, nothing new is started. Press Ctrl-C again to leave now."
                    .to_owned(),
            )),
            Event::StageFinished { stage, duration } => {
                (tally.hosts > 0).then(|| (Weight::News, self.closing(*stage, tally, *duration)))
            }
        }
    }

    /// `[ 3/20] team01/web02: installed apache2 (4.1 s)`
    fn of_host(&self, tally: &Tally, host: &HostId, what: &str) -> String {
        let digits = tally.hosts.to_string().len();
        let count = format!("[{:>digits$}/{}]", tally.finished, tally.hosts);
        format!("{} {host}: {what}", self.style.paint(Tone::Faint, count))
    }

    fn failure(&mut self, tally: &Tally, host: &HostId, status: HostStatus, failure: &Failure) -> String {
        let status = match status {
            HostStatus::Unreachable => "unreachable: ",
            _ => "",
        };
        let mark = self.style.paint(Tone::Bad, self.style.fail());
        let line = self.of_host(tally, host, &format!("{mark} {status}{}", failure.message.english()));
        self.with_hint(line, failure.hint.as_ref())
    }

    fn check(&mut self, check: &Check) -> (Weight, String) {
        let (weight, mark) = match check.status {
            CheckStatus::Pass => (Weight::Detail, self.style.paint(Tone::Good, self.style.pass())),
            CheckStatus::Fail => (self.failed(check), self.style.paint(Tone::Bad, self.style.fail())),
            CheckStatus::Skip => (Weight::Detail, self.style.paint(Tone::Faint, self.style.skip())),
        };
        let line = format!("{mark} {} {}: {}", check.host, check.kind.as_str(), check.detail.english());
        match check.status {
            CheckStatus::Fail => (weight, self.with_hint(line, check.hint.as_ref())),
            CheckStatus::Pass | CheckStatus::Skip => (weight, line),
        }
    }

    fn failed(&mut self, check: &Check) -> Weight {
        // That a host is out of reach was told by the stage before.
        if check.kind == CheckKind::SSH && !self.troubled.insert(check.host.clone()) {
            return Weight::Detail;
        }
        self.trouble(&format!("{}: {}", check.kind.as_str(), check.detail.english()))
    }

    /// How much a trouble weighs that is new on its host.
    fn trouble(&mut self, cause: &str) -> Weight {
        if self.causes == MOST_CAUSES || !self.told.insert(cause.to_owned()) {
            return Weight::Again;
        }
        self.causes += 1;
        Weight::Trouble
    }

    fn with_hint(&mut self, mut line: String, hint: Option<&Text>) -> String {
        let Some(hint) = hint.map(Text::english) else { return line };
        if self.hints.insert(hint.to_owned()) {
            for (number, hint) in hint.lines().enumerate() {
                let lead = if number == 0 { self.style.arrow() } else { " " };
                let _ = write!(line, "\n      {lead} {hint}");
            }
        }
        line
    }

    fn note(
        &mut self,
        tally: &Tally,
        host: Option<&HostId>,
        level: Level,
        message: &Text,
    ) -> (Weight, String) {
        let message = clean_line(message.english(), LONGEST_NOTE);
        let line = host.map_or(message.clone(), |host| format!("{host}: {message}"));
        match level {
            Level::Detail => (Weight::Detail, self.style.paint(Tone::Faint, line)),
            // Where several clusters are drilled, the bars say so of each, and the result says when.
            Level::Info if self.stage == Stage::Drill && tally.hosts > 1 => (Weight::Again, line),
            Level::Info if self.told.insert(message.clone()) => (Weight::News, line),
            Level::Info => (Weight::Again, line),
            Level::Warning => {
                let weight = if host.is_some() { self.trouble(&message) } else { Weight::Trouble };
                (weight, format!("{}: {line}", self.style.paint(Tone::Caution, "warning")))
            }
        }
    }

    fn closing(&self, stage: Stage, tally: &Tally, duration: std::time::Duration) -> String {
        let done = tally.finished;
        let all = words::count(tally.hosts, "host");
        let hosts = if done < tally.hosts { format!("{done} of {all}") } else { all };
        let made = match (stage, tally.changes) {
            (Stage::Apply, 0) => ", nothing changed,".to_owned(),
            (Stage::Apply, changes) => format!(", made {},", words::count(changes, "change")),
            _ => String::new(),
        };
        let mut troubles = String::new();
        let failed_probes = words::count(tally.probes_failed, "probe");
        for (number, what) in [
            (tally.unreachable, format!("{} unreachable", tally.unreachable)),
            (tally.failed, format!("{} failed", tally.failed)),
            (tally.probes_failed, format!("{failed_probes} failed")),
        ] {
            if number > 0 {
                let _ = write!(troubles, ", {}", self.style.paint(Tone::Bad, what));
            }
        }
        let mark = if troubles.is_empty() {
            self.style.paint(Tone::Good, self.style.pass())
        } else {
            self.style.paint(Tone::Bad, self.style.fail())
        };
        format!("{mark} {} {hosts}{made} in {}{troubles}", wordings(stage)[2], words::duration(duration))
    }
}

fn change(stage: Stage, resource: &ResourceId, action: Action) -> String {
    let resource = clean_line(resource.as_str(), LONGEST_NOTE);
    if stage == Stage::Reset {
        return format!("undid {resource}");
    } else if action == Action::Delete {
        return format!("deleted {resource}");
    }
    match resource.split_once(':') {
        Some(("package", name)) => format!("installed {name}"),
        Some(("file", path)) => format!("wrote {path}"),
        Some(("directory", path)) => format!("made {path}"),
        Some(("link", path)) => format!("linked {path}"),
        Some(("service", name)) => format!("service {name} is ready"),
        _ => format!("{resource} done"),
    }
}
