//! What every page has around its own part: the verdict at the head, and when and by what it was made.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::seen::State;
use crate::model::Inventory;
use crate::report::vocabulary::Words;
use crate::report::words;

/// The command that a page tells of, when it began and how long it took.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    pub command: &'static str,
    /// In the time zone of the laptop.
    pub began: DateTime<FixedOffset>,
    pub duration: Duration,
    pub inventory: &'a Inventory,
}

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

/// What is to be read from the last row.
#[derive(Debug, Serialize)]
pub struct Sign {
    state: State,
    mark: &'static str,
    headline: &'static str,
    figure: String,
    figure_label: &'static str,
}

impl PageHead {
    /// The head; `figures` stand below the verdict.
    pub fn new(occasion: Occasion<'_>, verdict: Sign, figures: Vec<String>, has_tools: bool) -> Self {
        let Occasion { command, began, duration, inventory } = occasion;
        let words = Words(inventory.language);
        Self {
            language: inventory.language.tag(),
            title: inventory.name.clone().unwrap_or_else(|| "provision".to_owned()),
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

impl Sign {
    /// A headline in the colour of a state, and one figure with what it counts.
    pub fn new(state: State, headline: &'static str, figure: String, figure_label: &'static str) -> Self {
        Self { state, mark: state.mark(), headline, figure, figure_label }
    }

    pub fn state(&self) -> State {
        self.state
    }
}
