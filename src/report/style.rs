//! Colours and marks, each with a plain form. Every text reads the same without colour.

use std::fmt::Display;

use anstyle::{AnsiColor, Style as Ansi};

use crate::model::Language;

/// How text may look on the stream that it goes to, and what is spoken there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub colour: bool,
    /// Whether the locale shows more than ASCII.
    pub unicode: bool,
    pub language: Language,
}

/// How much may be shown on a stream, and how.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub style: Style,
    /// Whether it is a terminal, on which more than lines can be drawn.
    pub is_terminal: bool,
    pub width: usize,
    pub quiet: bool,
    /// 0 without `-v`; from 1 on nothing is cut short.
    pub verbose: u8,
}

impl Look {
    pub fn shows_all(self) -> bool {
        self.verbose > 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be; something is added.
    Good,
    /// Not as it should be; something goes.
    Bad,
    /// Deserves a look; something is altered.
    Caution,
    /// Something is done; where a thing is.
    Accent,
    Strong,
    Faint,
}

impl Style {
    pub fn paint(self, tone: Tone, text: impl Display) -> String {
        if !self.colour {
            return text.to_string();
        }
        let ansi = match tone {
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Red.on_default(),
            Tone::Caution => AnsiColor::Yellow.on_default(),
            Tone::Accent => AnsiColor::Cyan.on_default(),
            Tone::Strong => Ansi::new().bold(),
            Tone::Faint => Ansi::new().dimmed(),
        };
        format!("{ansi}{text}{ansi:#}")
    }

    fn choose(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    pub fn pass(self) -> &'static str {
        self.choose("✓", "ok")
    }

    pub fn fail(self) -> &'static str {
        self.choose("✗", "X")
    }

    pub fn skip(self) -> &'static str {
        self.choose("–", "-")
    }

    /// Leads to what to do next, or from one state to another.
    pub fn arrow(self) -> &'static str {
        self.choose("→", "->")
    }

    /// Stands for what was left out.
    pub fn ellipsis(self) -> &'static str {
        self.choose("…", "...")
    }
}
