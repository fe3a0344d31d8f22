//! Values of people's own that become `vars`, and those that must not.

use std::borrow::Cow;

use super::remark::{Place, Remarks};
use crate::document::suggestion;
use crate::model::{Value, clean, holds_secret, is_secret_name, is_secret_text, text};

/// Keys by which an item says what it is called, and those of its value: `{ name: DB_PASSWORD, value: … }`.
const NAMES: [&str; 6] = ["name", "key", "var", "variable", "env", "nome"];
const VALUES: [&str; 7] = ["value", "val", "content", "data", "default", "valor", "values"];

/// A word of the source, fit to be shown: none that has a secret in it.
pub fn shown(word: &str) -> String {
    if holds_secret(word) { "…".to_owned() } else { suggestion::shown(word) }
}

/// The value as `vars` may have it; what is left out is told.
pub fn plain(name: &str, value: &Value, place: Place, remarks: &mut Remarks) -> Option<Value> {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if is_secret_name(name) {
        let shown = shown(name);
        remarks.lost(
            place,
            text!(
                en: "`{shown}` looks like a secret and is left out: no secret stands in an inventory",
                pt: "`{shown}` parece um segredo e fica de fora: nenhum segredo fica em um inventário"
            ),
        );
        return None;
    }
    if !begins || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        let shown = shown(name);
        remarks.lost(
            place,
            text!(
                en: "`{shown}` is left out: templates can't use a name with such signs",
                pt: "`{shown}` fica de fora: modelos não podem usar um nome com esses sinais"
            ),
        );
        return None;
    }
    without_secrets(name, value, place, remarks)
}

/// The value without what looks like a secret, however deep, and without characters that act on a terminal.
fn without_secrets(path: &str, value: &Value, place: Place, remarks: &mut Remarks) -> Option<Value> {
    match value {
        Value::String(text) if is_secret_text(text) => {
            lost(path, place, remarks);
            None
        }
        Value::String(text) => match clean(text) {
            Cow::Borrowed(_) => Some(value.clone()),
            Cow::Owned(clean) => {
                let shown = shown(path);
                remarks.lost(
                    place,
                    text!(
                        en: "`{shown}` loses its control characters",
                        pt: "`{shown}` perde seus caracteres de controle"
                    ),
                );
                Some(Value::String(clean))
            }
        },
        Value::Array(items) => list(path, items, place, remarks),
        Value::Object(map) => {
            let is_of_secret = map.iter().any(|(key, item)| {
                NAMES.contains(&key.to_lowercase().as_str()) && item.as_str().is_some_and(is_secret_name)
            });
            let mut kept = serde_json::Map::new();
            for (key, item) in map {
                let path = format!("{path}.{key}");
                if key == "<<" {
                    // For YAML a merge, and nothing that could be written.
                } else if is_secret_name(key)
                    || is_secret_text(key)
                    || (is_of_secret && VALUES.contains(&key.to_lowercase().as_str()))
                {
                    lost(&path, place, remarks);
                } else if let Some(item) = without_secrets(&path, item, place, remarks) {
                    kept.insert(clean(key).into_owned(), item);
                }
            }
            Some(Value::Object(kept))
        }
        _ => Some(value.clone()),
    }
}

/// The items without secrets; of the words of one command, such as `--password` and what is behind it, none.
fn list(path: &str, items: &[Value], place: Place, remarks: &mut Remarks) -> Option<Value> {
    let kept: Vec<Value> =
        items.iter().filter_map(|item| without_secrets(path, item, place, remarks)).collect();
    let words: Vec<&str> = kept.iter().filter_map(Value::as_str).collect();
    if holds_secret(&words.join(" ")) {
        lost(path, place, remarks);
        return None;
    }
    Some(Value::Array(kept))
}

fn lost(path: &str, place: Place, remarks: &mut Remarks) {
    let shown = shown(path);
    remarks.lost(
        place,
        text!(
            en: "the value of `{shown}` looks like a secret and is left out",
            pt: "o valor de `{shown}` parece um segredo e fica de fora"
        ),
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_left_out_however_deep() {
        for (written, expected) in [
            (json!({ "login": { "user": "ana", "pw": "x" } }), json!({ "login": { "user": "ana" } })),
            (json!(["DB_PASSWORD=x", "PORT=80"]), json!(["PORT=80"])),
            (
                json!({ "a": [{ "name": "DB_PASSWORD", "value": "x" }, { "name": "PORT", "value": "80" }] }),
                json!({ "a": [{ "name": "DB_PASSWORD" }, { "name": "PORT", "value": "80" }] }),
            ),
            (json!({ "command": ["tool", "--password", "x"], "n": 1 }), json!({ "n": 1 })),
            (json!({ "command": ["mysql", "-px"], "n": 1 }), json!({ "n": 1 })),
            (json!({ "token=x": 1, "n": 1 }), json!({ "n": 1 })),
            (json!(["ana", "rui", "3.12.4", 8080, true]), json!(["ana", "rui", "3.12.4", 8080, true])),
        ] {
            let mut remarks = Remarks::default();
            let kept = plain("value", &written, Place::whole(0), &mut remarks);
            assert_eq!(kept, Some(expected), "{written}");
        }
    }
}
