//! What a lab's hosts answered → what any host in that state answers. All that is of this lab and of this hour becomes
//! a placeholder:
//!
//! | placeholder | stands for |
//! |---|---|
//! | `{name}`, `{address}` | the host's own |
//! | `{web01}`, `{web01-address}` | another host's; its name in the lab is the default |
//! | `{machine}`, `{boot}`, `{key}` | what no two machines have in common |
//! | `{now}` | the clock, in seconds |
//! | `{mark} {entry} {inventory}` | the inventory, as journals name it |
//! | `{hash1}`, `{file1}`, `{peer1}` | of a question: whatever is wanted now |

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How journals name an inventory.
const MAKER: [&str; 3] = ["{mark}", "{entry}", "{inventory}"];
/// Headers of pages that are of an hour, or of how the page travelled.
const HEADERS: [&str; 5] = ["date", "last-modified", "etag", "content-length", "transfer-encoding"];

/// A host of the lab as the recordings know it.
pub struct Member {
    pub name: String,
    pub address: String,
}

/// A recording of `own`, one of the `members`, from the notes of the recorder.
pub fn generalise(notes: &str, own: &Member, members: &[Member]) -> String {
    let mut exchanges: Vec<String> = Vec::new();
    for exchange in notes.split("\n\n").filter(|exchange| !exchange.trim().is_empty()) {
        let exchange = if exchange.starts_with("exec") { program(exchange, members) } else { page(exchange) };
        let exchange = members.iter().enumerate().fold(exchange, |text, (number, member)| {
            let (name, address) = if member.address == own.address {
                ("{name}".to_owned(), "{address}".to_owned())
            } else {
                (format!("{{{}}}", member.name), format!("{{{}-address}}", member.name))
            };
            let text = text.lines().map(|line| file(line, &member.address, number)).collect::<String>();
            words(&words(&text, &member.address, &address), &member.name, &name)
        });
        // A balancer gives the same few pages in turn, and the player does too.
        if !exchanges.contains(&exchange) {
            exchanges.push(exchange);
        }
    }
    let others = members.iter().enumerate().filter(|(_, member)| member.address != own.address);
    let defaults = others.map(|(number, Member { name, .. })| {
        format!("set {name} {name}\nset {name}-address {}\n", example(number))
    });
    format!(
        "# Made by tests/record; to be edited by hand too.\n{}\n{}",
        defaults.collect::<String>(),
        exchanges.join("\n")
    )
}

/// The address of a member in recordings and in the tests that show files.
fn example(number: usize) -> String {
    format!("192.0.2.{}", 10 + number)
}

/// An exchange with a program.
fn program(exchange: &str, members: &[Member]) -> String {
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    let mut text = String::new();
    let holds_files = exchange.contains("\n> #end\n");
    for line in exchange.lines() {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match words[0].as_str() {
            ">" if words.len() == 4 && is_mark(&words[1]) => fill(&mut words[1..], &MAKER),
            ">" => {
                for position in 1..words.len() {
                    let word = &words[position];
                    let kind = if word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit()) {
                        "hash"
                    } else if members.iter().any(|member| member.address == *word) {
                        "peer"
                    } else if holds_files
                        && position == 2
                        && words.len() == 3
                        && words[1].parse::<u32>().is_ok()
                    {
                        "file"
                    } else {
                        continue;
                    };
                    let next = wanted.values().filter(|name| name.starts_with(kind)).count() + 1;
                    let name = wanted.entry(word.clone()).or_insert(format!("{kind}{next}"));
                    words[position] = format!("{{{name}}}");
                }
            }
            "<" if words.get(1).is_some_and(|word| word == "{nonce}") => {
                let kind = words.get(2).cloned().unwrap_or_default();
                if kind == "maker" {
                    fill(&mut words[3..], &MAKER);
                }
                match (kind.as_str(), words.last_mut()) {
                    // The laptop would go and get it.
                    ("want", _) => continue,
                    ("clock", Some(value)) => "{now}".clone_into(value),
                    ("machine" | "boot" | "key", Some(value)) => *value = format!("{{{kind}}}"),
                    _ => {}
                }
                for word in &mut words {
                    if let Some(name) = wanted.get(word) {
                        *word = format!("{{{name}}}");
                    }
                }
                // What programs print before each answer ends a line that another one left open.
                if text.ends_with("\n< \n") {
                    text.truncate(text.len() - "< \n".len());
                }
            }
            _ => {}
        }
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

fn is_mark(word: &str) -> bool {
    word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit())
}

fn fill(words: &mut [String], names: &[&str]) {
    for (word, name) in words.iter_mut().zip(names) {
        (*name).clone_into(word);
    }
}

/// An exchange over HTTP, without headers that change and without chunks.
fn page(exchange: &str) -> String {
    let is_chunked = exchange.contains("transfer-encoding: chunked");
    let changes = |line: &&str| {
        let words = line.trim_start_matches(['<', '+', ' ']);
        let header = words.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let is_size = is_chunked && !words.is_empty() && words.chars().all(|c| c.is_ascii_hexdigit());
        HEADERS.contains(&header.as_str()) || is_size
    };
    exchange.lines().filter(|line| !changes(line)).flat_map(|line| [line, "\n"]).collect()
}

/// A line in which a file that a host sent names an address of the lab, with the one of the recordings.
fn file(line: &str, address: &str, number: usize) -> String {
    let sent = line.strip_prefix("< {nonce} content ").and_then(|rest| rest.split_once(' '));
    let decoded = sent.and_then(|(index, content)| Some((index, STANDARD.decode(content).ok()?)));
    match decoded.and_then(|(index, content)| Some((index, String::from_utf8(content).ok()?))) {
        Some((index, content)) => {
            let content = STANDARD.encode(words(&content, address, &example(number)));
            format!("< {{nonce}} content {index} {content}\n")
        }
        None => format!("{line}\n"),
    }
}

/// A text with another word in place of one, where it is a word of its own.
fn words(text: &str, word: &str, other: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '{' || c == '}';
    let mut changed = String::new();
    let mut rest = text;
    while let Some(position) = rest.find(word) {
        let (before, from) = rest.split_at(position);
        let after = &from[word.len()..];
        let stands_alone = !before.ends_with(is_part) && !after.starts_with(is_part);
        changed.push_str(before);
        changed.push_str(if stands_alone { other } else { word });
        rest = after;
    }
    changed + rest
}
