//! Where a tool of the host fails, or a part of what it keeps is lost, nothing is believed that follows from that.

use std::fs;
use std::path::Path;

use super::super::dialogue::End;
use super::super::events::ApplyEvent;
use super::deleting;
use super::machine::Machine;
use crate::model::{File, HostText, Resource};

/// An apt and a dpkg of a host where the run added `lamp`, which a package of others may need.
fn packages(machine: &Machine) {
    machine.stub(
        "dpkg-query",
        "case $* in '-W dpkg') echo dpkg ;; *Conffiles*) ;; *binary:Package*) echo installed lamp ;; esac",
    );
    machine.stub(
        "dpkg",
        "case $1 in --print-architecture) echo amd64 ;; *) echo \"dpkg $*\" >&2; exit 1 ;; esac",
    );
    let asked = machine.at("asked");
    machine.stub(
        "apt-get",
        &format!("case $* in *' -s purge '*) echo 'Purg lamp [1]' ;; *) echo $* >>{asked} ;; esac"),
    );
    let entry = machine.at("journal/entries/packages");
    fs::create_dir_all(&entry).unwrap();
    fs::write(format!("{entry}/record"), "packages packages absent - - lamp\n").unwrap();
}

fn file(machine: &Machine, content: &str) -> Resource {
    Resource::File(File::of_text(machine.at("etc/file"), content))
}

/// Where the only entry of the journal is.
fn entry(machine: &Machine) -> String {
    let entries = fs::read_dir(machine.at("journal/entries")).unwrap();
    entries.map(|entry| entry.unwrap().path().display().to_string()).next().unwrap()
}

#[test]
fn a_dpkg_that_fails_in_a_reset_ends_it_and_nothing_is_forgotten() {
    for asked in ["*binary:Package*", "*Conffiles*", "'--print-architecture'"] {
        let machine = Machine::new();
        packages(&machine);
        let invocation = machine.reset_invocation();
        let name = if asked.contains("print") { "dpkg" } else { "dpkg-query" };
        let stub = fs::read_to_string(machine.at(&format!("stubs/{name}"))).unwrap();
        machine
            .stub(name, &format!("case $* in {asked}) echo \"$0: no memory\" >&2; exit 2 ;; esac\n{stub}"));
        let (events, end) = machine.run(&invocation);
        assert_eq!(end, Ok(End::Failed), "{asked}: {events:?}");
        let ApplyEvent::Failed(_, failure, _) = events.last().unwrap() else { panic!("{asked}: {events:?}") };
        assert_eq!(failure.message.english(), "dpkg can't tell what is installed on the host", "{asked}");
        assert!(failure.hint.as_ref().unwrap().english().contains("no memory"), "{asked}");
        assert!(fs::exists(machine.at("journal/entries/packages/record")).unwrap(), "{asked}");
        assert!(!Path::new(&machine.at("asked")).exists(), "{asked}");
    }
}

#[test]
fn an_apt_that_would_take_what_was_not_named_to_it_does_not_begin() {
    let machine = Machine::new();
    packages(&machine);
    // Somebody installs what needs it in between.
    let hook = r#"hook=$(sed -n 's/^DPkg::Pre-Install-Pkgs:: "\(.*\)";$/\1/p' "$2")
        printf '%s\n' 'VERSION 3' 'APT::X=a' '' 'lamp 1 all none > - - none **REMOVE**' \
            'shade 2 amd64 none > - - none **REMOVE**' | sh -c "$hook" || exit 100"#;
    machine.stub(
        "apt-get",
        &format!(
            "case $* in *' -s purge '*) echo 'Purg lamp [1]' ;; *)\n{hook}\n: >{} ;; esac",
            machine.at("gone")
        ),
    );
    let (events, end) = machine.run(&machine.reset_invocation());
    assert_eq!(end, Ok(End::Failed), "{events:?}");
    let ApplyEvent::Failed(_, failure, _) = events.last().unwrap() else { panic!("{events:?}") };
    assert_eq!(failure.message.english(), "deleting lamp would remove shade, which is not ours");
    assert!(!Path::new(&machine.at("gone")).exists());
}

/// What a disk does to an entry of the journal.
type Loss = fn(&str);

#[test]
fn what_the_journal_no_longer_tells_is_not_thrown_away() {
    let ways: [(&str, Loss); 4] = [
        ("no record", |entry| fs::remove_file(format!("{entry}/record")).unwrap()),
        ("an empty record", |entry| fs::write(format!("{entry}/record"), "").unwrap()),
        ("a record that ends early", |entry| {
            let record = fs::read_to_string(format!("{entry}/record")).unwrap();
            fs::write(format!("{entry}/record"), record.trim_end()).unwrap();
        }),
        ("no original", |entry| fs::remove_file(format!("{entry}/original")).unwrap()),
    ];
    for (way, lose) in ways {
        let machine = Machine::new();
        fs::write(machine.at("etc/file"), "a student's").unwrap();
        machine.converge(&[file(&machine, "ours")]);
        let invocation = machine.reset_invocation();
        lose(&entry(&machine));
        let refusal = machine.recall_refusal();
        let told = refusal.message.english();
        assert!(told.starts_with("the journal on the host is damaged: "), "{way}: {told}");
        let (_, end) = machine.run(&invocation);
        assert_ne!(end, Ok(End::Complete), "{way}");
        assert!(Path::new(&machine.at("journal/entries")).exists(), "{way}");
    }
}

#[test]
fn an_apply_makes_a_record_anew_of_what_stood_there() {
    let machine = Machine::new();
    fs::write(machine.at("etc/file"), "a student's").unwrap();
    let before = machine.tree();
    machine.converge(&[file(&machine, "ours")]);
    fs::write(format!("{}/record", entry(&machine)), "").unwrap();
    machine.converge(&[file(&machine, "ours anew")]);
    machine.reset();
    assert_eq!(machine.tree(), before);
    assert_eq!(fs::read_to_string(machine.at("etc/file")).unwrap(), "a student's");
}

#[test]
fn a_list_of_what_was_there_that_was_cut_short_makes_nothing_ours() {
    let machine = Machine::new();
    packages(&machine);
    machine.stub(
        "dpkg-query",
        "case $* in '-W dpkg') echo dpkg ;; *) printf 'installed %s\\n' 'dpkg required' 'lamp optional' 'zlib1g required' ;; esac",
    );
    fs::write(machine.at("journal/before-packages"), "dpkg\n").unwrap();
    let refusal = machine.recall_refusal();
    assert!(refusal.message.english().contains("before-packages"), "{refusal:?}");
    fs::write(machine.at("journal/before-packages"), "dpkg\nzlib1g\n").unwrap();
    assert_eq!(machine.plan_reset().len(), 2);
}

#[test]
fn a_file_of_which_nobody_knows_whose_it_is_stays_as_it_is() {
    let machine = Machine::new();
    fs::write(machine.at("etc/file"), "a student's").unwrap();
    machine.stub("stat", "case $* in *' %a'*%F* | *%F*' %a '*) exit 1 ;; esac; exec /usr/bin/stat \"$@\"");
    let (events, end) = machine.run(&machine.apply(&[file(&machine, "ours")]));
    assert_eq!(end, Ok(End::Failed), "{events:?}");
    assert_eq!(fs::read_to_string(machine.at("etc/file")).unwrap(), "a student's");
}

/// What apt and dpkg do not tell of a removal is no leave to remove.
#[test]
fn a_removal_of_which_apt_tells_nothing_is_not_begun() {
    let machine = Machine::new();
    deleting::packages(&machine, false);
    machine.stub("apt-get", "case $* in -sq*) echo 'E: no memory' >&2; exit 100 ;; esac");
    let facts = deleting::look(&machine, &[], "00ff");
    assert_eq!(facts.apt_refuses.as_ref().map(HostText::raw), Some("E: no memory"));
    let (events, end) = machine.run(&machine.apply_steps_for(deleting::steps(&facts), &[]));
    assert_eq!(end, Ok(End::Failed), "{events:?}");
    let record = fs::read_to_string(machine.at("journal/entries/packages/record")).unwrap();
    assert_eq!(record, "packages packages absent - - lamp oil:amd64\n");
}
