//! The whole page as values, from the verdict at its head to the last host.

use serde::Serialize;

use super::cluster::ClusterPart;
use super::head::{PageHead, Sign};
use super::probed::Probe;
use super::seen::{State, passed};
use super::timeline::Timeline;
use crate::model::{CheckKind, HostStatus, RunOutcome, Work, kinds};
use crate::report::groups::{self, Trouble};
use crate::report::view::{ClusterView, View};
use crate::report::vocabulary::Words;
use crate::report::{Report, names};

/// What is shown, in the order of the page.
#[derive(Debug, Serialize)]
pub struct Page {
    frame: PageHead,
    troubles: Vec<TroublePart>,
    probes: Vec<Probe>,
    timeline: Option<Timeline>,
    clusters: Vec<ClusterPart>,
}

#[derive(Debug, Serialize)]
struct TroublePart {
    hosts: String,
    kind: Option<&'static str>,
    message: String,
    hint: Option<String>,
    /// The host that the hint is of, where each has its own.
    hint_of: Option<String>,
}

impl Page {
    pub fn new(report: &Report<'_>, view: &View<'_>) -> Self {
        let words = Words(report.inventory.language);
        let outcome = view.outcome;
        let kinds = kinds(&outcome.checks);
        let mut hosts = 1..;
        let cluster = |(number, cluster): (usize, &ClusterView<'_>)| {
            let changes = outcome.changes_on(cluster.worked());
            ClusterPart::new(cluster, number, &mut hosts, changes, &kinds, words)
        };
        let clusters: Vec<_> = (1..).zip(&view.clusters).map(cluster).collect();
        let has_tools = view.hosts().count() > 1;
        let verdict = verdict(outcome, &clusters, words);
        let figures = figures(view, words);
        Self {
            frame: PageHead::new(report, outcome.duration, verdict, figures, has_tools),
            troubles: troubles(view, words),
            probes: kinds.iter().map(|kind| Probe::new(*kind, view.inventory, words)).collect(),
            timeline: Timeline::new(outcome, words),
            clusters,
        }
    }
}

fn verdict(outcome: &RunOutcome, clusters: &[ClusterPart], words: Words) -> Sign {
    let worst = clusters.iter().map(|cluster| cluster.state).max().unwrap_or(State::Unknown);
    let changes = outcome.changes_on(&outcome.hosts);
    let (state, headline) = match worst {
        _ if outcome.interrupted => (State::Fail, words.choose("Interrupted", "Interrompido")),
        State::Fail | State::Skip => (worst, words.choose("Needs attention", "Requer atenção")),
        State::Pass => (State::Pass, words.choose("Everything works", "Tudo funciona")),
        State::Unknown if changes == 0 => (State::Pass, words.choose("Nothing to do", "Nada a fazer")),
        State::Unknown if !outcome.work.makes_changes() => {
            (State::Unknown, words.choose("Changes planned", "Mudanças planejadas"))
        }
        State::Unknown if outcome.work == Work::Reset => (State::Pass, words.choose("Undone", "Desfeito")),
        State::Unknown => (State::Pass, words.choose("Applied", "Aplicado")),
    };
    let (passed, all) = passed(outcome.checks.iter());
    let (figure, figure_label) = if all == 0 {
        (changes.to_string(), words.change_noun().of(changes))
    } else if clusters.len() > 1 {
        let working = clusters.iter().filter(|cluster| cluster.state == State::Pass).count();
        (format!("{working}/{}", clusters.len()), words.choose("clusters work", "clusters funcionam"))
    } else {
        (format!("{passed}/{all}"), words.probes_passed().of(all))
    };
    Sign { state, headline, figure, figure_label }
}

/// The counts below the verdict, but for the one in it.
fn figures(view: &View<'_>, words: Words) -> Vec<String> {
    let outcome = view.outcome;
    let ended = |status| view.hosts().filter(|host| host.status == status).count();
    let (passed, all) = passed(outcome.checks.iter());
    let mut figures = vec![words.host_noun().count(view.hosts().count())];
    if all > 0 && view.clusters.len() > 1 {
        figures.push(words.passed_of(passed, all));
    }
    if all > 0 && !outcome.hosts.is_empty() {
        figures.push(words.change_noun().count(outcome.changes_on(&outcome.hosts)));
    }
    for (status, noun) in
        [(HostStatus::Failed, words.failed_noun()), (HostStatus::Unreachable, words.unreachable_noun())]
    {
        let count = ended(status);
        if count > 0 {
            figures.push(noun.count(count));
        }
    }
    figures
}

/// What is to be mended, alike things once.
fn troubles(view: &View<'_>, words: Words) -> Vec<TroublePart> {
    let part = |trouble: &Trouble<'_>| TroublePart {
        hosts: names::compress(trouble.hosts()).join(", "),
        kind: trouble.probe.map(CheckKind::as_str),
        message: words.say(trouble.message),
        hint: trouble.hint().map(|hint| words.say(hint)),
        hint_of: trouble.hosts().next().filter(|_| !trouble.has_one_hint()).map(ToString::to_string),
    };
    groups::troubles(view).iter().map(part).collect()
}
