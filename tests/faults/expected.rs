//! What a row of the table of faults expects, and how well that holds. Shared by the runners of its rows.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a verb makes of a fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    exit: i32,
    /// Of the first host.
    status: Option<String>,
    /// By the names of hosts.
    #[serde(default)]
    statuses: BTreeMap<String, String>,
    /// Words of all that is told.
    #[serde(default)]
    says: Vec<String>,
    /// Words of what is told to do.
    #[serde(default)]
    advice: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
}

/// The rows of a folder below `tests/faults`.
pub fn rows<Row: DeserializeOwned>(folder: &str) -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |path: &PathBuf| -> Vec<Row> {
        let text = fs::read_to_string(path).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.iter().flat_map(read).collect()
}

/// What a row says that is not so; or that it is so, where it says that it is not.
pub fn failure(name: &str, known_gap: Option<&str>, troubles: &[String]) -> Option<String> {
    match (known_gap, troubles.is_empty()) {
        (None, true) | (Some(_), false) => None,
        (None, false) => Some(format!("✗ {name}\n    {}", troubles.join("\n    "))),
        (Some(_), true) => Some(format!("✗ {name}: it is as it should be now, so its known_gap has to go")),
    }
}

/// Prints `k/N` and what failed, and fails where something did.
pub fn tell(what: &str, number: usize, gaps: usize, failures: &[String]) {
    let held = number.saturating_sub(gaps + failures.len());
    let told = format!("{what}: {held}/{number} hold, {gaps} known gaps");
    let _ = writeln!(std::io::stderr(), "{told}");
    assert!(failures.is_empty(), "{told}\n{}", failures.join("\n"));
}

/// Whether a row has to say what doctor makes of its fault, since apply fails by it, and does not: then doctor must not
/// call the host ready. `unforeseen` says why it cannot know.
pub fn asks_doctor(expect: &BTreeMap<String, Expected>) -> bool {
    let fails = |verb: &str| expect.get(verb).is_some_and(|expected| expected.exit != 0);
    !expect.contains_key("doctor") && (fails("apply") || fails("plan"))
}

/// What is wrong with doctor's exit code for such a row.
pub fn foresight(code: i32, unforeseen: Option<&str>) -> Option<String> {
    match (code, unforeseen) {
        (0, None) => Some("doctor: the host is called ready, and apply fails".to_owned()),
        (1.., Some(_)) => Some("doctor: it is seen now, so its unforeseen has to go".to_owned()),
        _ => None,
    }
}

impl Expected {
    /// What is otherwise than expected in what a verb ended with, told people, and wrote into a report.
    pub fn troubles(&self, code: i32, told: &str, document: &Value) -> Vec<String> {
        // Long sentences are broken where a screen ends.
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let (mut words, mut advice) = (vec![told.clone()], Vec::new());
        collect(document, "", &mut words, &mut advice);
        // A plan's warnings, faults of an inventory and what a command came to are in no document.
        if advice.is_empty() {
            advice.push(told);
        }
        let (words, advice) = (words.join("\n"), advice.join("\n"));
        let mut troubles = Vec::new();
        if code != self.exit {
            troubles.push(format!("exit {code}, not {}", self.exit));
        }
        let status = &document["hosts"][0]["status"];
        let other = self.status.iter().filter(|wanted| *status != wanted.as_str());
        troubles.extend(other.map(|wanted| format!("{status}, not {wanted}")));
        for (name, wanted) in &self.statuses {
            let of_host = |host: &&Value| host["host"] == name.as_str();
            let host = document["hosts"].as_array().into_iter().flatten().find(of_host);
            let status = host.map_or(&Value::Null, |host| &host["status"]);
            if *status != wanted.as_str() {
                troubles.push(format!("{name} is {status}, not {wanted}"));
            }
        }
        let missing = |text: &str, parts: &[String], what: &str| -> Vec<String> {
            let missing = parts.iter().filter(|part| !text.contains(part.as_str()));
            missing.map(|part| format!("{what}: {part}")).collect()
        };
        troubles.extend(missing(&words, &self.says, "not said"));
        troubles.extend(missing(&advice, &self.advice, "not advised"));
        let said = self.never.iter().filter(|part| words.contains(part.as_str()));
        troubles.extend(said.map(|part| format!("said: {part}")));
        if !troubles.is_empty() {
            troubles.push(words);
        }
        troubles
    }
}

/// All texts of a document but diffs, and those of them that say what to do.
fn collect(value: &Value, key: &str, words: &mut Vec<String>, advice: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            words.push(text.clone());
            if ["hint", "mend"].contains(&key) {
                advice.push(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, key, words, advice)),
        Value::Object(fields) => {
            let texts = fields.iter().filter(|(key, _)| *key != "diff");
            texts.for_each(|(key, value)| collect(value, key, words, advice));
        }
        _ => {}
    }
}
