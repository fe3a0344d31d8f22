//! The whole page as values, from the verdict at its head to the last host.

use serde::Serialize;

use super::cluster::ClusterPart;
use super::head::{PageHead, Sign};
use super::probed::Probe;
use super::seen::{State, passed};
use crate::model::{Check, CheckKind, Failure, HostId, HostStatus, RunOutcome, Text, Work, kinds};
use crate::report::view::{ClusterView, View};
use crate::report::vocabulary::Words;
use crate::report::{Report, groups, names};

/// What is shown, in the order of the page.
#[derive(Debug, Serialize)]
pub struct Page {
    frame: PageHead,
    troubles: Vec<Trouble>,
    probes: Vec<Probe>,
    clusters: Vec<ClusterPart>,
}

#[derive(Debug, Serialize)]
struct Trouble {
    hosts: String,
    kind: Option<&'static str>,
    message: String,
    hint: Option<String>,
    /// The host that the hint is of, where each has its own.
    hint_of: Option<String>,
}

impl Page {
    /// The page of a run whose outcome has been cleaned.
    pub fn new(report: &Report<'_>, outcome: &RunOutcome) -> Self {
        let inventory = report.inventory;
        let words = Words(inventory.language);
        let view = View::new(outcome, inventory);
        let kinds = kinds(&outcome.checks);
        let mut hosts = 1..;
        let cluster = |(number, cluster): (usize, &ClusterView<'_>)| {
            let changes = outcome.changes_on(cluster.worked());
            ClusterPart::new(cluster, number, &mut hosts, changes, &kinds, words)
        };
        let clusters: Vec<_> = (1..).zip(&view.0).map(cluster).collect();
        let has_tools = view.hosts().count() > 1;
        let verdict = verdict(outcome, &clusters, words);
        let figures = figures(outcome, &view, words);
        Self {
            frame: PageHead::new(report, outcome.duration, verdict, figures, has_tools),
            troubles: troubles(outcome, words),
            probes: kinds.iter().map(|kind| Probe::new(*kind, words)).collect(),
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
fn figures(outcome: &RunOutcome, view: &View<'_>, words: Words) -> Vec<String> {
    let ended = |status| view.hosts().filter(|host| host.status == status).count();
    let (passed, all) = passed(outcome.checks.iter());
    let mut figures = vec![words.host_noun().count(view.hosts().count())];
    if all > 0 && view.0.len() > 1 {
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
fn troubles(outcome: &RunOutcome, words: Words) -> Vec<Trouble> {
    let failures = groups::failures(outcome);
    let failures = failures.iter().map(|group| {
        let hosts = group.hosts.iter().map(|host| &host.host).collect();
        let Failure { message, hint, .. } = group.failure;
        Trouble::new(hosts, None, message, hint.as_ref(), group.same_hint, words)
    });
    let checks = groups::failed_checks(outcome);
    let checks = checks.iter().map(|group| {
        let Check { kind, detail, hint, .. } = group.check;
        Trouble::new(group.hosts.clone(), Some(*kind), detail, hint.as_ref(), group.same_hint, words)
    });
    failures.chain(checks).collect()
}

impl Trouble {
    fn new(
        hosts: Vec<&HostId>,
        kind: Option<CheckKind>,
        message: &Text,
        hint: Option<&Text>,
        same_hint: bool,
        words: Words,
    ) -> Self {
        Self {
            kind: kind.map(CheckKind::as_str),
            message: words.say(message),
            hint: hint.map(|hint| words.say(hint)),
            hint_of: hosts.first().filter(|_| !same_hint).map(ToString::to_string),
            hosts: names::compress(hosts).join(", "),
        }
    }
}
