//! The faults of documents, placed in their texts and shown to people.
//!
//! Owns their order, number and looks. Faults are collected by [`super::recorder`].

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::complaint::Complaint;
use super::mask;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The part of the text it is about, in bytes.
    pub span: Range<usize>,
    /// Line of its start, from 1.
    pub line: usize,
    pub complaint: Complaint,
}

/// Everything that is wrong with an inventory and the files that it names, file by file in the order of their texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<OfFile>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct OfFile {
    path: PathBuf,
    text: String,
    found: Vec<Fault>,
    /// Faults beyond the number that anyone reads at once.
    left_out: usize,
}

impl Faults {
    /// The faults of one file.
    pub fn new(path: &Path, text: &str, found: Vec<(Range<usize>, Complaint)>, left_out: usize) -> Self {
        let mut faults: Vec<_> = found
            .into_iter()
            .map(|(span, complaint)| {
                let start = floor(text, span.start);
                let end = floor(text, span.end.max(start));
                Fault { line: text[..start].matches('\n').count() + 1, span: start..end, complaint }
            })
            .collect();
        faults
            .sort_by(|a, b| (a.span.start, &a.complaint.message).cmp(&(b.span.start, &b.complaint.message)));
        Self(vec![OfFile { path: path.to_owned(), text: text.to_owned(), found: faults, left_out }])
    }

    /// Those of several files as one.
    pub fn together(all: impl IntoIterator<Item = Self>) -> Self {
        Self(all.into_iter().flat_map(|faults| faults.0).filter(|of| of.count() > 0).collect())
    }

    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().flat_map(|of| &of.found)
    }

    /// How many there are, those beyond the readable number included.
    pub fn count(&self) -> usize {
        self.0.iter().map(OfFile::count).sum()
    }

    /// Each fault with its place, its line and its hint, and the number of faults below.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut shown: Vec<String> = self.0.iter().flat_map(|of| of.render(&renderer)).collect();
        let count = match self.count() {
            1 => "1 fault".to_owned(),
            count => format!("{count} faults"),
        };
        let left_out: usize = self.0.iter().map(|of| of.left_out).sum();
        let rest = match shown.len() {
            _ if left_out == 0 => String::new(),
            shown => format!(", of which the first {shown} are shown"),
        };
        let files: Vec<_> = self.0.iter().map(|of| of.path.display().to_string()).collect();
        let files = match files.as_slice() {
            [one, other] => format!("{one} and {other}"),
            [_, _, ..] => format!("{} files", files.len()),
            few => few.concat(),
        };
        shown.push(format!("{count} in {files}{rest}"));
        shown.join("\n\n")
    }
}

impl OfFile {
    fn count(&self) -> usize {
        self.found.len() + self.left_out
    }

    fn render(&self, renderer: &Renderer) -> Vec<String> {
        let secrets = mask::literal_secrets(&self.text);
        self.found.iter().map(|fault| self.render_one(fault, renderer, &secrets)).collect()
    }

    fn render_one(&self, fault: &Fault, renderer: &Renderer, secrets: &[Range<usize>]) -> String {
        let title = Level::ERROR.primary_title(fault.complaint.message.as_str());
        let help = Level::HELP.message(fault.complaint.hint.as_str());
        let start = self.text[..fault.span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[start..].find('\n').map_or(self.text.len(), |newline| start + newline);
        let line = mask::mask(&self.text, start..end, secrets);
        let from = line.place(fault.span.start - start);
        let to = line.place(fault.span.end.clamp(fault.span.start, end) - start);
        let path = self.path.display().to_string();
        let snippet = Snippet::source(line.text)
            .path(path)
            .line_start(fault.line)
            .annotation(AnnotationKind::Primary.span(from..to));
        renderer.render(&[title.element(snippet).element(help)])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Faults {}

/// The nearest position at or before an offset that is in the text and no middle of a character.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
