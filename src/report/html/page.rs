//! The whole page as values, from the verdict at its head to the last host.

use serde::Serialize;

use super::cluster::ClusterPart;
use super::matrix::Matrix;
use super::seen::{Seen, State, changes, passed};
use crate::model::{Check, CheckKind, Failure, HostId, RunOutcome, Text};
use crate::report::vocabulary::Words;
use crate::report::{Report, RunKind, groups, names, words};

/// What is shown, in the order of the page.
#[derive(Debug, Serialize)]
pub struct Page {
    language: &'static str,
    words: &'static Words,
    title: String,
    command: &'static str,
    inventory: String,
    began: String,
    began_machine: String,
    duration: String,
    version: &'static str,
    verdict: Verdict,
    figures: Vec<String>,
    troubles: Vec<Trouble>,
    matrix: Option<Matrix>,
    clusters: Vec<ClusterPart>,
    /// Whether there is enough to search in.
    has_tools: bool,
}

#[derive(Debug, Serialize)]
struct Verdict {
    state: State,
    mark: &'static str,
    headline: &'static str,
    figure: String,
    figure_label: &'static str,
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
    pub fn new(report: &Report<'_>) -> Self {
        let Report { kind, began, outcome, inventory } = *report;
        let words = Words::of(inventory.language);
        let seen = Seen { outcome, words };
        let mut first = 1;
        let mut clusters = Vec::new();
        for (index, cluster) in inventory.clusters.iter().enumerate() {
            clusters.extend(ClusterPart::new(cluster, index + 1, first, seen));
            first += cluster.hosts.len();
        }
        Self {
            language: inventory.language.tag(),
            words,
            title: inventory.name.clone().unwrap_or_else(|| "provision".to_owned()),
            command: kind.as_str(),
            inventory: inventory.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            began: began.format(words.date_format()).to_string(),
            began_machine: began.to_rfc3339(),
            duration: words.number(&words::duration(outcome.duration)),
            version: env!("CARGO_PKG_VERSION"),
            verdict: Verdict::new(kind, outcome, &clusters, words),
            figures: figures(outcome, &clusters, words),
            troubles: troubles(outcome, words),
            matrix: Matrix::new(seen, &clusters),
            has_tools: clusters.iter().map(|cluster| cluster.hosts.len()).sum::<usize>() > 1,
            clusters,
        }
    }
}

impl Verdict {
    fn new(kind: RunKind, outcome: &RunOutcome, clusters: &[ClusterPart], words: &'static Words) -> Self {
        let worst = clusters.iter().map(|cluster| cluster.state).max().unwrap_or(State::Unknown);
        let changes = changes(outcome.hosts.iter(), outcome.was_executed());
        let (state, headline) = match worst {
            _ if outcome.interrupted => (State::Fail, words.interrupted),
            State::Fail => (State::Fail, words.attention),
            State::Skip => (State::Skip, words.attention),
            State::Pass => (State::Pass, words.works),
            State::Unknown if changes == 0 => (State::Pass, words.nothing_to_do),
            State::Unknown if !outcome.was_executed() => (State::Unknown, words.planned),
            State::Unknown if kind == RunKind::Reset => (State::Pass, words.undone),
            State::Unknown => (State::Pass, words.applied),
        };
        let (passed, all) = passed(outcome.checks.iter());
        let (figure, figure_label) = if all == 0 {
            (changes.to_string(), words.change_noun.of(changes))
        } else if clusters.len() > 1 {
            let working = clusters.iter().filter(|cluster| cluster.state == State::Pass).count();
            (format!("{working}/{}", clusters.len()), words.clusters_work)
        } else {
            (format!("{passed}/{all}"), words.probes_passed.of(all))
        };
        Self { state, mark: state.mark(), headline, figure, figure_label }
    }
}

/// The counts below the verdict, but for the one in it.
fn figures(outcome: &RunOutcome, clusters: &[ClusterPart], words: &Words) -> Vec<String> {
    let summary = outcome.summary();
    let hosts = clusters.iter().map(|cluster| cluster.hosts.len()).sum();
    let (passed, all) = passed(outcome.checks.iter());
    let mut figures = vec![words.host_noun.count(hosts)];
    if all > 0 && clusters.len() > 1 {
        figures.push(words.passed_of(passed, all));
    }
    if all > 0 && !outcome.hosts.is_empty() {
        figures.push(words.change_noun.count(changes(outcome.hosts.iter(), outcome.was_executed())));
    }
    for (count, noun) in [(summary.failed, words.failed_noun), (summary.unreachable, words.unreachable_noun)]
    {
        if count > 0 {
            figures.push(noun.count(count));
        }
    }
    figures
}

/// What is to be mended, alike things once.
fn troubles(outcome: &RunOutcome, words: &Words) -> Vec<Trouble> {
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
        words: &Words,
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
