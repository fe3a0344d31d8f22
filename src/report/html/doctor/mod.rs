//! The page of a preflight as values: whether the class can begin, what stands in its way, and how to mend that.

mod finding;
mod overview;

use serde::Serialize;

use super::head::{PageHead, Sign};
use super::seen::State;
use crate::model::{PreflightOutcome, Severity, shell_word};
use crate::report::vocabulary::{Noun, Words};
use crate::report::{Report, groups};
use finding::FindingPart;
use overview::Overview;

const SEVERITIES: [Severity; 3] = [Severity::Fatal, Severity::Warning, Severity::Note];

/// What is shown, in the order of the page.
#[derive(Debug, Serialize)]
pub struct DoctorPage {
    frame: PageHead,
    overview: Option<Overview>,
    parts: Vec<SeverityPart>,
    /// The command to run where nothing is in the way.
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct SeverityPart {
    name: &'static str,
    state: State,
    title: &'static str,
    /// What it says of a host.
    meaning: &'static str,
    findings: Vec<FindingPart>,
}

impl DoctorPage {
    pub fn new(report: &Report<'_>, outcome: &PreflightOutcome) -> Self {
        let inventory = report.inventory;
        let words = Words(inventory.language);
        let groups = groups::findings(&outcome.findings);
        let part = |severity: Severity| {
            let groups = groups.iter().enumerate().filter(|(_, group)| group.first.severity == severity);
            let findings = groups.map(|(index, group)| FindingPart::new(group, index + 1, words)).collect();
            SeverityPart::new(severity, findings, words)
        };
        let parts: Vec<SeverityPart> =
            SEVERITIES.into_iter().map(part).filter(|part| !part.findings.is_empty()).collect();
        let mut figures: Vec<String> = SEVERITIES
            .into_iter()
            .filter_map(|severity| {
                let count = groups.iter().filter(|group| group.first.severity == severity).count();
                (count > 0).then(|| words.severity_noun(severity).count(count))
            })
            .collect();
        if outcome.interrupted {
            figures.push(words.choose("not all of them examined", "nem todas examinadas").to_owned());
        }
        let verdict = verdict(outcome, words);
        let is_ready = verdict.state == State::Pass;
        let has_tools = outcome.hosts.len() > 1 && !groups.is_empty();
        let frame = PageHead::new(report, outcome.duration, verdict, figures, has_tools);
        Self {
            overview: Overview::new(outcome, &groups, inventory),
            parts,
            next: is_ready.then(|| format!("provision apply {}", shell_word(&frame.inventory))),
            frame,
        }
    }
}

fn verdict(outcome: &PreflightOutcome, words: Words) -> Sign {
    let (hosts, unfit) = (outcome.hosts.len(), outcome.unfit().len());
    let ready =
        words.choose(Noun::new("host ready", "hosts ready"), Noun::new("máquina pronta", "máquinas prontas"));
    let not_ready = words.choose(
        Noun::new("host not ready", "hosts not ready"),
        Noun::new("máquina não pronta", "máquinas não prontas"),
    );
    let (state, headline) = if outcome.interrupted {
        (State::Fail, words.choose("Interrupted", "Interrompido"))
    } else if unfit > 0 {
        (State::Fail, words.choose("Not ready for class", "Não está pronto"))
    } else {
        (State::Pass, words.choose("Ready for class", "Pronto para a aula"))
    };
    let (figure, figure_label) = match state {
        State::Pass => (hosts.to_string(), ready.of(hosts)),
        _ => (format!("{unfit}/{hosts}"), not_ready.of(hosts)),
    };
    Sign { state, headline, figure, figure_label }
}

impl SeverityPart {
    fn new(severity: Severity, findings: Vec<FindingPart>, words: Words) -> Self {
        let (title, meaning) = match severity {
            Severity::Fatal => (
                words.choose("To be mended before class", "A corrigir antes da aula"),
                words.choose(
                    "The practice does not work on these hosts until it is mended.",
                    "A prática não funciona nessas máquinas até que isso seja corrigido.",
                ),
            ),
            Severity::Warning => (
                words.choose("Warnings", "Avisos"),
                words.choose("The class may be disturbed by it.", "Pode atrapalhar a aula."),
            ),
            Severity::Note => (
                words.choose("Notes", "Observações"),
                words.choose("Good to know; the class works.", "Bom saber; a aula funciona assim mesmo."),
            ),
        };
        Self { name: severity.into_str(), state: state(severity), title, meaning, findings }
    }
}

fn state(severity: Severity) -> State {
    match severity {
        Severity::Fatal => State::Fail,
        Severity::Warning => State::Skip,
        Severity::Note => State::Unknown,
    }
}

/// A sign that tells severities apart without colours, as on the terminal.
fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Fatal => "✗",
        Severity::Warning => "!",
        Severity::Note => "–",
    }
}

fn word(severity: Severity, words: Words) -> &'static str {
    match severity {
        Severity::Fatal => words.choose("fatal", "grave"),
        Severity::Warning | Severity::Note => words.severity_noun(severity).of(1),
    }
}
