//! What every page has around its own part: the verdict at the head, and when and by what it was made.

use std::time::Duration;

use serde::Serialize;

use super::seen::State;
use crate::report::vocabulary::Words;
use crate::report::{Report, words};

#[derive(Debug, Serialize)]
pub struct PageHead {
    language: &'static str,
    title: String,
    command: &'static str,
    /// Its file, without the folders of the laptop.
    pub inventory: String,
    began: String,
    began_machine: String,
    duration: String,
    version: &'static str,
    verdict: Sign,
    figures: Vec<String>,
    /// Whether there is enough to search in.
    has_tools: bool,
}

/// What is to be read from the last row: a headline in the colour of a state, and one figure with what it counts.
#[derive(Debug, Serialize)]
pub struct Sign {
    pub state: State,
    pub headline: &'static str,
    pub figure: String,
    pub figure_label: &'static str,
}

impl PageHead {
    /// The head of a run that took so long; `figures` stand below the verdict.
    pub fn new(
        report: &Report<'_>,
        duration: Duration,
        verdict: Sign,
        figures: Vec<String>,
        has_tools: bool,
    ) -> Self {
        let Report { began, command, inventory, .. } = *report;
        let words = Words(inventory.language);
        Self {
            language: inventory.language.tag(),
            title: inventory.title(),
            command,
            inventory: inventory.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            began: began.format(words.date_format()).to_string(),
            began_machine: began.to_rfc3339(),
            duration: words.time(&words::duration(duration)),
            version: env!("CARGO_PKG_VERSION"),
            verdict,
            figures,
            has_tools,
        }
    }
}
