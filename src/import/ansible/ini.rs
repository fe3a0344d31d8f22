//! Ansible's dialect of INI: sections are groups, and each line of them is words, not a key with a value.

use super::model::{ALL, Content, Inventory, UNGROUPED, Variable};
use super::pattern::expand;
use crate::import::plain::shown;
use crate::import::remark::{Place, Remarks};
use crate::import::settings;
use crate::model::{Text, Value, text};

enum Section {
    Hosts(String),
    Children(String),
    Variables(String),
    /// One of a kind that Ansible does not know.
    Unknown,
}

/// Reads an inventory.
pub fn read(text: &str, source: usize, remarks: &mut Remarks) -> Inventory {
    let mut inventory = Inventory::default();
    inventory.group(ALL, Place::whole(source));
    let mut section = Section::Hosts(UNGROUPED.to_owned());
    for (number, line) in text.lines().enumerate() {
        if inventory.is_too_large() {
            break;
        }
        let (line, place) = (line.trim(), Place::line(source, number + 1));
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(next) = header(line) {
            section = next;
            match &section {
                Section::Hosts(group) | Section::Children(group) | Section::Variables(group) => {
                    inventory.group(group, place);
                }
                Section::Unknown => {
                    let line = shown(line);
                    remarks.lost(
                        place,
                        text!(
                            en: "`{line}` and the lines below it are left out: sections are `[group]`, \
                                 `[group:children]` and `[group:vars]`",
                            pt: "`{line}` e as linhas abaixo ficam de fora: seções são `[grupo]`, `[grupo:children]` e \
                                 `[grupo:vars]`"
                        ),
                    );
                }
            }
            continue;
        }
        match &section {
            Section::Hosts(group) => hosts(line, group, place, &mut inventory, remarks),
            Section::Children(group) => {
                let child = without_comment(line).to_owned();
                inventory.group(&child, place);
                inventory.group(group, place).children.push(child);
            }
            Section::Variables(group) => {
                let Some((name, written)) = line.split_once('=') else {
                    let name = line.split(|sign: char| sign == ':' || sign.is_whitespace()).next();
                    no_assignment(name, place, remarks);
                    continue;
                };
                let (written, bare) = (written.trim(), without_comment(written.trim()));
                let content = Content::Plain(value(bare));
                if bare != written
                    && unquoted(bare).is_none()
                    && matches!(&content, Content::Plain(Value::String(_)))
                {
                    remarks.told(place, comment_behind(name.trim()));
                }
                let variable = Variable { content, place };
                inventory.group(group, place).variables.insert(name.trim().to_owned(), variable);
            }
            Section::Unknown => {}
        }
    }
    inventory
}

/// `[group:kind]`, with or without a comment behind it. A line of hosts may begin with a range.
fn header(line: &str) -> Option<Section> {
    let (inside, behind) = line.strip_prefix('[')?.split_once(']')?;
    if !(behind.trim().is_empty() || behind.trim_start().starts_with('#')) {
        return None;
    }
    let name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
    Some(match inside.trim().split_once(':') {
        None if name(inside.trim()) => Section::Hosts(inside.trim().to_owned()),
        Some((group, "children")) if name(group) => Section::Children(group.to_owned()),
        Some((group, "vars")) if name(group) => Section::Variables(group.to_owned()),
        Some((group, "hosts")) if name(group) => Section::Hosts(group.to_owned()),
        _ => Section::Unknown,
    })
}

/// `web[01:03] name=value name="two words"  # comment`.
fn hosts(line: &str, group: &str, place: Place, inventory: &mut Inventory, remarks: &mut Remarks) {
    let words = shlex::split(line).unwrap_or_default();
    let Some((pattern, assignments)) = words.split_first() else {
        remarks.lost(
            place,
            text!(
                en: "this line is left out: a quote in it is never closed",
                pt: "esta linha fica de fora: uma aspa nela nunca é fechada"
            ),
        );
        return;
    };
    let Some((names, port)) = expand(pattern) else {
        let pattern = shown(pattern);
        remarks.lost(
            place,
            text!(
                en: "`{pattern}` is left out: it is more than 10000 hosts",
                pt: "`{pattern}` fica de fora: são mais de 10000 hosts",
            ),
        );
        return;
    };
    let port = port.and_then(|written| settings::port(written, place, remarks));
    let mut variables = Vec::new();
    for word in assignments {
        match word.split_once('=') {
            Some((name, written)) if !name.is_empty() => {
                variables.push((name, Variable { content: Content::Plain(value(written)), place }));
            }
            _ => no_assignment(None, place, remarks),
        }
    }
    for name in names {
        let host = inventory.host(group, &name, place);
        host.port = port.or(host.port);
        host.variables
            .extend(variables.iter().map(|(name, variable)| ((*name).to_owned(), variable.clone())));
    }
}

fn comment_behind(name: &str) -> Text {
    let name = shown(name);
    text!(
        en: "`{name}` is taken without the comment behind it, which Ansible takes for a part of the value",
        pt: "`{name}` é tomado sem o comentário atrás, que o Ansible toma por parte do valor"
    )
}

/// Without the name nothing of it is shown: it may be a secret.
fn no_assignment(name: Option<&str>, place: Place, remarks: &mut Remarks) {
    let said = match name.map(shown) {
        Some(name) => text!(
            en: "`{name}` is left out: a variable is written `name=value`",
            pt: "`{name}` fica de fora: uma variável é escrita `nome=valor`"
        ),
        None => text!(
            en: "a part of this line is left out: a variable is written `name=value`, without spaces around `=`",
            pt: "uma parte desta linha fica de fora: uma variável é escrita `nome=valor`, sem espaços em torno de `=`"
        ),
    };
    remarks.lost(place, said);
}

/// A value without the comment behind it; a `#` within quotes or a word is no comment.
fn without_comment(written: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, sign) in written.char_indices() {
        match sign {
            '"' | '\'' if quote.is_none() => quote = Some(sign),
            sign if quote == Some(sign) && before != '\\' => quote = None,
            '#' if quote.is_none() && before.is_whitespace() => return written[..at].trim_end(),
            _ => {}
        }
        before = sign;
    }
    written.trim_end()
}

/// A value as Ansible takes it: a literal of Python where it is one, else text.
fn value(written: &str) -> Value {
    if let Some(text) = unquoted(written) {
        return Value::String(text);
    }
    let is_number =
        !written.starts_with('+') && (written == "0" || !written.trim_start_matches('-').starts_with('0'));
    match written {
        "True" => return Value::Bool(true),
        "False" => return Value::Bool(false),
        "None" => return Value::Null,
        _ if is_number && written.parse::<i64>().is_ok() => {
            return written.parse::<i64>().unwrap_or_default().into();
        }
        _ => {}
    }
    let is_collection = [('[', ']'), ('{', '}')].into_iter().any(|(open, close)| {
        written.starts_with(open) && written.ends_with(close) && !written.starts_with("{{")
    });
    let collection =
        if is_collection && written.len() < 10_000 { serde_yaml::from_str(written).ok() } else { None };
    collection.unwrap_or_else(|| Value::String(written.to_owned()))
}

/// What a literal text of Python stands for; `None` where it is none.
fn unquoted(written: &str) -> Option<String> {
    let mut signs = written.chars();
    let quote = signs.next().filter(|quote| "'\"".contains(*quote))?;
    let mut text = String::new();
    loop {
        match signs.next()? {
            sign if sign == quote => return signs.next().is_none().then_some(text),
            '\\' => match signs.next()? {
                sign @ ('\\' | '\'' | '"') => text.push(sign),
                'n' => text.push('\n'),
                't' => text.push('\t'),
                other => text.extend(['\\', other]),
            },
            sign => text.push(sign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_literals_or_text() {
        for (written, expected) in [
            ("8080", json!(8080)),
            ("-1", json!(-1)),
            ("007", json!("007")),
            ("1.10", json!("1.10")),
            ("True", json!(true)),
            ("true", json!("true")),
            ("None", json!(null)),
            ("'a b'", json!("a b")),
            (r#""a \"b\" \d""#, json!(r#"a "b" \d"#)),
            ("'a' 'b'", json!("'a' 'b'")),
            ("\"8080\"", json!("8080")),
            ("['a', 'b']", json!(["a", "b"])),
            ("{'a': 1}", json!({ "a": 1 })),
            ("{{ other }}", json!("{{ other }}")),
            ("[broken", json!("[broken")),
            ("", json!("")),
        ] {
            assert_eq!(value(written), expected, "{written}");
        }
    }

    #[test]
    fn comments_are_cut_outside_quotes() {
        for (written, expected) in [("a # b", "a"), ("a#b", "a#b"), ("'a # b' # c", "'a # b'"), ("# x", "")] {
            assert_eq!(without_comment(written), expected, "{written}");
        }
    }
}
