//! The reference of the inventory, made from its schema. `UPDATE_REFERENCE=1 cargo test --test documentation` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use serde_json::{Map, Value};

use super::{provision, read, root};

const PAGES: [(&str, Language); 2] =
    [("docs/reference.md", Language::English), ("docs/pt-BR/reference.md", Language::Portuguese)];
/// What the schema says, in Portuguese.
const PORTUGUESE: &str = "tests/documentation/reference.pt-BR.yaml";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Language {
    English,
    Portuguese,
}

#[test]
fn the_reference_is_that_of_the_schema() {
    let schema: Value =
        serde_json::from_slice(&provision(&["inventory", "schema"]).stdout).expect("a schema is JSON");
    let portuguese: BTreeMap<String, String> = serde_yaml::from_str(&read(PORTUGUESE)).unwrap();
    let mut used = BTreeSet::new();
    for (path, language) in PAGES {
        let mut page = Page { language, portuguese: &portuguese, used: &mut used, missing: Vec::new() };
        let made = page.whole(&schema);
        assert_eq!(page.missing, Vec::<String>::new(), "{PORTUGUESE} lacks these");
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            fs::write(root().join(path), &made).unwrap();
        }
        assert!(read(path) == made, "{path} is not that of the schema: make it with UPDATE_REFERENCE=1");
    }
    let unused: Vec<_> = portuguese.keys().filter(|sentence| !used.contains(*sentence)).collect();
    assert_eq!(unused, Vec::<&String>::new(), "{PORTUGUESE} has these, and the schema has not");
}

struct Page<'a> {
    language: Language,
    portuguese: &'a BTreeMap<String, String>,
    used: &'a mut BTreeSet<String>,
    missing: Vec<String>,
}

impl Page<'_> {
    fn whole(&mut self, schema: &Value) -> String {
        let intro = self.choose(
            "# The inventory, key by key\n\nMade from the JSON Schema that `provision inventory schema` prints. \
             How a file is written tells [the inventory](inventory.md).\n",
            "# O inventário, chave por chave\n\nFeito a partir do JSON Schema que `provision inventory schema` mostra. \
             Como se escreve um arquivo, diz [o inventário](inventory.md).\n",
        );
        let mut page = intro.to_owned();
        self.section(&mut page, self.choose("At the top", "No topo"), schema);
        for (name, definition) in definitions(schema) {
            let heading = self.heading(name);
            self.section(&mut page, &heading, definition);
        }
        page
    }

    fn section(&mut self, page: &mut String, heading: &str, shape: &Value) {
        let _ = writeln!(page, "\n## {heading}\n\n{}\n", self.sentence(shape));
        let columns = self.choose("| key | value | what it says |", "| chave | valor | o que diz |");
        let _ = writeln!(page, "{columns}\n|---|---|---|");
        let required: Vec<&str> =
            shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (key, value) in shape["properties"].as_object().into_iter().flatten() {
            let needed = if required.contains(&key.as_str()) {
                self.choose(" (needed)", " (obrigatória)")
            } else {
                ""
            };
            let _ = writeln!(page, "| `{key}`{needed} | {} | {} |", self.kind(value), self.told(value));
        }
        if let Some(others) = shape["additionalProperties"].as_object().map(|map| Value::from(map.clone())) {
            let name = self.choose("a practice's name", "o nome de uma prática");
            let _ = writeln!(page, "| {name} | {} | {} |", self.kind(&others), self.told(&others));
        }
    }

    /// What may stand there.
    fn kind(&self, value: &Value) -> String {
        if let Some(name) = referred(value) {
            return self.link(name);
        }
        let map = self.choose("map", "mapa");
        if let Some(choices) = choices(value) {
            return choices.join(", ");
        }
        if let Some(either) = value["anyOf"].as_array() {
            let kinds: Vec<_> = either.iter().map(|value| self.kind(value)).collect();
            return kinds.join(self.choose(", or ", ", ou "));
        }
        if let Some(constant) = value.get("const") {
            return constant.as_str().map_or_else(|| format!("`{constant}`"), |word| format!("`{word}`"));
        }
        let types: Vec<_> = match &value["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        let words = types.into_iter().map(|name| match name {
            "object" => match referred(&value["additionalProperties"]) {
                Some(name) => {
                    let many = self.link(name).replacen(']', "s]", 1);
                    format!("{map}{}{many}", self.choose(" of ", " de "))
                }
                None => map.to_owned(),
            },
            "array" => {
                let kind = self.kind(&value["items"]);
                self.choose(&format!("list of: {kind}"), &format!("lista de: {kind}")).to_owned()
            }
            "integer" | "number" => self.range(value),
            _ if value["pattern"].as_str().is_some_and(|pattern| pattern.contains("\\[[0-9]")) => {
                self.choose("a range", "um intervalo").to_owned()
            }
            _ => self.choose("text", "texto").to_owned(),
        });
        let mut kind = words.collect::<Vec<_>>().join(self.choose(" or ", " ou "));
        let examples: Vec<_> =
            value["examples"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !examples.is_empty() {
            let _ = write!(kind, "{}`{}`", self.choose(", such as ", ", como "), examples.join("`, `"));
        }
        kind
    }

    fn range(&self, value: &Value) -> String {
        let number = |key: &str| value[key].as_f64();
        let to = self.choose("to", "a");
        match (number("minimum"), number("exclusiveMinimum"), number("maximum")) {
            (Some(least), _, Some(most)) => format!("{least} {to} {most}"),
            (_, Some(least), Some(most)) => self
                .choose(&format!("above {least}, up to {most}"), &format!("acima de {least}, até {most}"))
                .to_owned(),
            _ => self.choose("number", "número").to_owned(),
        }
    }

    /// What the schema says of it and of each choice.
    fn told(&mut self, value: &Value) -> String {
        let mut told = self.sentence(value);
        for choice in value["oneOf"].as_array().into_iter().flatten() {
            let sentence = self.sentence(choice);
            let _ = write!(told, " `{}`: {sentence}", choice["const"].as_str().unwrap());
        }
        if let Some(items) = value.get("items") {
            for choice in items["anyOf"].as_array().into_iter().flatten() {
                let name = choice["const"].as_str().map_or_else(
                    || self.choose("Another name", "Outro nome").to_owned(),
                    |name| format!("`{name}`"),
                );
                let sentence = self.sentence(choice);
                let _ = write!(told, " {name}: {sentence}");
            }
        }
        told
    }

    fn sentence(&mut self, value: &Value) -> String {
        let english = value["description"].as_str().unwrap_or_default().replace('\n', " ");
        if self.language == Language::English {
            return english;
        }
        self.used.insert(english.clone());
        self.portuguese.get(&english).cloned().unwrap_or_else(|| {
            self.missing.push(english.clone());
            english
        })
    }

    fn heading(&self, name: &str) -> String {
        match name {
            "Host" => self.choose("A host", "Uma máquina").to_owned(),
            "Cluster" => self.choose("A cluster", "Um cluster").to_owned(),
            _ => format!("`{}`", name.to_lowercase()),
        }
    }

    fn link(&self, name: &str) -> String {
        let heading = self.heading(name);
        let shown =
            if heading.starts_with('`') { heading.as_str() } else { heading.rsplit(' ').next().unwrap() };
        format!("[{shown}](#{})", super::anchor(&format!("# {heading}")))
    }

    fn choose<'b>(&self, english: &'b str, portuguese: &'b str) -> &'b str {
        if self.language == Language::English { english } else { portuguese }
    }
}

fn definitions(schema: &Value) -> &Map<String, Value> {
    schema["definitions"].as_object().unwrap()
}

/// The name of the definition that a value is of.
fn referred(value: &Value) -> Option<&str> {
    let reference = value.get("$ref").or_else(|| value["allOf"].get(0)?.get("$ref"))?;
    reference.as_str()?.rsplit('/').next()
}

/// The words of which one may stand there.
fn choices(value: &Value) -> Option<Vec<String>> {
    let quoted = |word: &Value| word.as_str().map(|word| format!("`{word}`"));
    match (value["enum"].as_array(), value["oneOf"].as_array()) {
        (Some(words), _) => words.iter().map(quoted).collect(),
        (_, Some(words)) => words.iter().map(|choice| quoted(&choice["const"])).collect(),
        _ => None,
    }
}
