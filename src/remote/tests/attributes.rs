//! Modes and owners that are wanted, and contents that are no text, by apply.sh and reset.sh.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use super::super::dialogue::End;
use super::super::events::ApplyEvent;
use super::machine::Machine;
use crate::model::{Action, Text};
use crate::model::{Attributes, Change, Directory, Failure, File, Operation, Resource, Step};

const NOBODY: u32 = 65534;

fn wanted(mode: Option<u32>, owner: Option<&str>, group: Option<&str>) -> Attributes {
    Attributes { mode, owner: owner.map(str::to_owned), group: group.map(str::to_owned) }
}

fn file(path: &str, content: &str, wanted: Attributes) -> File {
    File { wanted, ..File::of_text(path, content) }
}

/// Sets what is wanted of a file whose content stands already.
fn set(machine: &Machine, file: File) -> (Vec<ApplyEvent>, Result<End, Failure>) {
    let change = Change {
        resource: Resource::File(file.clone()).id(),
        action: Action::Update,
        reason: Text::default(),
        before: None,
        after: None,
        diff: None,
        foreign: false,
    };
    let step: Step = change.by(Operation::SetAttributes(file));
    machine.run(&machine.apply_steps([step]))
}

fn failure(events: &[ApplyEvent]) -> String {
    let failed = events.iter().find_map(|event| match event {
        ApplyEvent::Failed(_, failure, _) => Some(failure.message.english().to_owned()),
        _ => None,
    });
    failed.unwrap_or_else(|| panic!("{events:?}"))
}

/// Mode, user and group.
fn attributes(path: &str) -> (u32, u32, u32) {
    let metadata = fs::symlink_metadata(path).unwrap();
    (metadata.permissions().mode() & 0o7777, metadata.uid(), metadata.gid())
}

#[test]
fn a_mode_that_is_named_is_set_whatever_stood_there() {
    let machine = Machine::new();
    let path = machine.at("etc/secret.conf");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    machine.converge(&[Resource::File(file(&path, "new", wanted(Some(0o600), None, None)))]);
    assert_eq!((attributes(&path).0, fs::read_to_string(&path).unwrap().as_str()), (0o600, "new"));
    // Its content is not sent again.
    let (events, end) = set(&machine, file(&path, "new", wanted(Some(0o4755), None, None)));
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    assert_eq!((attributes(&path).0, fs::read_to_string(&path).unwrap().as_str()), (0o4755, "new"));
    machine.reset();
    assert_eq!((attributes(&path).0, fs::read_to_string(&path).unwrap().as_str()), (0o666, "old"));
}

#[test]
fn a_file_that_changed_meanwhile_is_left_as_it_is() {
    let machine = Machine::new();
    let path = machine.at("etc/a.conf");
    fs::write(&path, "somebody's").unwrap();
    let before = machine.tree();
    let (events, end) = set(&machine, file(&path, "seen", wanted(Some(0o600), None, None)));
    assert_eq!(end, Ok(End::Failed));
    assert_eq!(failure(&events), format!("{path} was changed while this run was at work"));
    assert_eq!(machine.tree(), before);
}

#[test]
fn names_that_the_host_does_not_know_are_named_before_anything_is_written() {
    let machine = Machine::new();
    let path = machine.at("etc/a");
    for (attributes, what) in [
        (wanted(None, Some("no-such-user"), None), "there is no user no-such-user on the host, who"),
        (wanted(None, None, Some("no-such-group")), "there is no group no-such-group on the host, which"),
    ] {
        let directory = Directory { path: path.clone(), wanted: attributes.clone() };
        for resource in [Resource::File(file(&path, "x", attributes)), Resource::Directory(directory)] {
            let (events, end) = machine.run(&machine.apply(&[resource]));
            assert_eq!(end, Ok(End::Failed));
            assert_eq!(failure(&events), format!("{what} should own {path}"));
            assert!(machine.tree().is_empty());
        }
    }
}

#[test]
#[ignore = "needs root"]
fn owners_are_given_and_put_back() {
    let machine = Machine::new();
    let [kept, made, folder, new] =
        ["etc/kept", "etc/made", "etc/folder", "etc/new"].map(|name| machine.at(name));
    fs::write(&kept, "same").unwrap();
    chown(&kept, Some(1), Some(1)).unwrap();
    fs::create_dir(&folder).unwrap();
    chown(&folder, Some(1), Some(2)).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).unwrap();
    let directory = |path: &str, wanted| Resource::Directory(Directory { path: path.to_owned(), wanted });
    machine.converge(&[
        directory(&folder, wanted(None, Some("nobody"), None)),
        directory(&new, wanted(Some(0o700), Some("nobody"), Some("nogroup"))),
        Resource::File(file(&made, "x", wanted(Some(0o640), Some("nobody"), Some("nogroup")))),
    ]);
    assert_eq!(attributes(&folder), (0o750, NOBODY, 2));
    assert_eq!(attributes(&new), (0o700, NOBODY, NOBODY));
    assert_eq!(attributes(&made), (0o640, NOBODY, NOBODY));
    let (events, end) = set(&machine, file(&kept, "same", wanted(None, None, Some("nogroup"))));
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    assert_eq!(attributes(&kept), (0o644, 1, NOBODY));

    machine.reset();
    assert_eq!(attributes(&folder), (0o750, 1, 2));
    assert_eq!(attributes(&kept), (0o644, 1, 1));
    assert_eq!(machine.tree().len(), 2);
}

#[test]
fn ten_megabytes_of_anything_arrive_as_they_are() {
    let machine = Machine::new();
    let content: Vec<u8> =
        (0..10_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let path = machine.at("etc/image");
    machine.converge(&[Resource::File(File { content: content.clone().into(), ..File::of_text(&path, "") })]);
    assert!(fs::read(&path).unwrap() == content);
}
