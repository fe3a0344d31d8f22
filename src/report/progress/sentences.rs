//! Events in words: which deserve a line, how important it is, and what it says.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::board::{Tally, wordings};
use super::question;
use crate::event::{Event, Level, Stage};
use crate::model::{
    Action, Check, CheckKind, CheckStatus, Failure, HostId, HostStatus, ResourceId, Severity, Text,
    clean_line,
};
use crate::report::style::{Style, Tone};
use crate::report::vocabulary::{Noun, Words, say};

/// What was done, in Portuguese, where it agrees with the number.
const MADE: Noun = Noun::new("mudança feita", "mudanças feitas");
const UNDONE: Noun = Noun::new("mudança desfeita", "mudanças desfeitas");

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
    words: Words,
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
            words: Words(style.language),
            stage: Stage::Observe,
            hints: HashSet::new(),
            told: HashSet::new(),
            causes: 0,
            troubled: HashSet::new(),
        }
    }

    /// The line for an event, if it deserves one. `tally` has taken the event in already.
    pub fn tell(&mut self, event: &Event, tally: &Tally) -> Option<(Weight, String)> {
        let words = self.words;
        match event {
            Event::StageStarted { stage, hosts } => {
                self.stage = *stage;
                self.causes = 0;
                let opening = format!("{} {}", wordings(*stage, words)[1], words.hosts(*hosts));
                (*hosts > 0).then_some((Weight::Step, opening))
            }
            Event::HostStarted { .. }
            | Event::HostProgress { .. }
            | Event::ProbeAwaited { .. }
            | Event::PackagesMoved(_)
            | Event::Answered => None,
            Event::HostPlanned { host, changes } => {
                Some((Weight::Detail, self.of_host(tally, host, &self.needed(*changes))))
            }
            Event::ChangeDone { host, resource, action, duration } => {
                let what = change(self.stage, resource, *action, words);
                let line = self.of_host(tally, host, &format!("{what} ({})", words.duration(*duration)));
                Some((Weight::Step, line))
            }
            Event::Note { host, level, message } => Some(self.note(tally, host.as_ref(), *level, message)),
            Event::HostFinished { host, status, changes, failure, duration } => {
                if let Some(failure) = failure {
                    let news = self.troubled.insert(host.clone()) || self.stage != Stage::Verify;
                    let weight = if news { self.trouble(words.say(&failure.message)) } else { Weight::Detail };
                    return Some((weight, self.failure(tally, host, *status, failure)));
                }
                let done = match (status, self.stage, changes) {
                    (HostStatus::Failed | HostStatus::Unreachable, ..) => {
                        let mark = self.style.paint(Tone::Bad, self.style.fail());
                        format!("{mark} {}", words.failed_noun().of(1))
                    }
                    (_, Stage::Verify | Stage::Exec | Stage::Drill, _) => words.choose("done", "feito").to_owned(),
                    (_, Stage::Examine, _) => words.choose("examined", "examinada").to_owned(),
                    (HostStatus::Changed, Stage::Fetch, _) => {
                        words.choose("its packages are in the cache", "os pacotes dela estão no cache").to_owned()
                    }
                    (_, Stage::Fetch, _) => {
                        words.choose("needs no packages", "não precisa de pacotes").to_owned()
                    }
                    (_, Stage::Observe | Stage::Apply, 0) => {
                        words.choose("nothing to change", "nada a mudar").to_owned()
                    }
                    (_, Stage::Observe, needed) => self.needed(*needed),
                    (_, Stage::Apply, made) => {
                        let made = words.choose(words.change_noun(), MADE).count(*made);
                        say!(words, en: "{made} made", pt: "{made}")
                    }
                    (_, Stage::Reset, undone) => {
                        let undone = words.choose(words.change_noun(), UNDONE).count(*undone);
                        say!(words, en: "{undone} undone", pt: "{undone}")
                    }
                };
                let weight = match self.stage {
                    Stage::Observe | Stage::Verify | Stage::Examine => Weight::Detail,
                    Stage::Apply | Stage::Reset | Stage::Fetch | Stage::Exec | Stage::Drill => Weight::Step,
                };
                let line = self.of_host(tally, host, &format!("{done} ({})", words.duration(*duration)));
                Some((weight, line))
            }
            Event::CheckFinished(check) => Some(self.check(check)),
            Event::PackagesSettled(traffic) => {
                let traffic = words.traffic(*traffic);
                Some((Weight::News, say!(words, en: "packages: {traffic}", pt: "pacotes: {traffic}")))
            }
            Event::Asking { deletes } => Some((Weight::Trouble, question::deletion(deletes, words))),
            Event::Interrupting => Some((
                Weight::Trouble,
                words
                    .choose(
                        "Interrupted: steps under way are finished, nothing new is started. Press Ctrl-C again to \
                         leave now.",
                        "Interrompido: os passos em andamento terminam, nada novo começa. Ctrl-C de novo sai na \
                         hora.",
                    )
                    .to_owned(),
            )),
            Event::StageFinished { stage, duration } => {
                (tally.hosts > 0).then(|| (Weight::News, self.closing(*stage, tally, *duration)))
            }
        }
    }

    /// `3 changes needed`
    fn needed(&self, changes: usize) -> String {
        let changes = self.words.changes(changes);
        say!(self.words, en: "{changes} needed", pt: "{changes} a fazer")
    }

    /// `[ 3/20] team01/web02: installed apache2 (4.1 s)`
    fn of_host(&self, tally: &Tally, host: &HostId, what: &str) -> String {
        let digits = tally.hosts.to_string().len();
        let count = format!("[{:>digits$}/{}]", tally.finished, tally.hosts);
        format!("{} {host}: {what}", self.style.paint(Tone::Faint, count))
    }

    fn failure(&mut self, tally: &Tally, host: &HostId, status: HostStatus, failure: &Failure) -> String {
        let status = match status {
            HostStatus::Unreachable => format!("{}: ", self.words.host_status(status)),
            _ => String::new(),
        };
        let mark = self.style.paint(Tone::Bad, self.style.fail());
        let line = self.of_host(tally, host, &format!("{mark} {status}{}", self.words.say(&failure.message)));
        self.with_hint(line, failure.hint.as_ref())
    }

    fn check(&mut self, check: &Check) -> (Weight, String) {
        let (weight, mark) = match check.status {
            CheckStatus::Pass => (Weight::Detail, self.style.paint(Tone::Good, self.style.pass())),
            CheckStatus::Fail => (self.failed(check), self.style.paint(Tone::Bad, self.style.fail())),
            CheckStatus::Skip => (Weight::Detail, self.style.paint(Tone::Faint, self.style.skip())),
        };
        let line =
            format!("{mark} {} {}: {}", check.host, check.kind.as_str(), self.words.say(&check.detail));
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
        self.trouble(format!("{}: {}", check.kind.as_str(), self.words.say(&check.detail)))
    }

    /// How much a trouble weighs that is new on its host.
    fn trouble(&mut self, cause: String) -> Weight {
        if self.causes == MOST_CAUSES || !self.told.insert(cause) {
            return Weight::Again;
        }
        self.causes += 1;
        Weight::Trouble
    }

    fn with_hint(&mut self, mut line: String, hint: Option<&Text>) -> String {
        let Some(hint) = hint.map(|hint| self.words.say(hint)) else { return line };
        if self.hints.insert(hint.clone()) {
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
        let message = clean_line(&self.words.say(message), LONGEST_NOTE);
        let line = host.map_or(message.clone(), |host| format!("{host}: {message}"));
        match level {
            Level::Detail => (Weight::Detail, self.style.paint(Tone::Faint, line)),
            // Where several clusters are drilled, the bars say so of each, and the result says when.
            Level::Info if self.stage == Stage::Drill && tally.hosts > 1 => (Weight::Again, line),
            Level::Info if self.told.insert(message.clone()) => (Weight::News, line),
            Level::Info => (Weight::Again, line),
            Level::Warning => {
                let weight = if host.is_some() { self.trouble(message) } else { Weight::Trouble };
                let lead = self.words.severity_noun(Severity::Warning).of(1);
                (weight, format!("{}: {line}", self.style.paint(Tone::Caution, lead)))
            }
        }
    }

    fn closing(&self, stage: Stage, tally: &Tally, duration: std::time::Duration) -> String {
        let (words, done) = (self.words, tally.finished);
        let all = words.hosts(tally.hosts);
        let hosts =
            if done < tally.hosts { say!(words, en: "{done} of {all}", pt: "{done} de {all}") } else { all };
        let made = match (stage, tally.changes) {
            (Stage::Apply, 0) => words.choose(", nothing changed,", ", nada mudou,").to_owned(),
            (Stage::Apply, changes) => {
                let changes = words.changes(changes);
                say!(words, en: ", made {changes},", pt: ", {changes},")
            }
            _ => String::new(),
        };
        let mut troubles = String::new();
        let failed_probes = words.probe_noun().count(tally.probes_failed);
        let did_fail = words.failed_noun().of(tally.probes_failed);
        for (number, what) in [
            (tally.unreachable, words.unreachable_noun().count(tally.unreachable)),
            (tally.failed, words.failed_noun().count(tally.failed)),
            (tally.probes_failed, format!("{failed_probes} {did_fail}")),
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
        let (what, time) = (wordings(stage, words)[2], words.duration(duration));
        say!(
            words,
            en: "{mark} {what} {hosts}{made} in {time}{troubles}",
            pt: "{mark} {what} {hosts}{made} em {time}{troubles}",
        )
    }
}

fn change(stage: Stage, resource: &ResourceId, action: Action, words: Words) -> String {
    let resource = clean_line(resource.as_str(), LONGEST_NOTE);
    if stage == Stage::Reset {
        return say!(words, en: "undid {resource}", pt: "desfeito: {resource}");
    } else if action == Action::Delete {
        return say!(words, en: "deleted {resource}", pt: "removido: {resource}");
    }
    match resource.split_once(':') {
        Some(("package", name)) => say!(words, en: "installed {name}", pt: "{name} instalado"),
        Some(("file", path)) => say!(words, en: "wrote {path}", pt: "{path} escrito"),
        Some(("directory", path)) => say!(words, en: "made {path}", pt: "{path} criado"),
        Some(("link", path)) => say!(words, en: "linked {path}", pt: "{path} ligado"),
        Some(("service", name)) => say!(words, en: "service {name} is ready", pt: "serviço {name} pronto"),
        _ => say!(words, en: "{resource} done", pt: "{resource} feito"),
    }
}
