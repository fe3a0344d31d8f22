//! A sentence on a page: what stands between backticks is a command, a path or a word of a file.

use tera::{Kwargs, State, TeraResult, Value, escape_html};

/// The filter `sentence` of the templates: escapes a text, and marks code in it.
pub fn sentence(text: &str, _: Kwargs, _: &State<'_>) -> TeraResult<Value> {
    Ok(Value::safe_string(&marked(text)?))
}

fn marked(text: &str) -> TeraResult<String> {
    let mut escaped = Vec::new();
    escape_html(text, &mut escaped)?;
    let escaped = String::from_utf8_lossy(&escaped);
    let parts: Vec<&str> = escaped.split('`').collect();
    // A backtick without another is none of ours.
    if parts.len().is_multiple_of(2) {
        return Ok(escaped.into_owned());
    }
    let marked = parts.iter().enumerate().map(|(place, part)| {
        if place.is_multiple_of(2) { (*part).to_owned() } else { format!("<code>{part}</code>") }
    });
    Ok(marked.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_marked_and_all_is_escaped() {
        for (text, expected) in [
            ("`provision apply` starts it", "<code>provision apply</code> starts it"),
            ("a <b> & `c <d>`: `e`", "a &lt;b&gt; &amp; <code>c &lt;d&gt;</code>: <code>e</code>"),
            ("one ` alone", "one ` alone"),
            ("```<script>", "```&lt;script&gt;"),
            ("", ""),
        ] {
            assert_eq!(marked(text).unwrap(), expected);
        }
    }
}
