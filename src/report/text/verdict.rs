//! The last lines of a result: what it comes to, in one sentence, and what to run next.

use std::fmt::Write as _;

use super::page::Page;
use crate::model::{CheckStatus, HostOutcome, Inventory, RunOutcome, Summary, Work, shell_word};
use crate::report::style::Tone;
use crate::report::view::{HostView, View};
use crate::report::vocabulary::{Noun, Words, say};
use crate::report::words;

struct Count<'a> {
    words: Words,
    outcome: &'a RunOutcome,
    inventory: &'a Inventory,
    summary: Summary,
    time: String,
    ready: usize,
    planned: usize,
    made: usize,
    /// What is no longer wanted, and stays as nobody agreed to its end.
    left: usize,
}

impl<'a> Count<'a> {
    fn of(view: &View<'a>, words: Words) -> Self {
        let View { outcome, inventory, .. } = *view;
        let is_ready = |host: &&HostView<'_>| host.worked.is_some() && !host.is_in_trouble();
        Self {
            words,
            outcome,
            inventory,
            summary: outcome.summary(),
            time: words.duration(outcome.duration),
            ready: view.hosts().filter(is_ready).count(),
            planned: outcome.hosts.iter().map(|host| host.changes.len() - host.left()).sum(),
            left: outcome.hosts.iter().map(HostOutcome::left).sum(),
            made: outcome.hosts.iter().map(HostOutcome::made).sum(),
        }
    }

    fn probes_with(&self, status: CheckStatus) -> usize {
        self.outcome.checks.iter().filter(|check| check.status == status).count()
    }

    fn well(&self) -> bool {
        self.troubles().is_none() && self.probes_with(CheckStatus::Fail) == 0
    }

    /// `9 changes`, or `7 of 9 changes` where some were not made.
    fn changes(&self) -> String {
        let (made, planned) = (self.made, self.words.changes(self.planned));
        if self.made == self.planned {
            planned
        } else {
            say!(self.words, en: "{made} of {planned}", pt: "{made} de {planned}")
        }
    }

    /// `11 of 11 probes passed`
    fn probes(&self) -> Option<String> {
        let probes = &self.outcome.checks;
        let mut told = self.words.passed_of(self.probes_with(CheckStatus::Pass), probes.len());
        let not_judged = Noun::new("não avaliado", "não avaliados");
        for (status, what) in [
            (CheckStatus::Fail, self.words.failed_noun()),
            (CheckStatus::Skip, self.words.choose(Noun::new("not judged", "not judged"), not_judged)),
        ] {
            let number = self.probes_with(status);
            if number > 0 {
                let _ = write!(told, ", {}", what.count(number));
            }
        }
        (!probes.is_empty()).then_some(told)
    }

    /// `3 hosts`
    fn hosts(&self) -> String {
        self.words.hosts(self.summary.hosts)
    }

    /// `1 of 3 hosts failed, 2 unreachable`
    fn troubles(&self) -> Option<String> {
        let (words, hosts) = (self.words, self.hosts());
        let Summary { failed, unreachable, .. } = self.summary;
        let (did_fail, are_out_of_reach) =
            (words.failed_noun().of(failed), words.unreachable_noun().of(unreachable));
        match (failed, unreachable) {
            (0, 0) => None,
            (_, 0) => {
                Some(say!(words, en: "{failed} of {hosts} {did_fail}", pt: "{failed} de {hosts} {did_fail}"))
            }
            (0, _) => Some(say!(
                words,
                en: "{unreachable} of {hosts} {are_out_of_reach}",
                pt: "{unreachable} de {hosts} {are_out_of_reach}",
            )),
            _ => Some(say!(
                words,
                en: "{failed} of {hosts} {did_fail} and {unreachable} {are_out_of_reach}",
                pt: "{failed} de {hosts} {did_fail} e {unreachable} {are_out_of_reach}",
            )),
        }
    }
}

pub fn write(page: &mut Page<'_>, view: &View<'_>) {
    page.gap();
    let (count, words) = (Count::of(view, page.words), page.words);
    if let Some(log) = page.options.log.as_ref().filter(|_| count.troubles().is_some()) {
        let log = log.display();
        let where_it_is = say!(
            words,
            en: "Full output of the failed hosts: {log}",
            pt: "Saída completa das máquinas que falharam: {log}",
        );
        page.hang("", Tone::Faint, &where_it_is);
    }
    match count.outcome.work {
        Work::Fetch => fetch(page, &count),
        _ if count.outcome.interrupted => interrupted(page, &count),
        Work::Plan => plan(page, &count),
        Work::Apply => apply(page, &count),
        Work::Verify => verify(page, &count),
        Work::PlanReset if count.planned > 0 => {
            let (undo, changed, hosts) = (words.changes(count.planned), count.summary.changed, count.hosts());
            let line = say!(
                words,
                en: "Reset: {undo} to undo on {changed} of {hosts}.",
                pt: "Reset: {undo} a desfazer em {changed} de {hosts}.",
            );
            page.line(&page.style.paint(Tone::Strong, line));
            next(page, count.inventory, "reset");
        }
        Work::PlanReset | Work::Reset => reset(page, &count),
    }
}

/// A sentence that says how it went.
pub(super) fn sentence(page: &mut Page<'_>, well: bool, sentence: &str) {
    let tone = if well { Tone::Good } else { Tone::Bad };
    for line in words::wrap(sentence, page.options.look.width) {
        page.line(&page.style.paint(tone, line));
    }
}

pub(super) fn next(page: &mut Page<'_>, inventory: &Inventory, command: &str) {
    let inventory = inventory.path.display().to_string();
    let mut line = format!("{} {command} {}", page.options.program, shell_word(&inventory));
    if let Some(limit) = &page.options.limit {
        let _ = write!(line, " --limit {}", shell_word(limit));
    }
    let lead = page.words.choose("Next", "Agora");
    page.line(&format!("{lead}: {}", page.style.paint(Tone::Accent, line)));
}

fn plan(page: &mut Page<'_>, count: &Count<'_>) {
    let words = page.words;
    let Summary { hosts, changed, unreachable, failed, add, change, destroy, .. } = count.summary;
    let seen = hosts - failed - unreachable;
    if let Some(troubles) = count.troubles() {
        let line = say!(
            words,
            en: "{troubles}: the plan says nothing about these.",
            pt: "{troubles}: o plano nada diz disso.",
        );
        sentence(page, false, &line);
    }
    if seen == 0 {
        return;
    }
    if count.planned == 0 {
        let are = words.choose(Noun::new("is", "are"), Noun::new("está", "estão")).of(seen);
        let seen = words.hosts(seen);
        let line = say!(
            words,
            en: "No changes: {seen} {are} as the inventory wants.",
            pt: "Sem mudanças: {seen} {are} como o inventário quer.",
        );
        sentence(page, true, &line);
        return next(page, count.inventory, "verify");
    }
    let hosts = count.hosts();
    let line = say!(
        words,
        en: "Plan: {add} to add, {change} to change, {destroy} to destroy on {changed} of {hosts}.",
        pt: "Plano: criar {add}, alterar {change}, remover {destroy}, em {changed} de {hosts}.",
    );
    page.line(&page.style.paint(Tone::Strong, line));
    next(page, count.inventory, "apply");
}

fn apply(page: &mut Page<'_>, count: &Count<'_>) {
    let Count { words, ready, time, .. } = count;
    let (words, hosts) = (*words, count.hosts());
    let changes = match count.made {
        0 if count.well() => words.choose("nothing to change", "nada a mudar").to_owned(),
        _ => count.changes(),
    };
    let are_ready = |number: usize| words.ready_noun().of(number);
    let probes = count.probes();
    let what = match &probes {
        Some(probes) => format!("{changes}, {probes}"),
        None => changes,
    };
    if let Some(troubles) = count.troubles() {
        let are_ready = are_ready(*ready);
        let line = say!(
            words,
            en: "{troubles}, {ready} {are_ready}, after {time}: {what}.",
            pt: "{troubles}, {ready} {are_ready}, após {time}: {what}.",
        );
        sentence(page, false, &line);
    } else if !count.well() {
        let are_ready = are_ready(*ready);
        let line = say!(
            words,
            en: "{ready} of {hosts} {are_ready} after {time}: {what}.",
            pt: "{ready} de {hosts} {are_ready} após {time}: {what}.",
        );
        sentence(page, false, &line);
    } else {
        let are_ready = are_ready(count.summary.hosts);
        let line = say!(
            words,
            en: "{hosts} {are_ready} in {time}: {what}.",
            pt: "{hosts} {are_ready} em {time}: {what}.",
        );
        sentence(page, true, &line);
        if probes.is_none() {
            next(page, count.inventory, "verify");
        }
    }
    if count.left > 0 {
        let things = words.choose(Noun::new("thing", "things"), Noun::new("coisa", "coisas"));
        let left = things.count(count.left);
        let line = say!(
            words,
            en: "{left} no longer in the inventory left: `apply --prune` deletes, `plan` shows.",
            pt: "{left} fora do inventário ainda lá: `apply --prune` remove, `plan` mostra.",
        );
        page.hang("", Tone::Caution, &line);
    }
}

fn verify(page: &mut Page<'_>, count: &Count<'_>) {
    let (words, time) = (page.words, &count.time);
    match count.probes() {
        Some(probes) => {
            sentence(
                page,
                count.well(),
                &say!(words, en: "{probes}, in {time}.", pt: "{probes}, em {time}."),
            );
        }
        None => sentence(page, false, words.choose("No probe ran.", "Nenhum teste foi feito.")),
    }
}

fn reset(page: &mut Page<'_>, count: &Count<'_>) {
    let (words, hosts, undone, time) = (page.words, count.hosts(), count.changes(), &count.time);
    let (well, line) = if let Some(troubles) = count.troubles() {
        let line = say!(
            words,
            en: "{troubles} after {time}: {undone} undone.",
            pt: "{troubles} após {time}: {undone} desfeitas.",
        );
        (false, line)
    } else if count.planned == 0 {
        (true, say!(words, en: "Nothing to undo on {hosts}.", pt: "Nada a desfazer em {hosts}."))
    } else {
        let are_undone = Noun::new("desfeita", "desfeitas").of(count.planned);
        let line = say!(
            words,
            en: "{hosts} reset in {time}: {undone} undone.",
            pt: "Reset de {hosts} em {time}: {undone} {are_undone}.",
        );
        (count.made == count.planned, line)
    };
    sentence(page, well, &line);
}

/// Whether the packages of all hosts are in the cache now.
fn fetch(page: &mut Page<'_>, count: &Count<'_>) {
    let Summary { hosts, changed, .. } = count.summary;
    let line = if count.outcome.interrupted || !count.well() {
        let failed = count.outcome.hosts.iter().filter(|host| host.failure.is_some()).count();
        say!(
            page.words,
            en: "the packages of {failed} of {hosts} hosts are not in the cache",
            pt: "os pacotes de {failed} de {hosts} máquinas não estão no cache",
        )
    } else {
        say!(
            page.words,
            en: "{changed} of {hosts} hosts needed packages; they are in the cache",
            pt: "{changed} de {hosts} máquinas precisavam de pacotes; eles estão no cache",
        )
    };
    page.line(&line);
}

fn interrupted(page: &mut Page<'_>, count: &Count<'_>) {
    let (words, work) = (page.words, count.outcome.work);
    let done = match work {
        Work::Plan | Work::PlanReset | Work::Fetch => {
            words.choose("nothing was changed", "nada foi mudado").to_owned()
        }
        Work::Verify => count
            .probes()
            .unwrap_or_else(|| words.choose("no probe had ended", "nenhum teste tinha terminado").to_owned()),
        Work::Apply | Work::Reset => {
            let is_complete =
                |host: &&HostOutcome| host.failure.is_none() && host.made() == host.changes.len();
            let complete = count.outcome.hosts.iter().filter(is_complete).count();
            let (made, planned, hosts) = (count.made, words.changes(count.planned), count.hosts());
            let are_complete = Noun::new("completa", "completas").of(complete);
            say!(
                words,
                en: "{made} of {planned} made, {complete} of {hosts} complete",
                pt: "{made} de {planned} feitas, {complete} de {hosts} {are_complete}",
            )
        }
    };
    let time = &count.time;
    let line = say!(words, en: "Interrupted after {time}: {done}.", pt: "Interrompido após {time}: {done}.");
    sentence(page, false, &line);
    if work.makes_changes() {
        page.line(words.choose(
            "What was made stays. The same command again does the rest:",
            "O que foi feito fica. O mesmo comando, de novo, faz o resto:",
        ));
    }
    next(page, count.inventory, work.into_str());
}
