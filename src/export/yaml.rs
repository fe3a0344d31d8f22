//! YAML as the engines read it that an export is for. They follow YAML 1.1, in which `on`, `0755`, `12:30` and `2026-01-01`
//! are no texts: so nothing but plain words stands unquoted.

/// A value of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Yaml {
    Flag(bool),
    Number(u64),
    Text(String),
    /// Text that the engine would evaluate, marked so that it does not.
    Unsafe(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// Whether it is a list or a map with nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// The document of it; what lies in it at the top stands apart by empty lines where it is a list.
    pub fn document(&self) -> String {
        let mut text = String::new();
        match self {
            Self::List(items) if !items.is_empty() => {
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        text.push('\n');
                    }
                    text.push_str("- ");
                    item.write(&mut text, 2, true);
                }
            }
            other => other.write(&mut text, 0, true),
        }
        text
    }

    /// Writes it behind a key or a dash. What has lines of its own is indented; the first of them `begun` already where it
    /// stands behind a dash, or nowhere.
    fn write(&self, out: &mut String, indent: usize, begun: bool) {
        match self {
            Self::Map(entries) if !entries.is_empty() => {
                for (position, (key, value)) in entries.iter().enumerate() {
                    begin(out, indent, begun && position == 0);
                    out.push_str(&quoted(key));
                    out.push(':');
                    value.write_behind(out, indent + 2);
                }
            }
            Self::List(items) if !items.is_empty() => {
                for (position, item) in items.iter().enumerate() {
                    begin(out, indent, begun && position == 0);
                    out.push_str("- ");
                    item.write(out, indent + 2, true);
                }
            }
            scalar => {
                out.push_str(&scalar.scalar(indent));
                out.push('\n');
            }
        }
    }

    fn write_behind(&self, out: &mut String, indent: usize) {
        let has_lines = matches!(self, Self::Map(_) | Self::List(_)) && !self.is_empty();
        out.push(if has_lines { '\n' } else { ' ' });
        self.write(out, indent, !has_lines);
    }

    fn scalar(&self, indent: usize) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text_in_lines(text, indent).unwrap_or_else(|| quoted(text)),
            Self::Unsafe(text) => {
                format!("!unsafe {}", text_in_lines(text, indent).unwrap_or_else(|| quoted(text)))
            }
            Self::List(_) => "[]".to_owned(),
            Self::Map(_) => "{}".to_owned(),
        }
    }
}

fn begin(out: &mut String, indent: usize, begun: bool) {
    if !begun {
        out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// Text of several lines as a block, where it comes back from that as it was.
fn text_in_lines(text: &str, indent: usize) -> Option<String> {
    let (body, mark) = match text.strip_suffix('\n') {
        Some(body) => (body, "|"),
        None => (text, "|-"),
    };
    let is_plain = |sign: char| sign == '\n' || is_printable(sign);
    let fits = body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n'])
        && text.chars().all(is_plain);
    if !fits {
        return None;
    }
    let mut block = mark.to_owned();
    for line in body.split('\n') {
        block.push('\n');
        if !line.is_empty() {
            begin(&mut block, indent.max(2), false);
            block.push_str(line);
        }
    }
    Some(block)
}

/// A text on one line.
fn quoted(text: &str) -> String {
    if is_word(text) {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for sign in text.chars() {
        match sign {
            '"' | '\\' => quoted.extend(['\\', sign]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            sign if is_printable(sign) => quoted.push(sign),
            sign => match u32::from(sign) {
                code @ 0..=0xff => quoted.push_str(&format!("\\x{code:02x}")),
                code @ 0x100..=0xffff => quoted.push_str(&format!("\\u{code:04x}")),
                code => quoted.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    quoted.push('"');
    quoted
}

/// Whether every reader takes it for text as it stands, and nobody would misread it.
fn is_word(text: &str) -> bool {
    const TAKEN: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"];
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || "_-./ ".contains(sign);
    text.starts_with(|first: char| first.is_ascii_alphabetic() || "/_".contains(first))
        && text.chars().all(is_sign)
        && !text.ends_with(' ')
        && !TAKEN.contains(&text.to_ascii_lowercase().as_str())
}

/// Letters, digits and signs of any script that YAML lets stand; no line ends of other scripts, no marks of direction.
fn is_printable(sign: char) -> bool {
    matches!(
        sign,
        ' '..='~'
            | '\u{a0}'..='\u{1fff}'
            | '\u{2010}'..='\u{2027}'
            | '\u{2030}'..='\u{205f}'
            | '\u{2070}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fefe}'
            | '\u{ff00}'..='\u{fffd}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader makes of it, which knows no marks.
    fn read(value: &Yaml) -> serde_json::Value {
        match value {
            Yaml::Flag(flag) => (*flag).into(),
            Yaml::Number(number) => (*number).into(),
            Yaml::Text(text) | Yaml::Unsafe(text) => text.clone().into(),
            Yaml::List(items) => items.iter().map(read).collect(),
            Yaml::Map(entries) => entries
                .iter()
                .map(|(key, value)| (key.clone(), read(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    fn value() -> impl Strategy<Value = Yaml> {
        let text = prop_oneof![any::<String>(), "[a-z0-9:{}#%'\"\\\\ \n\t-]{0,12}"];
        let leaf = prop_oneof![
            any::<bool>().prop_map(Yaml::Flag),
            (0..u64::from(u32::MAX)).prop_map(Yaml::Number),
            text.prop_map(Yaml::Text),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Yaml::List),
                prop::collection::btree_map("[a-z: ]{1,6}", inner, 0..4)
                    .prop_map(|map| Yaml::Map(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in value()) {
            let document = value.document();
            let back: serde_json::Value = serde_yaml::from_str(&document).unwrap();
            prop_assert_eq!(back, read(&value), "{}", document);
        }
    }

    #[test]
    fn nothing_but_words_stands_unquoted() {
        for word in ["web", "/etc/x.conf", "ana-web01", "Install packages", "yes no"] {
            assert_eq!(quoted(word), word);
        }
        for text in [
            "",
            "yes",
            "Off",
            "0755",
            "12:30:45",
            "2026-01-01",
            "1e3",
            "~",
            "=",
            "<<",
            "-x",
            "a: b",
            "a #b",
            "{{ x }}",
        ] {
            assert_eq!(quoted(text), format!("\"{text}\""));
        }
        assert_eq!(quoted("a\"\\\r\u{85}\u{202e}é🦀"), r#""a\"\\\x0d\x85\u202eé\U0001f980""#);
    }

    #[test]
    fn texts_of_several_lines_are_blocks() {
        let document = Yaml::map([
            ("run", Yaml::Unsafe("if {{ x }}; then\n    y\n\nfi\n".to_owned())),
            (
                "list",
                Yaml::List(vec![
                    Yaml::text("a\nb"),
                    Yaml::texts(["c"]),
                    Yaml::map([("k", Yaml::Flag(true))]),
                ]),
            ),
            ("none", Yaml::List(Vec::new())),
        ])
        .document();
        insta::assert_snapshot!(document);
    }
}
