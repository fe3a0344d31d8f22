//! The faults of documents, placed in their texts and shown to people.
//!
//! Owns their order, number and looks. Faults are collected by [`super::recorder`].

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::complaint::Complaint;
use super::mask;
use crate::error::Block;
use crate::model::{Language, Text, text};

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

    /// As they are shown, in both languages.
    #[cfg(test)]
    pub fn sample(&self) -> String {
        [Language::English, Language::Portuguese]
            .map(|language| self.render(language, false))
            .join("\n\n~~~~\n")
    }

    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().flat_map(|of| &of.found)
    }

    /// How many there are, those beyond the readable number included.
    pub fn count(&self) -> usize {
        self.0.iter().map(OfFile::count).sum()
    }

    /// How many there are, and where.
    fn summary(&self, shown: usize) -> Text {
        let count = match self.count() {
            1 => text!(en: "1 fault", pt: "1 erro"),
            count => text!(en: "{count} faults", pt: "{count} erros"),
        };
        let files: Vec<_> = self.0.iter().map(|of| Text::verbatim(of.path.display().to_string())).collect();
        let files = match files.as_slice() {
            [_, _, _, ..] => text!(en: "{number} files", pt: "{number} arquivos", number = files.len()),
            few => Text::list(few, few.len()),
        };
        if self.0.iter().all(|of| of.left_out == 0) {
            return text!(en: "{count} in {files}", pt: "{count} em {files}", count, files);
        }
        text!(
            en: "{count} in {files}, of which the first {shown} are shown",
            pt: "{count} em {files}; aqui estão os primeiros {shown}", count, files
        )
    }
}

impl Block for Faults {
    /// Each fault with its place, its line and its hint, and the number of faults below.
    fn render(&self, language: Language, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut shown: Vec<String> = self.0.iter().flat_map(|of| of.render(language, &renderer)).collect();
        let summary = self.summary(shown.len());
        shown.push(summary.words(language).to_owned());
        shown.join("\n\n")
    }
}

impl OfFile {
    fn count(&self) -> usize {
        self.found.len() + self.left_out
    }

    fn render(&self, language: Language, renderer: &Renderer) -> Vec<String> {
        let secrets = mask::literal_secrets(&self.text);
        self.found.iter().map(|fault| self.render_one(fault, language, renderer, &secrets)).collect()
    }

    fn render_one(
        &self,
        fault: &Fault,
        language: Language,
        renderer: &Renderer,
        secrets: &[Range<usize>],
    ) -> String {
        let [error, help] = match language {
            Language::English => [Level::ERROR, Level::HELP],
            Language::Portuguese => [Level::ERROR.with_name("erro"), Level::HELP.with_name("ajuda")],
        };
        let title = error.primary_title(fault.complaint.message.words(language));
        let help = help.message(fault.complaint.hint.words(language));
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

/// The nearest position at or before an offset that is in the text and no middle of a character.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
