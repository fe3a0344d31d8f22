//! Keeps the files of a folder from importing each other in circles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A path within the crate: modules, and perhaps an item.
type Names = Vec<String>;
/// The source of each module, without comments and tests; that of a folder is its `mod.rs`.
type Sources = BTreeMap<Names, String>;
/// Which modules of a folder each of them imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_two_files_of_a_folder_import_each_other() {
    let sources = sources();
    assert!(sources.len() > 200, "the sources were not found");
    let mut offences = BTreeMap::new();
    for (folder, imports) in imports(&sources) {
        for module in imports.keys() {
            let reached = reached(&imports, module);
            if reached.contains(module) {
                offences.entry(folder.join("/")).or_insert_with(Vec::new).push(module.clone());
            }
        }
    }
    assert!(offences.is_empty(), "move what both need into a file of its own: {offences:?}");
}

#[test]
fn circles_are_found_however_a_sibling_is_named() {
    let circles = |first: &str| {
        let sources = [
            ("a", "pub use second::Two;"),
            ("a/first", first),
            ("a/second", "use super::third;"),
            ("a/third", "use super::{Error, first::{One, Other as Another}};"),
        ];
        let names = |path: &str| path.split('/').map(str::to_owned).collect::<Names>();
        let sources = sources.map(|(path, text)| (names(path), text.to_owned())).into();
        reached(&imports(&sources)[&names("a")], "first").contains("first")
    };
    assert!(circles("use super::second::Two;"));
    assert!(circles("use super::Two;"));
    assert!(circles("fn one() { crate::a::second::two() }"));
    assert!(!circles("use super::Error;"));
}

/// The modules that a module imports, directly or around.
fn reached(imports: &Imports, module: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![module.to_owned()];
    while let Some(next) = open.pop() {
        for import in imports.get(&next).into_iter().flatten() {
            if reached.insert(import.clone()) {
                open.push(import.clone());
            }
        }
    }
    reached
}

/// The imports within each folder. What a folder's own file defines is for all in it; what it hands on is its owner's.
fn imports(sources: &Sources) -> BTreeMap<Names, Imports> {
    let mut found: BTreeMap<Names, Imports> = BTreeMap::new();
    for (module, text) in sources {
        for named in paths(text).iter().filter_map(|path| resolve(sources, module, path)) {
            for depth in 0..module.len() {
                let (folder, child) = (&module[..depth], &module[depth]);
                let Some(import) = named.strip_prefix(folder).and_then(|rest| owner(sources, folder, rest))
                else {
                    break;
                };
                if import != *child {
                    found
                        .entry(folder.to_vec())
                        .or_default()
                        .entry(child.clone())
                        .or_default()
                        .insert(import);
                }
            }
        }
    }
    found
}

/// The module of a folder that a path within it leads to; empty where it leads to the folder's own file.
fn owner(sources: &Sources, folder: &[String], path: &[String]) -> Option<String> {
    let name = path.first()?;
    let is_module = |name: &String| sources.contains_key(&[folder, std::slice::from_ref(name)].concat());
    if is_module(name) {
        return Some(name.clone());
    }
    let handed_on = sources.get(folder).map(|text| paths(text)).unwrap_or_default();
    let source = handed_on.into_iter().find(|path| path.last() == Some(name) && is_module(&path[0]));
    source.map(|path| path[0].clone())
}

/// A path that a module names, from the crate's root.
fn resolve(sources: &Sources, module: &[String], path: &[String]) -> Option<Names> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    let (base, rest) = match path.first()?.as_str() {
        "crate" => (&module[..0], &path[1..]),
        "self" => (module, &path[1..]),
        "super" => (&module[..module.len().checked_sub(ups)?], &path[ups..]),
        child => {
            let is_child = sources.contains_key(&[module, &[child.to_owned()]].concat());
            (is_child.then_some(module)?, path)
        }
    };
    Some([base, rest].concat())
}

/// The paths of `use` items, and those from `crate` or `super` elsewhere.
fn paths(text: &str) -> BTreeSet<Names> {
    let mut found = BTreeSet::new();
    for item in text.split(';') {
        let uses =
            item.rsplit_once("use ").filter(|(before, _)| before.is_empty() || before.ends_with(['\n', ' ']));
        if let Some((_, tree)) = uses {
            expand(tree, &[], &mut found);
        }
    }
    for root in ["crate::", "super::"] {
        for (start, _) in text.match_indices(root) {
            let in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let path: String = text[start..].chars().take_while(|c| in_path(*c)).collect();
            found.insert(path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect());
        }
    }
    found
}

/// The paths of a `use` tree.
fn expand(tree: &str, before: &[String], found: &mut BTreeSet<Names>) {
    let (head, group) =
        tree.split_once('{').map_or((tree, None), |(head, rest)| (head, rest.rsplit_once('}')));
    let name = |part: &str| part.split_whitespace().next().map(str::to_owned);
    let path = [before, &head.split("::").filter_map(name).collect::<Names>()].concat();
    let Some((group, _)) = group else {
        found.insert(path);
        return;
    };
    let mut depth = 0;
    let splits = |character: char| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        character == ',' && depth == 0
    };
    group.split(splits).filter(|part| !part.trim().is_empty()).for_each(|part| expand(part, &path, found));
}

fn sources() -> Sources {
    let mut found = Sources::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut found);
    found
}

fn collect(folder: &Path, module: &[String], found: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let named = [module, std::slice::from_ref(&name)].concat();
        if path.is_dir() && name != "tests" {
            collect(&path, &named, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests" {
            let is_of_folder = ["mod", "lib", "main"].contains(&name.as_str());
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let code = code.collect::<Vec<_>>().join("\n") + "\n";
            found.entry(if is_of_folder { module.to_vec() } else { named }).or_default().push_str(&code);
        }
    }
}
