//! What a program reads on its standard input: lines, and what is in files.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// So much of a content is encoded at once: a multiple of three, so that all pieces together are one text in base64.
const PIECE_BYTES: usize = 48 * 1024;

/// One field a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Data(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// In base64 once it is on its way. All hosts with the same file share it.
    Content(Arc<[u8]>),
}

impl Data {
    /// Appends a line of words that were checked one by one.
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        self.text(line.as_ref());
        self.text("\n");
    }

    /// Appends a line of a word and, in base64, what is in a file.
    pub(super) fn content(&mut self, word: &str, content: &Arc<[u8]>) {
        self.text(word);
        self.text(" ");
        self.0.push(Part::Content(Arc::clone(content)));
        self.text("\n");
    }

    pub(super) fn end(&mut self) {
        self.line(".");
    }

    pub(super) fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.0.push(Part::Text(text.to_owned())),
        }
    }

    /// Appends other data.
    pub(super) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// As it travels, each piece made when it is its turn.
    pub(super) fn pieces(self) -> impl Iterator<Item = Bytes> + Send + 'static {
        self.0.into_iter().flat_map(|part| -> Box<dyn Iterator<Item = Bytes> + Send> {
            match part {
                Part::Text(text) => Box::new(std::iter::once(Bytes::from(text))),
                Part::Content(content) => {
                    Box::new((0..content.len()).step_by(PIECE_BYTES).map(move |from| {
                        let to = content.len().min(from + PIECE_BYTES);
                        STANDARD.encode(content.get(from..to).unwrap_or_default()).into()
                    }))
                }
            }
        })
    }
}

impl From<String> for Data {
    fn from(text: String) -> Self {
        Self(vec![Part::Text(text)])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// All of it as a text.
    pub fn text(data: Data) -> String {
        String::from_utf8(data.pieces().flatten().collect()).unwrap()
    }

    #[test]
    fn what_is_in_a_file_travels_in_pieces_and_is_never_copied_whole() {
        let content: Arc<[u8]> = (0..=255).cycle().take(1_000_001).collect();
        let mut data = Data::default();
        data.line("first");
        data.content("3", &content);
        data.end();
        assert_eq!(Arc::strong_count(&content), 2);
        assert_eq!(text(data.clone()), format!("first\n3 {}\n.\n", STANDARD.encode(&content)));
        assert!(data.pieces().all(|piece| piece.len() <= PIECE_BYTES / 3 * 4));
        let mut empty = Data::default();
        empty.content("0", &Arc::from([]));
        assert_eq!(text(empty), "0 \n");
    }
}
