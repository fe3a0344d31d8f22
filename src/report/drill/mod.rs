//! The result of failover drills: the sentences, a chart of who answered, and the JSON document.

pub mod answers;
mod chart;
mod json;
mod text;
mod verdict;

pub use json::drill_document;
pub use text::{drill_intention, drill_text};
pub use verdict::Verdict;

#[cfg(test)]
mod tests;
