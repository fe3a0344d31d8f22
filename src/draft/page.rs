//! Lines with comments beside them, at 80 columns.

use unicode_width::UnicodeWidthStr;

use crate::model::{clean, clean_line};

const WIDTH: usize = 80;
/// Between a line and the comment beside it, at least.
const GAP: usize = 3;
/// Longer comments are cut: they are somebody's data.
const COMMENT_LIMIT: usize = 400;

#[derive(Debug, Default)]
pub struct Page {
    /// Of lines that stand together, and so have their comments at one column.
    paragraphs: Vec<Vec<Line>>,
}

#[derive(Debug)]
struct Line {
    indent: usize,
    text: String,
    comment: Option<String>,
}

impl Page {
    /// Lines of comment above all others.
    pub fn head<'a>(&mut self, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            let line = clean(line).replace('\n', " ");
            self.line(0, format!("# {line}").trim_end(), None);
        }
        self.blank();
    }

    /// Begins a new paragraph.
    pub fn blank(&mut self) {
        if self.paragraphs.last().is_some_and(|lines| !lines.is_empty()) {
            self.paragraphs.push(Vec::new());
        }
    }

    pub fn line(&mut self, indent: usize, text: impl Into<String>, comment: Option<&str>) {
        let comment =
            comment.map(|comment| clean_line(comment, COMMENT_LIMIT)).filter(|comment| !comment.is_empty());
        if self.paragraphs.is_empty() {
            self.paragraphs.push(Vec::new());
        }
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.push(Line { indent, text: text.into(), comment });
        }
    }

    /// Whether a text fits on a line.
    pub fn fits(indent: usize, text: &str) -> bool {
        indent + text.width() <= WIDTH
    }

    pub fn finish(self) -> String {
        let paragraphs = self.paragraphs.into_iter().filter(|lines| !lines.is_empty());
        paragraphs.map(|lines| paragraph(&lines)).collect::<Vec<_>>().join("\n")
    }
}

fn paragraph(lines: &[Line]) -> String {
    let column = column(lines);
    let mut text = String::new();
    for line @ Line { indent, text: words, comment } in lines {
        let space = " ".repeat(*indent);
        match comment {
            Some(comment) if line.has_room(column) => {
                let gap = " ".repeat(column - line.width());
                text.push_str(&format!("{space}{words}{gap}# {comment}\n"));
            }
            _ => {
                for part in comment.iter().flat_map(|comment| folded(comment, WIDTH - indent - 2)) {
                    text.push_str(&format!("{space}# {part}\n"));
                }
                text.push_str(&format!("{space}{words}\n"));
            }
        }
    }
    text
}

/// Where the comments of these lines stand: as far to the left as those allow that have room at all.
fn column(lines: &[Line]) -> usize {
    let mut column = 0;
    let mut beside: Vec<&Line> = lines.iter().filter(|line| line.comment.is_some()).collect();
    loop {
        let widest = beside.iter().map(|line| line.width() + GAP).max().unwrap_or_default();
        beside.retain(|line| line.has_room(widest));
        if widest == column || beside.is_empty() {
            return column;
        }
        column = widest;
    }
}

impl Line {
    fn width(&self) -> usize {
        self.indent + self.text.width()
    }

    /// Whether its comment can stand beside it.
    fn has_room(&self, column: usize) -> bool {
        let comment = self.comment.as_deref().unwrap_or_default();
        self.width() + GAP <= column && column + "# ".len() + comment.width() <= WIDTH
    }
}

/// Broken between words.
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
