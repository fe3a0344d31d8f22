//! Keeps the import table in `src/lib.rs` true and tight, and files short.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/languages.rs"]
mod languages;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn modules_import_what_the_table_allows_and_nothing_else() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table = import_table(&fs::read_to_string(source.join("lib.rs")).unwrap());
    assert!(table.len() >= 10, "the table in src/lib.rs was not found");

    let mut offences = Vec::new();
    let mut unused = table.clone();
    for file in rust_files(&source) {
        let relative = file.strip_prefix(&source).unwrap();
        let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let allowed =
            table.get(module).unwrap_or_else(|| panic!("`{module}` is missing in the table of src/lib.rs"));
        for used in imports(&fs::read_to_string(&file).unwrap()) {
            unused.get_mut(module).unwrap().remove(&used);
            if used != module
                && table.contains_key(&used)
                && !allowed.contains("everything")
                && !allowed.contains(&used)
            {
                offences.push(format!("{}: `{module}` may not use `{used}`", relative.display()));
            }
        }
    }
    for (module, allowed) in unused {
        let never = allowed.into_iter().filter(|used| used != "everything");
        offences.extend(never.map(|used| format!("src/lib.rs: `{module}` never uses `{used}`")));
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

/// Files, environment, processes, network, clocks and standard streams are for the modules around them.
#[test]
fn what_touches_nothing_cannot_touch_anything() {
    const TOUCHES: [&str; 12] = [
        "std::fs",
        "std::env",
        "std::process",
        "std::thread",
        "std::io::std",
        "std::net::Tcp",
        "std::net::Udp",
        "tokio",
        "SystemTime::now",
        "Instant::now",
        "Local::now",
        "rand::",
    ];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let head = fs::read_to_string(source.join("lib.rs")).unwrap();
    let (_, rest) = head.split_once("effects at the edges: ").unwrap();
    let (sentence, _) = rest.split_once(" touch nothing").unwrap();
    let pure: Vec<_> = sentence.split('`').skip(1).step_by(2).collect();
    assert!(pure.len() >= 6, "the pure modules of src/lib.rs were not found: {pure:?}");

    let mut offences = Vec::new();
    for file in rust_files(&source) {
        let relative = file.strip_prefix(&source).unwrap();
        let is_test = relative.iter().any(|part| part == "tests" || part == "tests.rs");
        let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if is_test || !pure.contains(&module) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let found = TOUCHES.iter().filter(|name| code.contains(**name));
        offences.extend(found.map(|name| format!("{}: `{name}`", relative.display())));
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

/// What a conversation needs (nonce, limits, log, clock, Ctrl-C) is in one place.
#[test]
fn one_function_talks_to_hosts() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let door = source.join("runner/conversation.rs");
    let mut offences = Vec::new();
    for file in rust_files(&source).into_iter().filter(|file| !file.starts_with(source.join("transport"))) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let is_test = file.iter().any(|part| part == "tests" || part == "tests.rs");
        for talk in ["session.exec(", "Nonce::new("] {
            let found = code.matches(talk).count();
            if !is_test && found != usize::from(file == door) {
                offences.push(format!("{}: {found} times `{talk}`", file.display()));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src", "tests"].map(|folder| rust_files(&root.join(folder))).concat();
    let lengths = files.iter().map(|file| (file, fs::read_to_string(file).unwrap().lines().count()));
    let offences: Vec<_> = lengths
        .filter(|(_, lines)| *lines > 400)
        .map(|(file, lines)| format!("{}: {lines} lines", file.strip_prefix(root).unwrap().display()))
        .collect();
    assert!(offences.is_empty(), "make two files of each, by what they are about:\n{}", offences.join("\n"));
}

/// The rows `//! | module | a, b |` of the table.
fn import_table(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    text.lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .filter_map(|row| row.trim_end_matches('|').split_once('|'))
        .filter(|(module, _)| module.trim() != "module")
        .map(|(module, allowed)| {
            let allowed = allowed
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect();
            (module.trim().to_owned(), allowed)
        })
        .collect()
}

/// The first path segment behind each `crate::` of a file, also in `use crate::{a, b}`.
fn imports(text: &str) -> BTreeSet<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for (position, marker) in text.match_indices("crate::") {
        let rest = &text[position + marker.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_i32;
            let mut at_start = true;
            for (offset, character) in group.char_indices() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => at_start = true,
                    c if at_start && !c.is_whitespace() => {
                        found.insert(name(&group[offset..]));
                        at_start = false;
                    }
                    _ => {}
                }
            }
        } else {
            found.insert(name(rest));
        }
    }
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// What differs between services travels as data, so that a role of somebody's own needs no program of its own.
#[test]
fn remote_programs_know_no_service_by_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/remote");
    let mut files = rust_files(&folder);
    files.retain(|file| !file.starts_with(folder.join("tests")));
    files.extend(fs::read_dir(folder.join("programs")).unwrap().map(|entry| entry.unwrap().path()));
    assert!(files.len() > 40, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap().to_lowercase();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for name in ["haproxy", "apache"] {
            assert!(!code.contains(name), "{} knows {name}", file.display());
        }
    }
}

/// What a host said is shown only after it was cleaned. These parse it, and let none of it out.
#[test]
fn few_files_look_at_what_a_host_said_as_it_came() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_test = |file: &PathBuf| file.strip_prefix(&source).unwrap().iter().any(|part| part == "tests");
    let mut files: Vec<_> = rust_files(&source).into_iter().filter(|file| !is_test(file)).collect();
    files.retain(|file| {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        code.contains(".raw()") || code.contains("HostText::raw")
    });
    let files: BTreeSet<_> =
        files.iter().map(|file| file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned()).collect();
    let known = [
        "packages/sources.rs",
        "preflight/identity.rs",
        "preflight/system.rs",
        "remote/apply.rs",
        "remote/facts.rs",
    ];
    assert_eq!(files, known.map(str::to_owned).into());
}

/// What is to be decided by is a value beside the words, never the words themselves.
#[test]
fn no_sentence_is_searched_for_a_word() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let searches = [".contains(", ".starts_with(", ".ends_with(", ".find(", ".strip_prefix(", "==", "!="];
    let mut offences = Vec::new();
    for file in rust_files(&source)
        .iter()
        .filter(|file| !file.iter().any(|part| part.to_str().unwrap().starts_with("tests")))
    {
        let text = fs::read_to_string(file).unwrap();
        let code: String = text.split("#[cfg(test)]").next().unwrap().split_whitespace().collect();
        for said in
            [".english()", ".words(language)", ".words(Language::English)", ".words(Language::Portuguese)"]
        {
            let found = code.match_indices(said).map(|(position, _)| &code[position + said.len()..]);
            if found.clone().any(|rest| searches.iter().any(|search| rest.starts_with(search))) {
                offences.push(format!("{}: {said}", file.display()));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

/// Whoever needs to know something of a role asks every role of a host, so that one of somebody's own is asked too.
#[test]
fn only_roles_ask_for_a_role_by_its_name() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    for file in rust_files(&source) {
        let relative = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        if ["roles/", "/tests", "samples"].iter().any(|part| relative.contains(part)) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for call in
            ["with_role(\"", ".role(\"", ".name() == \"", "roles::Balancer", "roles::Web", "roles::Socket"]
        {
            // Where settings become roles, each is made by its name.
            if code.contains(call) && relative != "inventory/raw.rs" {
                found.insert(format!("{relative}: {call}"));
            }
        }
    }
    assert_eq!(found, BTreeSet::new(), "ask all roles of a host through the trait `Role`");
}
