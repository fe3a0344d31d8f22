//! Keeps sentences for people in both languages. Types see to most of it: who prints takes a `Text`, and whoever makes
//! one writes it twice. What types can't see is a sentence that is a plain string.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::rust_files;

/// Files with plain sentences that are for no person at the terminal, or are somebody else's words.
const QUOTED: [&str; 39] = [
    // Words of ssh, sudo, apt, ip, YAML's parser and other programs, by which they are known.
    "document/parser_error.rs",
    "document/tree.rs",
    "lab/engine/host.rs",
    "lab/nspawn/network.rs",
    "lab/routes.rs",
    "remote/dialogue.rs",
    "runner/supply.rs",
    "template/fault.rs",
    "transport/diagnosis.rs",
    "transport/failure.rs",
    "transport/keys.rs",
    "transport/program/diagnosis.rs",
    // Errors of protocols and libraries, which are told as causes.
    "packages/names.rs",
    "template/command.rs",
    "template/layer.rs",
    "transport/builtin/guard.rs",
    "transport/program/control.rs",
    // What is written into files, or asked of hosts.
    "export/ansible/handlers.rs",
    "export/ansible/playbook.rs",
    "export/ansible/role.rs",
    "export/ansible/steps.rs",
    "lab/draft.rs",
    "lab/keys.rs",
    "lab/nspawn/files.rs",
    "lab/sources.rs",
    "remote/facts.rs",
    "runner/host_log.rs",
    // Descriptions in JSON Schemas, which are in English.
    "inventory/values.rs",
    "probes/balance/mod.rs",
    "probes/http.rs",
    "probes/service.rs",
    "probes/socket.rs",
    "probes/ssh.rs",
    "probes/stats.rs",
    "roles/balancer.rs",
    "roles/socket.rs",
    "roles/web.rs",
    // For those who develop the tool.
    "transport/recorded/player.rs",
    "transport/recorded/recorder.rs",
];

/// Files whose two languages stand side by side in a table, and clap's own errors.
const BESIDE: [&str; 6] = [
    "cli/duration.rs",
    "cli/portuguese/texts.rs",
    "lab/subnet.rs",
    "remote/sentence.rs",
    "report/progress/board.rs",
    "report/text/timings.rs",
];

#[test]
fn no_sentence_for_people_has_only_one_language() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    let mut offences = Vec::new();
    for file in rust_files(&source) {
        let name = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        if name.contains("tests") || name.contains("samples") || name.ends_with("drafts.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let sentences: Vec<_> = literals(code).into_iter().filter(|literal| is_sentence(literal)).collect();
        if sentences.is_empty() {
            continue;
        }
        if !QUOTED.contains(&name.as_str()) && !BESIDE.contains(&name.as_str()) {
            offences.push(format!("{name}: {sentences:?}"));
        }
        found.insert(name);
    }
    assert!(
        offences.is_empty(),
        "write each in both languages, by `text!` or `say!`:\n{}",
        offences.join("\n")
    );
    let known = QUOTED.iter().chain(&BESIDE);
    let left: Vec<_> = known.filter(|name| !found.contains(**name)).collect();
    assert!(left.is_empty(), "these have no plain sentence any more: {left:?}");
}

#[test]
fn sentences_are_told_from_other_strings() {
    let code = r##"
        // "a comment is no string"
        #[expect(lint, reason = "nor is an attribute")]
        let (a, b) = ("the host is gone", '"');
        text!(en: "this is well (it is)", pt: "isto vai bem", part = f("x y z"));
        words.choose("as is this", "como isto aqui");
        let c = r#"raw "sentences" are seen too"#;
        let d = ["install {index} {}", "ip link set", "Cargo.toml", "one two"];
    "##;
    let found: Vec<_> = literals(code).into_iter().filter(|literal| is_sentence(literal)).collect();
    assert_eq!(found, ["the host is gone", r#"raw "sentences" are seen too"#, "ip link set"]);
}

/// Three words in a row, without a sign in between.
fn is_sentence(literal: &str) -> bool {
    let literal = literal.replace("\\n", " ");
    let is_word = |word: &str| {
        let word = word.trim_end_matches([',', '.', ':', ';']).trim_start_matches('(');
        !word.is_empty() && word.chars().all(|sign| sign.is_alphabetic() || sign == '\'')
    };
    let words: Vec<bool> = literal.split_whitespace().map(is_word).collect();
    words.windows(3).any(|three| three.iter().all(|word| *word))
}

/// The strings of a source, without comments, attributes and what stands in both languages.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Of each bracket that is open, whether what stands in it is left out.
    let mut open: Vec<bool> = Vec::new();
    let mut at = 0;
    while let Some(sign) = code[at..].chars().next() {
        let (before, rest) = code.split_at(at);
        match sign {
            '/' if rest.starts_with("//") => at += rest.find('\n').unwrap_or(rest.len()),
            '"' => {
                let hashes = before.len() - before.trim_end_matches('#').len();
                let is_raw = before.trim_end_matches('#').ends_with('r');
                let length = if is_raw {
                    rest[1..].find(&format!("\"{}", "#".repeat(hashes))).unwrap() + 1
                } else {
                    end_of_string(rest)
                };
                if !open.contains(&true) {
                    found.push(rest[1..length].to_owned());
                }
                at += length + 1;
            }
            '\'' if is_character(rest) => at += end_of_character(rest),
            '(' | '[' | '{' => {
                let opens = ["text!", "say!", ".choose", "#", "#!"];
                open.push(opens.iter().any(|opening| before.ends_with(opening)));
                at += 1;
            }
            ')' | ']' | '}' => {
                open.pop();
                at += 1;
            }
            _ => at += sign.len_utf8(),
        }
    }
    found
}

fn end_of_string(rest: &str) -> usize {
    let mut is_escaped = false;
    let ends = |(_, sign): &(usize, char)| {
        let ends = *sign == '"' && !is_escaped;
        is_escaped = *sign == '\\' && !is_escaped;
        ends
    };
    rest[1..].char_indices().find(ends).unwrap().0 + 1
}

fn end_of_character(rest: &str) -> usize {
    let signs = if rest[1..].starts_with('\\') { 3 } else { 2 };
    let behind: usize = rest.chars().take(signs).map(char::len_utf8).sum();
    behind + rest[behind..].find('\'').unwrap() + 1
}

/// Whether it begins a character, and no lifetime.
fn is_character(rest: &str) -> bool {
    let mut signs = rest[1..].chars();
    matches!((signs.next(), signs.next()), (Some('\\'), _) | (Some(_), Some('\'')))
}
