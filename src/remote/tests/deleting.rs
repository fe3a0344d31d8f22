//! What apply.sh takes back of what it made: files, links, folders and packages, whatever dies meanwhile.

use std::fs;

use super::super::dialogue::End;
use super::super::events::ApplyEvent;
use super::super::facts::ObserveReader;
use super::super::invocation::{RunAs, invoke};
use super::super::observe::{self, MORE, ObserveRequest};
use super::super::packed::more;
use super::local::{Login, hear, nonce};
use super::machine::{Machine, change};
use crate::model::{
    Directory, Facts, File, HostText, Link, Maker, Operation, Package, Remains, Remembered, RememberedKind,
    Resource, ResourceId, Step,
};
use crate::remote::sentence;

fn file(path: String, content: &str) -> Resource {
    Resource::File(File::of_text(path, content))
}

/// Looks for what is not among `wanted`.
pub fn look(machine: &Machine, wanted: &[Resource], inventory: &str) -> Facts {
    let maker = Maker { inventory: inventory.into(), host: "ana/web01".into(), name: "class.yaml".into() };
    let request = ObserveRequest::of(wanted, false, maker);
    let data = observe::encode(&request, &machine.at("journal"), &machine.at("run")).unwrap();
    let mut invocation = invoke(RunAs::Login, &nonce(), request.parts(), data).unwrap();
    invocation.input.text(&more(MORE));
    let stubs = machine.folder.path().join("stubs");
    let (stdout, stderr) = Login { stubs: Some(&stubs), ..Login::default() }.run(&invocation);
    hear(ObserveReader::new(request), &stdout)
        .1
        .unwrap_or_else(|failure| panic!("{failure:?}\n{}\n{stderr}", String::from_utf8_lossy(&stdout)))
}

/// What takes back what was seen, folders last and from the deepest up.
pub fn steps(facts: &Facts) -> Vec<Step> {
    let mut entries: Vec<&Remembered> = facts.remembered.iter().collect();
    entries.sort_by_key(|entry| {
        let is_folder = entry.kind == RememberedKind::Directory;
        (is_folder, std::cmp::Reverse(entry.name.split('/').count()))
    });
    let step = |entry: &&Remembered| {
        let operation = match entry.kind {
            RememberedKind::Package => {
                let remains = facts.remains.get(&entry.name).copied().unwrap_or_default();
                Operation::RemovePackage { name: entry.name.clone(), remains }
            }
            _ => Operation::Undo { key: entry.key.clone(), notify: None },
        };
        change(ResourceId::new(format!("{}:{}", entry.kind.name(), entry.name))).by(operation)
    };
    entries.iter().map(step).collect()
}

/// Makes the machine be as wanted and no more.
fn prune(machine: &Machine, wanted: &[Resource]) -> Vec<ApplyEvent> {
    let steps = steps(&look(machine, wanted, "00ff"));
    let (events, end) = machine.run(&machine.apply_steps_for(steps, wanted));
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    events
}

fn lab(machine: &Machine) -> [Resource; 4] {
    [
        Resource::Directory(Directory::with_mode(machine.at("etc/lab/deep"), 0o755)),
        file(machine.at("etc/lab/deep/file"), "ours"),
        file(machine.at("etc/kept"), "ours"),
        Resource::Link(Link { path: machine.at("etc/link"), target: "lab".to_owned(), notify: None }),
    ]
}

#[test]
fn what_is_not_asked_for_is_told_with_its_maker_and_what_stands_there() {
    let machine = Machine::new();
    let wanted = lab(&machine);
    machine.converge(&wanted);
    fs::write(machine.at("etc/kept"), "a student's").unwrap();
    assert_eq!(look(&machine, &wanted, "00ff").remembered.len(), 1, "the folder above");
    let facts = look(&machine, &[], "00ff");
    let told = |name: &str| {
        let entry = facts.remembered.iter().find(|entry| entry.name == machine.at(name)).unwrap();
        (entry.original.as_str(), entry.now == entry.state, entry.maker.as_ref().unwrap().host.raw())
    };
    assert_eq!(facts.remembered.len(), 5);
    assert_eq!(told("etc/lab/deep/file"), ("absent", true, "ana/web01"));
    assert_eq!(told("etc/kept"), ("absent", false, "ana/web01"));
    assert_eq!(told("etc/link"), ("absent", true, "ana/web01"));
    // Nobody asks what stands where another inventory made something.
    let facts = look(&machine, &[], "0bad");
    assert!(facts.remembered.len() == 5 && facts.remembered.iter().all(|entry| entry.now.is_none()));
}

#[test]
fn what_is_no_longer_wanted_goes_and_comes_anew() {
    let machine = Machine::new();
    fs::write(machine.at("etc/kept"), "before").unwrap();
    let before = machine.tree();
    let wanted = lab(&machine);
    machine.converge(&wanted);
    let with_all = machine.tree();
    prune(&machine, &[]);
    assert_eq!(machine.tree(), before);
    assert_eq!(look(&machine, &[], "00ff").remembered, []);
    fs::write(machine.at("etc/kept"), "another").unwrap();
    machine.converge(&wanted);
    assert_eq!(machine.tree(), with_all);
    prune(&machine, &wanted[..2]);
    assert_eq!(fs::read_to_string(machine.at("etc/kept")).unwrap(), "another");
    assert!(
        !fs::exists(machine.at("etc/link")).unwrap() && fs::exists(machine.at("etc/lab/deep/file")).unwrap()
    );
}

#[test]
fn what_somebody_changed_is_kept_beside_it_and_a_full_folder_stays() {
    let machine = Machine::new();
    machine.converge(&lab(&machine));
    fs::write(machine.at("etc/kept"), "a student's").unwrap();
    fs::write(machine.at("etc/lab/deep/theirs"), "x").unwrap();
    let events = prune(&machine, &[]);
    assert_eq!(fs::read_to_string(machine.at("etc/kept.before-reset")).unwrap(), "a student's");
    assert!(
        !fs::exists(machine.at("etc/kept")).unwrap()
            && fs::exists(machine.at("etc/lab/deep/theirs")).unwrap()
    );
    let notes = events.iter().filter(|event| matches!(event, ApplyEvent::Note(_))).count();
    assert_eq!(notes, 3, "{events:?}");
    assert_eq!(look(&machine, &[], "00ff").remembered, []);
}

/// A run dies at the first, second … use of what it takes things back by, and an apply follows.
#[test]
fn whatever_dies_the_next_apply_converges() {
    let mut nth = 0;
    loop {
        nth += 1;
        let machine = Machine::new();
        fs::write(machine.at("etc/kept"), "before").unwrap();
        let stays = [file(machine.at("etc/lab/stays"), "ours")];
        machine.converge(&stays);
        let before = machine.tree();
        machine.converge(&lab(&machine));
        let count = machine.at("count");
        for tool in ["mkdir", "mktemp", "mv", "cp", "chmod", "sync", "rm", "rmdir"] {
            let body = format!(
                "echo >>{count}\n[ $(wc -l <{count}) -ne {nth} ] || kill -KILL 0\nPATH=/usr/bin:/bin exec {tool} \"$@\""
            );
            machine.stub(tool, &body);
        }
        let taken = steps(&look(&machine, &stays, "00ff"));
        let _ = machine.run(&machine.apply_steps_for(taken, &stays));
        let uses = fs::read_to_string(&count).unwrap().lines().count();
        fs::remove_dir_all(machine.at("stubs")).unwrap();
        fs::create_dir(machine.at("stubs")).unwrap();
        prune(&machine, &stays);
        assert_eq!(machine.tree(), before, "killed at {nth}");
        let left: Vec<_> = look(&machine, &stays, "00ff").remembered;
        assert!(left.iter().all(|entry| entry.name == machine.at("etc/lab")), "killed at {nth}: {left:?}");
        if nth > uses {
            assert!(nth > 20, "the stubs were not used");
            break;
        }
    }
}

/// A dpkg with a lamp that needs oil, and a foreign shade that needs the lamp.
pub fn packages(machine: &Machine, foreign: bool) {
    let shade = if foreign { "installed shade all: ; , lamp\\n" } else { "" };
    let folder = machine.at("gone");
    fs::create_dir(&folder).unwrap();
    let listed = format!(
        "for one in 'lamp all: ; , oil (>= 1) | water' 'oil amd64: ; , ' 'dpkg amd64: ; , '; do\n\
         [ -e {folder}/${{one%% *}} ] || echo \"installed $one\"; done; printf '{shade}'"
    );
    let query = format!(
        "case \"$*\" in\n*Multi-Arch*) echo 'foreign/amd64 dpkg=installed= install 1' ;;\n*Pre-Depends*) {listed} ;;\n*binary:Package*) ({listed}) | cut -d ' ' -f 1,2 | sed 's/oil/oil:amd64/' ;;\n\
         *'-W dpkg'*) echo dpkg ;;\n*-L*) echo /.; [ $2 != lamp ] || echo /lib/systemd/system/lamp.service ;;\nesac"
    );
    machine.stub("dpkg-query", &query);
    machine.stub("dpkg", "echo amd64");
    machine.stub("apt-mark", "exit 0");
    let apt = format!(
        "case \"$* \" in\n*-sq*' remove '*lamp*) for one in $*; do case $one in lamp | oil) echo \"Remv $one [1]\" ;; esac; done; {} ;;\n\
         *' remove '*) for one in $*; do case $one in lamp | oil) : >{folder}/$one ;; esac; done ;;\nesac",
        if foreign { "echo 'Remv shade [1]'" } else { ":" }
    );
    machine.stub("apt-get", &apt);
    let entry = machine.at("journal/entries/packages");
    fs::create_dir_all(&entry).unwrap();
    fs::write(format!("{entry}/record"), "packages packages absent - - lamp oil:amd64\n").unwrap();
    fs::write(format!("{entry}/roots"), "lamp 00ff ana/web01 class.yaml\n").unwrap();
}

#[test]
fn a_package_goes_with_what_came_with_it_and_is_asked_for_no_more() {
    let machine = Machine::new();
    packages(&machine, false);
    machine.stub("sed", "case $* in *extended_states*) echo oil ;; *) exec /bin/sed \"$@\" ;; esac");
    let facts = look(&machine, &[], "00ff");
    assert_eq!(facts.remembered.len(), 1);
    let leaving: Vec<_> = facts.unneeded.leaving.iter().map(HostText::raw).collect();
    assert_eq!(leaving, ["lamp", "oil"]);
    prune(&machine, &[]);
    let entry = machine.at("journal/entries/packages");
    assert_eq!(fs::read_to_string(format!("{entry}/removed")).unwrap(), "lamp\noil:amd64\n");
    assert!(!fs::exists(format!("{entry}/record")).unwrap());
    assert_eq!(fs::read_to_string(format!("{entry}/roots")).unwrap(), "");
    assert_eq!(look(&machine, &[], "00ff").remembered, []);
}

#[test]
fn what_a_service_may_have_written_is_told_to_stay() {
    let machine = Machine::new();
    packages(&machine, false);
    let roots = machine.at("journal/entries/packages/roots");
    fs::write(roots, "lamp 00ff ana/web01 class.yaml\noil 00ff ana/web01 class.yaml\n").unwrap();
    let told = |event: &ApplyEvent| matches!(event, ApplyEvent::Note(_));
    let notes: Vec<_> = prune(&machine, &[]).into_iter().filter(told).collect();
    let note = "what lamp wrote stays on the host, until a reset purges it";
    assert_eq!(notes, [ApplyEvent::Note(sentence::note(note))]);
}

#[test]
fn what_is_wanted_or_foreign_keeps_what_it_needs() {
    let machine = Machine::new();
    packages(&machine, true);
    let facts = look(&machine, &[], "00ff");
    assert_eq!(facts.unneeded.foreign, ["shade"]);
    let (events, end) = machine.run(&machine.apply_steps_for(steps(&facts), &[]));
    assert_eq!(end, Ok(End::Failed), "{events:?}");
    assert!(!fs::exists(machine.at("gone/lamp")).unwrap());

    let shade = [Resource::package("shade")];
    let facts = look(&machine, &shade, "00ff");
    assert_eq!(
        (facts.unneeded.needed.as_slice(), facts.unneeded.foreign.len()),
        (["lamp".into()].as_slice(), 0)
    );
}

#[test]
fn roots_of_version_0_1_are_those_that_apt_takes_for_no_dependency() {
    let machine = Machine::new();
    packages(&machine, false);
    machine.stub("sed", "case $* in *extended_states*) echo oil ;; *) exec /bin/sed \"$@\" ;; esac");
    fs::remove_file(machine.at("journal/entries/packages/roots")).unwrap();
    let names: Vec<_> = look(&machine, &[], "00ff").remembered.into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["lamp"]);
}

/// What an apply without `lamp` takes away, by what its practice said of it: the words for apt, and what is noted.
fn left_of_a_lamp(remains: Remains) -> (String, String) {
    let machine = Machine::new();
    packages(&machine, false);
    machine.stub("sed", "case $* in *extended_states*) echo oil ;; *) exec /bin/sed \"$@\" ;; esac");
    // The record knows of it by then: what is installed already is noted all the same.
    let lamp = Resource::Package(Package { name: "lamp".to_owned(), remains });
    assert_eq!(machine.run(&machine.apply_steps_for([], &[lamp])).1, Ok(End::Complete));
    let asked = machine.at("asked");
    let apt = fs::read_to_string(machine.at("stubs/apt-get")).unwrap();
    let body = apt.split_once('\n').unwrap().1;
    let would = "printf 'Purg %s [1]\\n' lamp oil";
    let heard =
        format!("case \"$*\" in *' -s purge '*) {would} ;; *-s*) ;; *) echo \"$*\" >>{asked} ;; esac");
    machine.stub("apt-get", &format!("{heard}\n{body}"));
    machine.stub("dpkg", "case \"$*\" in *--purge*) ;; *) echo amd64 ;; esac");
    let noted = look(&machine, &[], "00ff").remains;
    let going = steps(&look(&machine, &[], "00ff"));
    assert_eq!(machine.run(&machine.apply_steps_for(going, &[])).1, Ok(End::Complete));
    let asked = fs::read_to_string(asked).unwrap_or_default();
    let words = asked.lines().filter_map(|line| {
        let at = line.find(" remove ").or_else(|| line.find(" purge "))?;
        Some(line[at..].trim().to_owned())
    });
    (words.collect::<Vec<_>>().join("; "), format!("{noted:?}"))
}

#[test]
fn what_is_left_of_a_package_goes_by_its_practice() {
    // It comes with a service, so that it keeps what that wrote where nobody said anything.
    assert_eq!(
        left_of_a_lamp(Remains::Unsaid),
        ("remove lamp oil".to_owned(), "{\"lamp\": Unsaid}".to_owned())
    );
    assert_eq!(left_of_a_lamp(Remains::Data), ("remove lamp oil".to_owned(), "{\"lamp\": Data}".to_owned()));
    let (asked, noted) = left_of_a_lamp(Remains::Nothing);
    assert!(asked.starts_with("purge lamp oil"), "{asked}");
    assert_eq!(noted, "{\"lamp\": Nothing}");
}
