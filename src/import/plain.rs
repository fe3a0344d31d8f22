//! Values of people's own that become `vars`, and those that must not.

use std::borrow::Cow;

use crate::document::suggestion::shown;
use crate::model::secret::{is_secret_name, is_secret_text};
use crate::model::{Value, clean, text};

use super::remark::{Place, Remarks};

/// The value as `vars` may have it; what is left out is told.
pub fn plain(name: &str, value: &Value, place: Place, remarks: &mut Remarks) -> Option<Value> {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let shown = shown(name);
    if is_secret_name(name) {
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
    let lost = |remarks: &mut Remarks, path: &str| {
        let shown = shown(path);
        remarks.lost(
            place,
            text!(
                en: "the value of `{shown}` looks like a secret and is left out",
                pt: "o valor de `{shown}` parece um segredo e fica de fora"
            ),
        );
    };
    match value {
        Value::String(text) if is_secret_text(text) => {
            lost(remarks, path);
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
        Value::Array(items) => {
            let items = items.iter().filter_map(|item| without_secrets(path, item, place, remarks));
            Some(Value::Array(items.collect()))
        }
        Value::Object(map) => {
            let mut kept = serde_json::Map::new();
            for (key, item) in map {
                let path = format!("{path}.{key}");
                if key == "<<" {
                    // For YAML a merge, and nothing that could be written.
                } else if is_secret_name(key) {
                    lost(remarks, &path);
                } else if let Some(item) = without_secrets(&path, item, place, remarks) {
                    kept.insert(clean(key).into_owned(), item);
                }
            }
            Some(Value::Object(kept))
        }
        _ => Some(value.clone()),
    }
}
