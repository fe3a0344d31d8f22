//! Inventories and variables in YAML (and JSON, which is YAML).

use std::collections::HashSet;

use indexmap::IndexMap;

use super::model::{ALL, Content, Inventory, Variable, Variables};
use super::pattern::expand;
use crate::document::complaint::Complaint;
use crate::document::syntax::{self, Broken};
use crate::document::tree::{Node, NodeId, Tree};
use crate::error::{Error, Result};
use crate::import::plain::shown;
use crate::import::remark::{Place, Remarks};
use crate::import::settings;
use crate::import::source::Source;
use crate::model::{Text, Value, text};

/// What makes one document that can be read from what inventory programs say.
fn as_yaml() -> Text {
    text!(
        en: "what a program or plugin lists is imported so: `ansible-inventory -i FILE --list --yaml > hosts.yml`",
        pt: "o que um programa ou plugin lista se importa assim: `ansible-inventory -i FILE --list --yaml > hosts.yml`",
    )
}

/// Reads an inventory.
pub fn read(source: &Source, number: usize, remarks: &mut Remarks) -> Result<Inventory> {
    let tree = syntax::parse_any(&source.text).map_err(
        |Broken { line, complaint: Complaint { message, hint } }| {
            Error::usage(text!(
                en: "{name}:{line} is no YAML: {message}",
                pt: "{name}:{line} não é YAML: {message}", message, name = source.name
            ))
            .hint(hint)
        },
    )?;
    let entries = entries(&tree, Tree::ROOT);
    let has = |name: &str| entries.contains_key(name);
    if matches!(tree.node(Tree::ROOT), Node::List(_)) {
        return Err(Error::usage(text!(
            en: "{name} is a list, as a playbook is, and no inventory",
            pt: "{name} é uma lista, como um playbook, e não um inventário", name = source.name
        ))
        .hint(text!(
            en: "name the inventory: `ansible.cfg` or `ansible-playbook -i` names it",
            pt: "indique o inventário: `ansible.cfg` ou `ansible-playbook -i` diz qual é",
        )));
    }
    if has("plugin") {
        return Err(Error::usage(text!(
            en: "{name} asks a plugin for its hosts, and import runs nothing",
            pt: "{name} pede as máquinas a um plugin, e import não executa nada", name = source.name
        ))
        .hint(as_yaml()));
    }
    if has("_meta") {
        return Err(Error::usage(text!(
            en: "{name} is what an inventory program says to Ansible",
            pt: "{name} é o que um programa de inventário diz ao Ansible", name = source.name
        ))
        .hint(as_yaml()));
    }
    tell_other_keys(&tree, number, remarks);
    let mut reader = Reader { tree: &tree, source: number, inventory: Inventory::default(), remarks };
    reader.inventory.group(ALL, Place::whole(number));
    for (name, (key, value)) in entries {
        reader.group(&name, key, value);
    }
    Ok(reader.inventory)
}

/// Reads the variables of a file beside an inventory.
pub fn variables(source: &Source, number: usize, remarks: &mut Remarks) -> Variables {
    if source.text.starts_with("$ANSIBLE_VAULT") {
        remarks.lost(
            Place::whole(number),
            text!(
                en: "the file is encrypted by Ansible Vault and is left out",
                pt: "o arquivo está cifrado pelo Ansible Vault e fica de fora"
            ),
        );
        return Variables::new();
    }
    match syntax::parse_any(&source.text) {
        Ok(tree) => {
            let no_map = !matches!(tree.node(Tree::ROOT), Node::Map(_) | Node::Null);
            if no_map {
                remarks.lost(
                    Place::whole(number),
                    text!(
                        en: "the file is left out: variables are a map of names",
                        pt: "o arquivo fica de fora: variáveis são um mapa de nomes"
                    ),
                );
            }
            tell_other_keys(&tree, number, remarks);
            variables_of(&tree, Tree::ROOT, number)
        }
        Err(Broken { line, complaint }) => {
            let message = complaint.message;
            remarks.lost(
                Place::line(number, line),
                text!(
                    en: "the file is left out, for it is no YAML: {message}",
                    pt: "o arquivo fica de fora, pois não é YAML: {message}", message
                ),
            );
            Variables::new()
        }
    }
}

/// A key that is a list or a map names nothing; one that comes twice loses what it had first.
fn tell_other_keys(tree: &Tree, source: usize, remarks: &mut Remarks) {
    for (node, _) in tree.nodes() {
        let mut seen = HashSet::new();
        for (key, _) in tree.entries(node) {
            let Some(name) = tree.scalar(*key).filter(|name| name != "<<") else { continue };
            let known = shown(&name);
            if !seen.insert(name) {
                remarks.lost(
                    Place::node(source, *key),
                    text!(
                        en: "`{known}` comes twice in one map: what is behind the first is left out",
                        pt: "`{known}` aparece duas vezes em um mapa: o que está atrás do primeiro fica de fora"
                    ),
                );
            }
        }
        for (key, _) in tree.entries(node).iter().filter(|(key, _)| tree.scalar(*key).is_none()) {
            remarks.lost(
                Place::node(source, *key),
                text!(
                    en: "a key that is no text is left out, with what it has",
                    pt: "uma chave que não é um texto fica de fora, com o que ela tem"
                ),
            );
        }
    }
}

/// Signs beyond the first 65,536, which JSON writes as two escapes (RFC 8259, 7) and YAML as one.
pub fn with_whole_signs(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let unit = |at: usize, first: u32| {
            let digits = rest.get(at..at + 6)?.strip_prefix("\\u")?;
            let value = u32::from_str_radix(digits, 16).ok()?.checked_sub(first)?;
            (value < 0x400).then_some(value)
        };
        let length = if let (Some(high), Some(low)) = (unit(0, 0xd800), unit(6, 0xdc00)) {
            whole.push_str(&format!("\\U{:08X}", 0x10000 + (high << 10) + low));
            12
        } else {
            // What is behind a backslash belongs to it, also another one.
            let length = 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
            whole.push_str(&rest[..length]);
            length
        };
        rest = &rest[length..];
    }
    whole + rest
}

struct Reader<'a> {
    tree: &'a Tree,
    source: usize,
    inventory: Inventory,
    remarks: &'a mut Remarks,
}

impl Reader<'_> {
    fn place(&self, node: NodeId) -> Place {
        Place::node(self.source, node)
    }

    fn group(&mut self, name: &str, key: NodeId, body: NodeId) {
        let place = self.place(key);
        self.inventory.group(name, place);
        for (part, (at, value)) in entries(self.tree, body) {
            match part.as_str() {
                "hosts" => self.hosts(name, value),
                "children" => {
                    for (child, at, value) in entries_or_names(self.tree, value) {
                        self.group(&child, at, value.unwrap_or(NOTHING));
                        self.inventory.group(name, place).children.push(child);
                    }
                }
                "vars" => {
                    let variables = variables_of(self.tree, value, self.source);
                    self.inventory.group(name, place).variables.extend(variables);
                }
                part => {
                    let (part, name) = (shown(part), shown(name));
                    let place = self.place(at);
                    self.remarks.lost(place, unknown_part(&part, &name));
                }
            }
        }
    }

    fn hosts(&mut self, group: &str, value: NodeId) {
        for (pattern, at, body) in entries_or_names(self.tree, value) {
            if self.inventory.is_too_large() {
                return;
            }
            let place = self.place(at);
            let has_variables = |body| matches!(self.tree.node(body), Node::Map(_) | Node::Null);
            if !body.is_none_or(has_variables) {
                let name = shown(&pattern);
                self.remarks.lost(
                    place,
                    text!(
                        en: "host `{name}` is left out: behind its name is a map, such as `{{ ansible_host: 10.0.0.51 }}`",
                        pt: "o host `{name}` fica de fora: atrás do nome fica um mapa, como `{{ ansible_host: 10.0.0.51 }}`"
                    ),
                );
                continue;
            }
            let Some((names, port)) = expand(&pattern) else {
                let pattern = shown(&pattern);
                self.remarks.lost(
                    place,
                    text!(
                        en: "`{pattern}` is left out: it is more than 10000 hosts",
                        pt: "`{pattern}` fica de fora: são mais de 10000 hosts"
                    ),
                );
                continue;
            };
            let port = port.and_then(|written| settings::port(written, place, self.remarks));
            let variables = body.map(|body| variables_of(self.tree, body, self.source)).unwrap_or_default();
            for name in names {
                let host = self.inventory.host(group, &name, place);
                host.port = port.or(host.port);
                host.variables.extend(variables.clone());
            }
        }
    }
}

fn unknown_part(part: &str, group: &str) -> Text {
    text!(
        en: "`{part}` of the group `{group}` is left out: a group has `hosts`, `children` and `vars`",
        pt: "`{part}` do grupo `{group}` fica de fora: um grupo tem `hosts`, `children` e `vars`"
    )
}

/// No node has this number.
const NOTHING: NodeId = NodeId::MAX;

/// A key's node and its value's, by the key.
type Entries = IndexMap<String, (NodeId, NodeId)>;

/// The entries of a map, merged ones (`<<`) included; of a key that comes twice the last, as for Ansible.
fn entries(tree: &Tree, map: NodeId) -> Entries {
    let mut merged = Entries::new();
    let mut own = Entries::new();
    for (key, value) in tree.entries(map) {
        match tree.scalar(*key) {
            Some(name) if name == "<<" => {
                let maps: Vec<NodeId> = match tree.node(*value) {
                    Node::List(items) => items.clone(),
                    _ => vec![*value],
                };
                for (name, entry) in maps.into_iter().flat_map(|map| entries(tree, map)) {
                    merged.entry(name).or_insert(entry);
                }
            }
            Some(name) => {
                own.insert(name, (*key, *value));
            }
            None => {}
        }
    }
    merged.extend(own);
    merged
}

/// The entries of a map, or names alone: in a list, or a single one.
fn entries_or_names(tree: &Tree, node: NodeId) -> Vec<(String, NodeId, Option<NodeId>)> {
    let name = |item: &NodeId| tree.scalar(*item).map(|name| (name, *item, None));
    match tree.node(node) {
        Node::List(items) => items.iter().filter_map(name).collect(),
        Node::Map(_) => {
            entries(tree, node).into_iter().map(|(name, (key, value))| (name, key, Some(value))).collect()
        }
        _ => name(&node).into_iter().collect(),
    }
}

fn variables_of(tree: &Tree, map: NodeId, source: usize) -> Variables {
    let variable = |(name, (key, value))| {
        let content = content(tree, value).map_or(Content::Tagged, Content::Plain);
        (name, Variable { content, place: Place::node(source, key) })
    };
    entries(tree, map).into_iter().map(variable).collect()
}

/// A value; `None` where a tag is in it.
fn content(tree: &Tree, node: NodeId) -> Option<Value> {
    Some(match tree.node(node) {
        Node::Null => Value::Null,
        Node::Bool(value) => Value::Bool(*value),
        Node::Number(number) => Value::Number(number.clone()),
        Node::Text(text) => Value::String(text.clone()),
        Node::List(items) => {
            Value::Array(items.iter().map(|item| content(tree, *item)).collect::<Option<Vec<_>>>()?)
        }
        Node::Map(_) => {
            let entries = entries(tree, node).into_iter();
            let entries = entries.map(|(name, (_, value))| Some((name, content(tree, value)?)));
            Value::Object(entries.collect::<Option<serde_json::Map<_, _>>>()?)
        }
        Node::Tagged => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_two_escapes_become_one() {
        for (json, yaml) in [
            (r#""\ud83d\uDE00 a""#, r#""\U0001F600 a""#),
            (r#""\\ud83d\\ude00""#, r#""\\ud83d\\ude00""#),
            (r#""\ud83d \u00e9""#, r#""\ud83d \u00e9""#),
            (r#""\ud83dé""#, r#""\ud83dé""#),
            ("\\", "\\"),
        ] {
            assert_eq!(with_whole_signs(json), yaml);
        }
    }
}
