//! Keeps the READMEs and docs/ true: what they show is valid, parses and exists.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

#[path = "documentation/reference.rs"]
mod reference;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const READMES: [&str; 2] = ["README.md", "README.pt-BR.md"];
/// What stands in English and in Portuguese.
const TRANSLATED: [[&str; 2]; 9] = [
    READMES,
    ["docs/guide.md", "docs/pt-BR/guide.md"],
    ["docs/in-and-out.md", "docs/pt-BR/in-and-out.md"],
    ["docs/inventory.md", "docs/pt-BR/inventory.md"],
    ["docs/performance.md", "docs/pt-BR/performance.md"],
    ["docs/reference.md", "docs/pt-BR/reference.md"],
    ["docs/reliability.md", "docs/pt-BR/reliability.md"],
    ["docs/reports.md", "docs/pt-BR/reports.md"],
    ["docs/troubleshooting.md", "docs/pt-BR/troubleshooting.md"],
];
const OTHERS: [&str; 3] = ["CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md"];
/// Its YAML is of practices, which `examples/practices` tries out.
const PRACTICES: [&str; 2] = ["docs/practices.md", "docs/pt-BR/practices.md"];

fn documents() -> impl Iterator<Item = &'static str> {
    TRANSLATED.into_iter().flatten().chain(OTHERS)
}

#[test]
fn every_document_is_tested() {
    let known: Vec<&str> = documents().chain(PRACTICES).collect();
    for folder in ["", "docs", "docs/pt-BR"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = Path::new(folder).join(entry.unwrap().file_name());
            if name.extension().is_some_and(|ending| ending == "md") {
                assert!(known.contains(&name.to_str().unwrap()), "{}", name.display());
            }
        }
    }
}

#[test]
fn the_readmes_are_short() {
    for readme in READMES {
        assert!(read(readme).lines().count() <= 200, "{readme}: what it has too much belongs in docs/");
    }
}

#[test]
fn inventories_shown_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    for example in fs::read_dir(root().join("examples")).unwrap() {
        let example = example.unwrap();
        if example.path().is_dir() {
            continue;
        }
        fs::copy(example.path(), folder.path().join(example.file_name())).unwrap();
    }
    let mut shown = 0;
    for document in documents() {
        for inventory in blocks(&read(document)).iter().filter(|block| block.language == "yaml") {
            shown += 1;
            let path = folder.path().join("inventory.yaml");
            fs::write(&path, &inventory.text).unwrap();
            let output = provision(&["validate", path.to_str().unwrap()]);
            assert!(output.status.success(), "{document}:\n{}\n{}", inventory.text, stderr(&output));
        }
    }
    assert!(shown >= 10, "{shown}");
}

#[test]
fn commands_shown_exist() {
    let mut shown = 0;
    for document in documents().chain(PRACTICES) {
        for command in &commands(&read(document)) {
            shown += 1;
            let mut words = words(command);
            let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
            words.insert(end, "--help".to_owned());
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let output = provision(&words);
            assert!(output.status.success(), "{document}: `provision {command}`:\n{}", stderr(&output));
        }
    }
    assert!(shown >= 100, "{shown}");
}

#[test]
fn every_verb_is_documented() {
    let help = help();
    let verbs: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .filter(|verb| verb.chars().all(|character| character.is_ascii_lowercase()) && *verb != "help")
        .collect();
    assert!(verbs.len() >= 12, "{verbs:?}");
    for document in READMES {
        let commands = commands(&read(document));
        for verb in &verbs {
            let is_shown = commands.iter().any(|command| command.split(' ').next() == Some(verb));
            assert!(is_shown, "{document} shows no `provision {verb}`");
        }
    }
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let help = help().split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, codes) = help.split_once("Exit codes: ").unwrap();
    let (codes, _) = codes.split_once(" Try it").unwrap();
    let codes: Vec<&str> = codes.split(" · ").filter_map(|code| code.split(' ').next()).collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4", "130"]);
    for document in READMES {
        let text = read(document);
        let shown: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
            .filter(|cell| cell.parse::<u8>().is_ok())
            .collect();
        assert_eq!(shown, codes, "{document}");
    }
}

#[test]
fn both_languages_show_the_same() {
    let shape = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.starts_with(['#', '|']))
            .map(|line| line.chars().take_while(|sign| "#|".contains(*sign)).collect())
            .collect()
    };
    for pair in TRANSLATED.into_iter().chain([PRACTICES]) {
        let [english, portuguese] = pair.map(read);
        let (english_blocks, portuguese_blocks) = (blocks(&english), blocks(&portuguese));
        assert_eq!(english_blocks.len(), portuguese_blocks.len(), "{pair:?}");
        for (english, portuguese) in english_blocks.iter().zip(&portuguese_blocks) {
            assert_eq!(english.language, portuguese.language, "{pair:?}");
            // What the tool prints is in the language of the document; what it was asked is not.
            let asked = |line: &&str| english.language != "text" || line.starts_with("$ ");
            let [english, portuguese] = [english, portuguese]
                .map(|block| without_comments(&block.text).into_iter().filter(asked).collect::<Vec<_>>());
            assert_eq!(english, portuguese, "{pair:?}");
        }
        assert_eq!(shape(&english), shape(&portuguese), "headings and rows of tables of {pair:?}");
    }
}

#[test]
fn links_lead_somewhere() {
    for document in documents().chain(PRACTICES) {
        let path = root().join(document);
        for link in read(document).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{document}: {link}");
            if !heading.is_empty() {
                let text = fs::read_to_string(target).unwrap();
                assert!(text.lines().any(|line| anchor(line) == heading), "{document}: {link}");
            }
        }
    }
}

#[test]
fn the_import_table_is_that_of_the_sources() {
    let rows = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim_start_matches("//! ").trim().to_owned())
            .skip_while(|line| line != "| module | may use |")
            .take_while(|line| line.starts_with('|'))
            .collect()
    };
    let table = rows(&read("src/lib.rs"));
    assert!(table.len() > 10, "the table in src/lib.rs was not found");
    assert_eq!(rows(&read("docs/architecture.md")), table);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

/// The name by which a heading is linked to, as GitHub makes it; empty for other lines.
fn anchor(line: &str) -> String {
    let Some(heading) = line.strip_prefix('#') else { return String::new() };
    let heading = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    heading.chars().filter(|sign| sign.is_alphanumeric() || "-_".contains(*sign)).collect()
}

/// The program, undisturbed by the settings of whoever runs the tests.
fn provision(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PROVISION_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).output().unwrap()
}

fn help() -> String {
    String::from_utf8(provision(&["--help"]).stdout).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

struct Block {
    language: String,
    text: String,
}

/// The fenced blocks of a document.
fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block { language: language.to_owned(), text: text.join("\n") + "\n" });
    }
    blocks
}

/// What stands behind `provision`, in shell blocks and in backquotes within the text.
fn commands(document: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for block in blocks(document).iter().filter(|block| block.language == "sh") {
        for line in block.text.lines() {
            let words = line.strip_prefix("cargo run --release -- ").or(line.strip_prefix("provision "));
            commands.extend(words.map(str::to_owned));
        }
    }
    let mut text = String::new();
    let mut is_block = false;
    for line in document.lines() {
        is_block ^= line.starts_with("```");
        if !is_block && !line.starts_with("```") {
            text.push_str(line);
            text.push(' ');
        }
    }
    let quoted = text.split('`').skip(1).step_by(2);
    commands.extend(quoted.filter_map(|quoted| quoted.strip_prefix("provision ").map(str::to_owned)));
    commands
}

/// The words of a command up to its end, as a shell splits them; only what the documents use.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for character in command.chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            '|' | '>' | '#' if !is_quoted => break,
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A block without its comments, which are in the language of the document.
fn without_comments(text: &str) -> Vec<&str> {
    text.lines()
        .map(|line| line.split_once(" #").map_or(line, |(code, _)| code).trim_end())
        .filter(|line| !line.starts_with('#'))
        .collect()
}
