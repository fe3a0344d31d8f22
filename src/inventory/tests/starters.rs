//! The starters in `inventories/`, and the schema beside them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::inventory::{Extent, Surroundings, parse, schema};
use crate::practice;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inventories")
}

#[test]
fn starters_are_valid() {
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# yaml-language-server: $schema=./schema.json\n"), "{}", path.display());
        // The keys that they name are on the instructor's machine, not on this one.
        let surroundings = Surroundings {
            home: Some("/home/instructor".into()),
            is_file: &|_| true,
            check_template: &|_, _, _| Ok(()),
            extent: Extent::All,
        };
        let inventory = parse(&text, &path, &surroundings).unwrap_or_else(|faults| panic!("{faults:?}"));
        let name = path.file_stem().unwrap().to_str().unwrap();
        seen.push(format!(
            "{name}: {} clusters, {} hosts",
            inventory.clusters.len(),
            inventory.hosts().count()
        ));
    }
    seen.sort();
    assert_eq!(
        seen,
        [
            "aws: 1 clusters, 4 hosts",
            "classroom: 30 clusters, 90 hosts",
            "one-cluster: 1 clusters, 4 hosts",
            "password: 1 clusters, 3 hosts",
            "virtualbox: 1 clusters, 4 hosts",
        ]
    );
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    let schemas =
        [("inventory", "schema.json", schema()), ("practice", "practice-schema.json", practice::schema())];
    for (verb, name, schema) in schemas {
        let path = folder().join(name);
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(&path, &schema).unwrap();
        }
        assert_eq!(
            fs::read_to_string(&path).unwrap_or_default(),
            schema,
            "write it anew: `provision {verb} schema > inventories/{name}`"
        );
    }
}

#[test]
fn every_key_of_the_schema_is_documented() {
    fn walk(value: &serde_json::Value, place: &str) {
        for (key, property) in value.get("properties").and_then(|all| all.as_object()).into_iter().flatten() {
            assert!(property["description"].is_string(), "{place}.{key}");
        }
        let others = &value["additionalProperties"];
        let are_known = *others == false || others["description"].is_string();
        assert!(value.get("properties").is_none() || are_known, "{place}");
    }
    for schema in [schema(), practice::schema()] {
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        walk(&schema, "top");
        for (name, definition) in schema["definitions"].as_object().unwrap() {
            walk(definition, name);
        }
    }
}
