//! The state of a stage as events leave it, and the lines that show it. Pure: time and size are handed in.

use std::time::{Duration, Instant};

use crate::event::{Event, Stage, Traffic};
use crate::model::{CheckStatus, HostId, HostStatus, Text, clean_line};
use crate::report::style::{Style, Tone};
use crate::report::vocabulary::{Words, say};
use crate::report::{names, words};

/// Rows left free at least for what was printed above the bars and for the bar itself; on high terminals it is half
/// of the rows, so that the first troubles stay in sight.
const RESERVED_ROWS: usize = 6;
/// How long a host has been at one thing is shown once it is long enough to wonder.
const SHOW_TIME_AFTER: Duration = Duration::from_secs(3);
/// Longest text of a host's step that is kept.
const LONGEST_STEP: usize = 200;

/// Counts of the stage under way, and its hosts at work.
#[derive(Debug)]
pub struct Board {
    stage: Option<Stage>,
    started: Instant,
    /// Counts that also sentences speak of.
    pub tally: Tally,
    working: Vec<Working>,
    /// Widest host name of the stage, so that columns do not jump.
    name_width: usize,
    /// What went through the laptop, once it does so in this stage.
    packages: Option<Traffic>,
    interrupting: bool,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub hosts: usize,
    /// Hosts that are done, in whatever way.
    pub finished: usize,
    pub changed: usize,
    pub changes: usize,
    pub unreachable: usize,
    pub failed: usize,
    pub passed: usize,
    /// Probes that did not.
    pub probes_failed: usize,
}

#[derive(Debug)]
struct Working {
    host: HostId,
    doing: Text,
    changes: usize,
    /// Changes to make, once that is known.
    planned: Option<usize>,
    /// When it began what it is doing.
    since: Instant,
}

impl Board {
    /// A board before any stage.
    pub fn new(now: Instant) -> Self {
        Self {
            stage: None,
            started: now,
            tally: Tally::default(),
            working: Vec::new(),
            name_width: 0,
            packages: None,
            interrupting: false,
        }
    }

    pub fn record(&mut self, event: &Event, now: Instant) {
        match event {
            Event::StageStarted { stage, hosts } => {
                self.stage = Some(*stage);
                self.started = now;
                self.tally = Tally { hosts: *hosts, ..Tally::default() };
                self.working.clear();
                self.name_width = 0;
                self.packages = None;
            }
            Event::HostStarted { host } => {
                self.working_on(host, now);
            }
            Event::HostProgress { host, doing } => self.progress(host, doing, now),
            Event::ProbeAwaited { host, kind } => self.progress(host, &Text::verbatim(kind.as_str()), now),
            Event::HostPlanned { host, changes } => self.working_on(host, now).planned = Some(*changes),
            Event::ChangeDone { host, .. } => {
                self.working_on(host, now).changes += 1;
                self.tally.changes += 1;
            }
            Event::HostFinished { host, status, .. } => {
                self.tally.finished += 1;
                match status {
                    HostStatus::Ok => {}
                    HostStatus::Changed => self.tally.changed += 1,
                    HostStatus::Unreachable => self.tally.unreachable += 1,
                    HostStatus::Failed => self.tally.failed += 1,
                }
                if let Some(place) = self.working.iter().position(|working| working.host == *host) {
                    // The last host takes the free place, so that the other lines stay where they are.
                    self.working.swap_remove(place);
                }
            }
            Event::CheckFinished(check) => match check.status {
                CheckStatus::Pass => self.tally.passed += 1,
                CheckStatus::Fail => self.tally.probes_failed += 1,
                CheckStatus::Skip => {}
            },
            Event::PackagesMoved(traffic) => self.packages = Some(*traffic),
            Event::Interrupting => self.interrupting = true,
            Event::StageFinished { .. } => self.working.clear(),
            Event::Note { .. } | Event::PackagesSettled(_) | Event::Asking { .. } | Event::Answered => {}
        }
    }

    fn progress(&mut self, host: &HostId, doing: &Text, now: Instant) {
        let working = self.working_on(host, now);
        let doing = doing.map(|doing| clean_line(doing, LONGEST_STEP));
        if working.doing != doing {
            working.doing = doing;
            working.since = now;
        }
    }

    /// The line of a host; a host that was not announced gets one.
    fn working_on(&mut self, host: &HostId, now: Instant) -> &mut Working {
        let place = self.working.iter().position(|working| working.host == *host).unwrap_or_else(|| {
            let doing = Text::default();
            self.working.push(Working { host: host.clone(), doing, changes: 0, planned: None, since: now });
            self.name_width = self.name_width.max(words::width(host.as_str()));
            self.working.len() - 1
        });
        &mut self.working[place]
    }

    /// The bar, what packages moved, and a line for each host at work; none wider or higher than the terminal.
    pub fn lines(&self, now: Instant, rows: usize, columns: usize, style: Style) -> Vec<String> {
        let words = Words(style.language);
        let columns = columns.saturating_sub(1);
        let mut room = rows.saturating_sub(RESERVED_ROWS.max(rows.div_ceil(2)));
        let mut lines = vec![self.total(now, columns, style)];
        if let Some(traffic) = self.packages
            && room > 0
        {
            room -= 1;
            let traffic = words.traffic(traffic);
            let line = say!(words, en: "  packages: {traffic}", pt: "  pacotes: {traffic}");
            lines.push(style.paint(Tone::Faint, words::fit(&line, columns, style)));
        }
        let shown: Vec<&Working> = self.working.iter().take(room).collect();
        let names: Vec<&str> = shown.iter().map(|working| working.host.as_str()).collect();
        let names = names::shorten(&names, self.name_width(columns), style);
        lines.extend(
            shown.iter().zip(&names).map(|(working, name)| self.host(working, name, now, columns, style)),
        );
        let more = self.working.len().saturating_sub(room);
        let waiting = self.tally.hosts.saturating_sub(self.tally.finished + self.working.len());
        let rest = match (more, waiting) {
            (0, 0) => return lines,
            (0, waiting) => say!(words, en: "  +{waiting} waiting", pt: "  +{waiting} na fila"),
            (more, 0) => say!(words, en: "  +{more} more", pt: "  +{more}"),
            (more, waiting) => {
                say!(words, en: "  +{more} more, {waiting} waiting", pt: "  +{more}, {waiting} na fila")
            }
        };
        lines.push(style.paint(Tone::Faint, words::fit(&rest, columns, style)));
        lines
    }

    /// `Applying  ━━━━━━━━╺────  23/60 hosts  2 failed  41 s`
    fn total(&self, now: Instant, columns: usize, style: Style) -> String {
        let words = Words(style.language);
        let title = match self.stage {
            _ if self.interrupting => words.choose("Stopping", "Parando"),
            stage => wordings(stage.unwrap_or(Stage::Observe), words)[0],
        };
        let tally = self.tally;
        let time = words::whole_seconds(now.saturating_duration_since(self.started));
        let counts = self.counts(words);
        let plain = counts.iter().map(|(_, count)| count.as_str()).collect::<Vec<_>>().join("  ");
        let taken = words::width(title) + words::width(&plain) + words::width(&time) + 6;
        let bar = match columns.saturating_sub(taken).min(30) {
            0..6 => String::new(),
            room => format!("{}  ", bar(tally.finished, tally.hosts, room, style)),
        };
        if taken > columns {
            return words::fit(&format!("{title}  {plain}  {time}"), columns, style);
        }
        let title = style.paint(if self.interrupting { Tone::Caution } else { Tone::Strong }, title);
        let paint = |(is_trouble, count): (bool, String)| {
            if is_trouble { style.paint(Tone::Bad, count) } else { count }
        };
        let counts = counts.into_iter().map(paint).collect::<Vec<_>>().join("  ");
        format!("{title}  {bar}{counts}  {}", style.paint(Tone::Faint, time))
    }

    /// What is worth counting so far: first the hosts, then what was done there. With each, whether it is trouble.
    fn counts(&self, words: Words) -> Vec<(bool, String)> {
        let tally = self.tally;
        let probes_failed = match tally.passed {
            0 => words.probe_noun().count(tally.probes_failed),
            _ => tally.probes_failed.to_string(),
        };
        let did_fail = words.failed_noun().of(tally.probes_failed);
        let hosts = (false, format!("{}/{}", tally.finished, words.hosts(tally.hosts)));
        let others = [
            (tally.unreachable, true, words.unreachable_noun().count(tally.unreachable)),
            (tally.failed, true, words.failed_noun().count(tally.failed)),
            (tally.changes, false, words.changes(tally.changes)),
            (tally.passed, false, words.probes_passed().count(tally.passed)),
            (tally.probes_failed, true, format!("{probes_failed} {did_fail}")),
        ];
        let others = others.into_iter().filter(|(number, ..)| *number > 0);
        std::iter::once(hosts).chain(others.map(|(_, is_trouble, count)| (is_trouble, count))).collect()
    }

    /// Columns for names: no more than they need, and a third of the terminal at most.
    fn name_width(&self, columns: usize) -> usize {
        self.name_width.clamp(8, (columns / 3).max(8))
    }

    /// `  team01/web02  4/9  Unpacking apache2  12 s`
    fn host(&self, working: &Working, name: &str, now: Instant, columns: usize, style: Style) -> String {
        let name_width = self.name_width(columns);
        let name = words::pad(name, name_width, style);
        let words = Words(style.language);
        let progress = working.progress(words);
        let progress_width =
            self.working.iter().map(|working| words::width(&working.progress(words))).max().unwrap_or(0);
        let gap = if progress_width > 0 { "  " } else { "" };
        let since = now.saturating_duration_since(working.since);
        let time = if since < SHOW_TIME_AFTER {
            String::new()
        } else {
            format!("  {}", words::whole_seconds(since))
        };
        let taken = name_width + 4 + progress_width + gap.len() + words::width(&time);
        let doing = words::fit(&words.say(&working.doing), columns.saturating_sub(taken), style);
        let line = format!("  {name}  {progress:>progress_width$}{gap}{doing}");
        format!("{}{}", line.trim_end(), style.paint(Tone::Faint, time))
    }
}

impl Working {
    /// `4/9`, or `4 done` where it is not known how many there will be.
    fn progress(&self, words: Words) -> String {
        match (self.changes, self.planned) {
            (done, Some(planned)) if done <= planned && planned > 0 => format!("{done}/{planned}"),
            (0, _) => String::new(),
            (done, _) => say!(words, en: "{done} done", pt: "{done} ok"),
        }
    }
}

/// What is done in a stage: in a word; while it goes on, followed by its hosts; and when it is over.
pub fn wordings(stage: Stage, words: Words) -> [&'static str; 3] {
    let english = match stage {
        Stage::Observe => ["Looking", "Looking at", "Looked at"],
        Stage::Apply => ["Applying", "Working on", "Worked on"],
        Stage::Verify => ["Probing", "Probing", "Probed"],
        Stage::Reset => ["Resetting", "Resetting", "Reset"],
        Stage::Fetch => ["Fetching", "Fetching packages for", "Fetched packages for"],
        Stage::Exec => ["Running", "Running on", "Ran on"],
        Stage::Examine => ["Examining", "Examining", "Examined"],
        Stage::Drill => ["Drilling", "Drilling", "Drilled"],
    };
    let portuguese = match stage {
        Stage::Observe => ["Olhando", "Olhando", "Olhadas"],
        Stage::Apply => ["Aplicando", "Trabalhando em", "Trabalho feito em"],
        Stage::Verify => ["Testando", "Testando", "Testadas"],
        Stage::Reset => ["Desfazendo", "Desfazendo em", "Desfeito em"],
        Stage::Fetch => ["Baixando", "Baixando pacotes para", "Pacotes baixados para"],
        Stage::Exec => ["Executando", "Executando em", "Executado em"],
        Stage::Examine => ["Examinando", "Examinando", "Examinadas"],
        Stage::Drill => ["Exercitando", "Exercitando", "Exercício em"],
    };
    words.choose(english, portuguese)
}

fn bar(finished: usize, hosts: usize, columns: usize, style: Style) -> String {
    let filled = (finished * columns).checked_div(hosts).unwrap_or(columns).min(columns);
    let (done, open) = if style.unicode { ("━", "─") } else { ("#", ".") };
    let open = open.repeat(columns - filled);
    format!("{}{}", style.paint(Tone::Good, done.repeat(filled)), style.paint(Tone::Faint, open))
}
