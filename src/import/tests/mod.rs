//! Whole sources, rebuilt after what people have: what of each is taken over, and what is told.

mod bounds;
mod reading;
mod secrets;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use super::{Choices, Imported, InventoryFiles, RoleWords, Tags, VariablesFolders};
use crate::draft;
use crate::error::{Error, Result};
use crate::inventory::{Extent, Surroundings, parse};
use crate::model::{Inventory, Language, Text};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/import/tests/cases")
}

/// The inventory as the reader of inventories understands it, on a machine that has every key file.
fn accepted(text: &str) -> Inventory {
    let surroundings = Surroundings {
        home: Some("/home/prof".into()),
        is_file: &|_| true,
        check_template: &|_, _, _| Ok(()),
        extent: Extent::Used,
    };
    let path = Path::new("/class/inventory.yaml");
    parse(text, path, &surroundings).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"))
}

/// What an import says: the inventory, and below it the remarks, with `!` before what was left out.
fn shown(imported: Result<Imported>) -> String {
    let mut text = match imported {
        Err(Error { message, hints, .. }) => {
            format!("error: {}\n{}\n", message.sample(), Text::join(&hints, "\n").sample())
        }
        Ok(Imported { draft, remarks }) => {
            let mut text = draft::write(&draft);
            accepted(&text);
            text.push_str("\n--- told\n");
            for remark in remarks {
                let mark = if remark.is_loss { '!' } else { ' ' };
                text.push_str(&format!("{mark} {}: {}\n", remark.place.english(), remark.said.english()));
                text.push_str(&format!("    pt: {}\n", remark.said.words(Language::Portuguese)));
            }
            text
        }
    };
    text = text.replace(&format!("{}/", folder().display()), "");
    assert!(!text.contains(|sign: char| sign.is_control() && sign != '\n'), "{text:?}");
    assert!(!text.contains("hunter2"), "a secret is told:\n{text}");
    text
}

/// Runs an import over all cases of a kind; each has its snapshot.
fn cases(kind: &str, least: usize, import: impl Fn(&Path, &str) -> Result<Imported>) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder().join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= least, "{paths:?}");
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap();
        insta::assert_snapshot!(format!("{kind}_{name}"), shown(import(&path, name)));
    }
}

fn choices(roles: &[&str]) -> Choices {
    let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    Choices { roles: RoleWords::parse(&roles).unwrap(), ..Choices::default() }
}

fn import_ansible(path: &Path, teams: &[String], choices: &Choices) -> Result<Imported> {
    super::ansible(InventoryFiles::of(path)?, VariablesFolders::of(path), teams, choices)
}

#[test]
fn inventories_of_ansible() {
    cases("ansible", 14, |folder, name| {
        let inventory =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_file());
        let (teams, roles): (&[&str], &[&str]) = match name {
            "teams" => (&["team*"], &["balancer=balancers", "web=apaches"]),
            "named_roles" => (&[], &["balancer=frontend", "web=backend"]),
            _ => (&[], &[]),
        };
        let teams: Vec<String> = teams.iter().map(|team| (*team).to_owned()).collect();
        import_ansible(&inventory.unwrap(), &teams, &choices(roles))
    });
}

#[test]
fn machines_of_vagrant() {
    cases("vagrant", 3, |path, _| super::ssh_config(super::read(path)?, &[], &Choices::default()));
}

#[test]
fn ssh_configurations() {
    cases("ssh_config", 3, |path, name| {
        let patterns: &[String] = if name == "bastion" { &["web*".to_owned(), "lb".to_owned()] } else { &[] };
        super::ssh_config(super::read(path)?, patterns, &Choices::default())
    });
}

#[test]
fn instances_of_aws() {
    cases("aws", 4, |path, name| {
        let tag = |tag: &str| (name == "teams").then(|| tag.to_owned());
        let tags = Tags { cluster: tag("Team"), role: tag("role") };
        let user = (name == "learner_lab").then(|| "ubuntu".to_owned());
        super::aws(super::read(path)?, &tags, &Choices { user, ..Choices::default() })
    });
}

#[test]
fn rosters() {
    cases("csv", 7, |path, _| {
        let choices = Choices { user: Some("aluno".to_owned()), ..Choices::default() };
        super::roster(super::read(path)?, &choices)
    });
}
