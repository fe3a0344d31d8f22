//! What is ours among a host's packages, by apply.sh and reset.sh with an apt and a dpkg of the test's own.

use std::fs;
use std::path::Path;

use super::super::dialogue::End;
use super::super::events::ApplyEvent;
use super::local::{Login, events_of};
use super::machine::Machine;
use crate::model::{Directory, Failure, File, Resource, Turn};
use crate::remote::sentence;

/// An apt that adds `nano` and a library, upgrades `old`, and says so to whom its configuration names; before the end,
/// somebody installs `late`.
const APT: &str = r#"
case "$* " in
    *' update '* | *' check '* | *' -s'*) exit 0 ;;
esac
hook=$(sed -n 's/^DPkg::Pre-Install-Pkgs:: "\(.*\)";$/\1/p' "$2")
printf '%s\n' 'VERSION 3' 'APT::X=a - b < c' '' 'nano - - none < 7.2 amd64 none /x/nano.deb' \
    'libx - - none < 1 amd64 same /x/libx.deb' 'old 1 amd64 none < 2 amd64 none /x/old.deb' \
    'nano - - none < 7.2 amd64 none **CONFIGURE**' | sh -c "$hook" || exit 100
"#;

/// From now on, dpkg-query says this; that a package is installed, once apt ran.
fn statuses(machine: &Machine, statuses: &str) {
    let (file, began) = (machine.at("statuses"), machine.at("began"));
    fs::write(&file, statuses).unwrap();
    let body = format!(
        "case $* in '-W dpkg') echo dpkg ;; *binary:Package*) cat {file} ;; *) [ ! -e {began} ] || echo installed ;; esac"
    );
    machine.stub("dpkg-query", &body);
}

/// An apt that does more after that.
fn apt(machine: &Machine, and_then: &str) {
    machine.stub("apt-get", &format!("{APT}\n: >{}\n{and_then}", machine.at("began")));
}

fn nano() -> [Resource; 1] {
    [Resource::package("nano")]
}

fn purged(machine: &Machine) -> Vec<String> {
    let steps = machine.plan_reset();
    let names = steps.iter().map(|step| step.change.resource.as_str().to_owned());
    names.filter(|name| name.starts_with("package:")).collect()
}

#[test]
fn what_others_install_meanwhile_is_not_ours() {
    let machine = Machine::new();
    apt(&machine, "");
    statuses(
        &machine,
        "installed dpkg\ninstalled late\ninstalled libx:amd64\ninstalled nano\ninstalled old\n",
    );
    machine.converge(&nano());
    assert_eq!(purged(&machine), ["package:libx:amd64", "package:nano"]);
    assert!(!Path::new(&machine.at("journal/new-packages")).exists());
}

/// Whatever dies once dpkg began, what it began with is undone.
#[test]
fn what_dpkg_was_cut_short_in_is_ours() {
    let machine = Machine::new();
    apt(&machine, "read -r _ _ _ run _ </proc/$PPID/stat; kill -KILL $run");
    statuses(&machine, "installed dpkg\ninstalled late\nhalf-installed libx:amd64\nunpacked nano\n");
    let (events, end) = machine.run(&machine.apply(&nano()));
    assert!(end.is_err(), "{events:?}");
    assert_eq!(purged(&machine), ["package:libx:amd64", "package:nano"]);
    // Of the rest, nothing is known to be ours.
    statuses(&machine, "installed dpkg\ninstalled late\nunpacked nano\nconfig-files libx:amd64\n");
    assert_eq!(purged(&machine), ["package:nano"]);
}

/// apt makes a folder for what dpkg is to unpack; one that was killed leaves it, and dpkg half-done.
#[test]
fn what_an_apt_that_was_killed_left_goes_with_a_reset() {
    let machine = Machine::new();
    let swept = machine.at("swept");
    let instead = |name: &str, arguments: &str, body: &str| {
        machine
            .stub(name, &format!("case $* in {arguments}) {body} ;; *) exec /usr/bin/{name} \"$@\" ;; esac"));
    };
    instead("find", "'/tmp '*apt-dpkg*", &format!(": >{swept}"));
    instead("grep", "'-qsE ^Status'*", "exit 0");
    instead("sed", "*'^Package: /h'*", "echo nano");
    machine.stub("dpkg", "[ \"$1\" != --print-architecture ] || echo amd64");
    apt(&machine, "read -r _ _ _ run _ </proc/$PPID/stat; kill -KILL $run");
    statuses(&machine, "installed dpkg\nunpacked nano\n");
    assert!(machine.run(&machine.apply(&nano())).1.is_err());
    assert!(!Path::new(&swept).exists());
    machine.reset();
    assert!(Path::new(&swept).exists());
}

/// A package that somebody removed, and whose configuration stayed, is no more than removed again.
#[test]
fn a_configuration_that_was_left_before_us_stays() {
    let machine = Machine::new();
    let asked = machine.at("asked");
    apt(&machine, "");
    statuses(&machine, "config-files libx:amd64\nconfig-files old\n");
    machine.converge(&nano());
    machine.stub(
        "dpkg",
        &format!("case $1 in --print-architecture) echo amd64 ;; *) echo \"dpkg $*\" >>{asked} ;; esac"),
    );
    machine.stub(
        "apt-get",
        &format!("case \"$* \" in *' -s purge '*) printf 'Purg %s\\n' libx nano ;; *) echo \"$*\" | sed 's/.* \\(remove\\|purge\\) /\\1 /' >>{asked} ;; esac"),
    );
    // This dpkg installs nothing by itself.
    statuses(&machine, "installed libx:amd64\ninstalled nano\n");
    fs::write(
        machine.at("journal/entries/packages/record"),
        "packages packages absent - - libx:amd64 nano\n",
    )
    .unwrap();
    machine.reset();
    let asked = fs::read_to_string(asked).unwrap();
    let asked: Vec<_> = asked.lines().map(str::trim).collect();
    // Of what is left then, this dpkg-query tells whatever it is asked.
    let tried = "dpkg --no-act --force-remove-reinstreq --remove libx:amd64";
    assert_eq!(asked[..4], ["remove libx:amd64", "purge nano", tried, &tried.replace("--no-act ", "")]);
    assert!(!Path::new(&machine.at("journal")).exists());
}

/// The same library of another architecture is none of ours, whatever dpkg-query tells when it is asked for the name.
#[test]
fn packages_of_another_architecture_stay() {
    let machine = Machine::new();
    let asked = machine.at("asked");
    apt(&machine, "");
    statuses(&machine, "installed libx:amd64\ninstalled libx:i386\ninstalled nano\n");
    machine.converge(&nano());
    assert_eq!(purged(&machine), ["package:libx:amd64", "package:nano"]);
    machine.stub(
        "dpkg",
        &format!("case $1 in --print-architecture) echo amd64 ;; *) echo \"dpkg $*\" >>{asked} ;; esac"),
    );
    machine.stub("apt-get", "case \"$* \" in *' -s purge '*) printf 'Purg %s\\n' libx nano ;; esac");
    machine.reset();
    let asked = fs::read_to_string(asked).unwrap();
    let asked: Vec<_> = asked.lines().map(|line| line.replace("--no-act ", "")).collect();
    assert_eq!(asked, ["dpkg --force-remove-reinstreq --purge libx:amd64 nano"; 2]);
}

/// All packages would look as if they were gone.
#[test]
fn a_dpkg_that_knows_nothing_any_more_ends_a_reset_before_it_begins() {
    let machine = Machine::new();
    apt(&machine, "");
    statuses(&machine, "installed libx:amd64\ninstalled nano\n");
    machine.converge(&nano());
    for (says, code) in [("parsing file '/var/lib/dpkg/status' near line 40", 2), ("no packages found", 1)] {
        machine.stub("dpkg-query", &format!("echo \"dpkg-query: {says}\" >&2; exit {code}"));
        let refusal = machine.recall_refusal();
        assert_eq!(refusal.message.english(), "dpkg can't tell what is installed on the host");
        assert!(refusal.hint.unwrap().english().starts_with(&format!("it says: dpkg-query: {says}")));
    }
    statuses(&machine, "installed libx:amd64\ninstalled nano\n");
    assert_eq!(purged(&machine), ["package:libx:amd64", "package:nano"]);
}

#[test]
fn where_the_journal_cannot_be_written_dpkg_does_not_begin() {
    let machine = Machine::new();
    apt(&machine, "");
    machine.stub("sync", "case $* in *new-packages*) exit 1 ;; esac; exec /bin/sync \"$@\"");
    statuses(&machine, "installed dpkg\n");
    let (_, end) = machine.run(&machine.apply(&nano()));
    assert_eq!(end, Ok(End::Failed));
    assert!(!Path::new(&machine.at("began")).exists());
}

fn failure(machine: &Machine, wanted: &[Resource]) -> Failure {
    let (events, end) = machine.run(&machine.apply(wanted));
    assert_eq!(end, Ok(End::Failed), "{events:?}");
    let failed = |event| if let ApplyEvent::Failed(_, failure, _) = event { Some(failure) } else { None };
    events.into_iter().find_map(failed).unwrap()
}

/// A file that goes before the packages.
fn page(machine: &Machine) -> Resource {
    Resource::File(File { turn: Turn::First, ..File::of_text(machine.at("page"), "ours\n") })
}

#[test]
fn one_apt_downloads_and_installs_and_waits_in_between_for_what_goes_first() {
    let machine = Machine::new();
    let [asked, configured, served] = ["asked", "configured", "served"].map(|name| machine.at(name));
    machine.stub(
        "apt-get",
        &format!(
            "echo \"$*\" >>{asked}; cp \"$2\" {configured}\n[ ! -e {page} ] || exit 100\n{APT}\n: >{began}
             cp {page} {served}",
            page = machine.at("page"),
            began = machine.at("began")
        ),
    );
    statuses(&machine, "installed dpkg\ninstalled nano\n");
    let [nano] = nano();
    let (events, end) = machine.run(&machine.apply(&[page(&machine), nano]));
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    let asked = fs::read_to_string(asked).unwrap();
    assert_eq!(asked.lines().filter(|line| line.contains(" install ")).count(), 1, "{asked}");
    assert!(fs::read_to_string(configured).unwrap().contains(r#"Acquire::Languages "none";"#));
    assert!(Path::new(&served).exists());
}

/// Whatever ends the run while apt waits, apt ends without a change.
#[test]
fn an_apt_that_waits_for_a_run_that_ended_does_not_begin() {
    for (how, end_run) in [("fails", "exit 1"), ("dies", "kill -KILL $PPID")] {
        let machine = Machine::new();
        apt(&machine, "");
        machine.stub("sync", &format!("case $* in */.provision.*) {end_run} ;; esac; exec /bin/sync \"$@\""));
        statuses(&machine, "installed dpkg\n");
        let [nano] = nano();
        let (_, end) = machine.run(&machine.apply(&[page(&machine), nano]));
        assert_ne!(end, Ok(End::Complete), "{how}");
        assert!(!Path::new(&machine.at("began")).exists(), "{how}");
        assert!(!Path::new(&machine.at("page")).exists(), "{how}");
    }
}

#[test]
fn a_package_that_would_go_is_named_with_its_cause() {
    let machine = Machine::new();
    machine.stub(
        "apt-get",
        &format!(
            r#"case "$* " in
                *'-sq'*' install nano vim '* | *'-sq'*' install vim '*) echo 'Remv theirs [1.0]' ;;
                *'-sq'*) echo 'Inst nano' ;;
                *' --no-remove '*) echo 'E: Packages need to be removed but remove is disabled.'; exit 100 ;;
                *) echo removed >{} ;;
            esac"#,
            machine.at("removed")
        ),
    );
    statuses(&machine, "installed dpkg\n");
    // What goes before the packages does not go before that is known.
    let [nano, vim] = ["nano", "vim"].map(Resource::package);
    let failure = failure(&machine, &[page(&machine), nano, vim]);
    assert_eq!(failure.message.english(), "installing vim would remove theirs");
    assert!(failure.hint.unwrap().english().contains("`sudo apt-get install vim`"));
    for changed in ["removed", "page"] {
        assert!(!Path::new(&machine.at(changed)).exists(), "{changed}");
    }
}

#[test]
fn what_fails_of_others_stops_nothing_where_all_that_is_wanted_is_there() {
    let machine = Machine::new();
    apt(
        &machine,
        "printf 'Errors were encountered while processing:\\n linux-image-old\\n'
         echo 'E: Sub-process /usr/bin/dpkg returned an error code (1)'; exit 100",
    );
    statuses(&machine, "installed dpkg\n");
    let (events, end) = machine.run(&machine.apply(&nano()));
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    let notes =
        events.iter().filter_map(|event| if let ApplyEvent::Note(note) = event { Some(note) } else { None });
    let notes: Vec<_> = notes.map(|note| note.english().to_owned()).collect();
    let [note] = &notes[..] else { panic!("{notes:?}") };
    assert!(
        note.starts_with("the package linux-image-old could not be configured; what is wanted is there"),
        "{note}"
    );
}

/// What the host's own apt is told for everybody.
#[test]
fn settings_that_keep_apt_from_its_work_do_not_hold_for_ours() {
    let machine = Machine::new();
    let settings = machine.at("settings");
    let own =
        r#"APT::Get { Download-Only "true"; Simulate "true"; Trivial-Only "true"; Print-URIs "true"; };"#;
    fs::write(&settings, own).unwrap();
    let heeds = format!(
        "APT_CONFIG={settings} apt-config -c \"$2\" dump | grep -q 'APT::Get::.* \"true\"' && exit 0"
    );
    machine.stub("apt-get", &format!("{heeds}\n{APT}\n: >{}", machine.at("began")));
    statuses(&machine, "installed dpkg\ninstalled nano\n");
    machine.converge(&nano());
}

/// The journal of a run that died before anything was recorded.
#[test]
fn a_journal_without_records_is_something_to_undo() {
    let machine = Machine::new();
    fs::create_dir_all(machine.at("journal/entries")).unwrap();
    fs::write(machine.at("journal/before-packages"), "dpkg\n").unwrap();
    statuses(&machine, "installed dpkg\ninstalled nano\n");
    assert_eq!(purged(&machine), ["package:nano"]);
    statuses(&machine, "installed dpkg\n");
    assert_eq!(machine.plan_reset().len(), 1);
    machine.reset();
    assert!(!Path::new(&machine.at("journal")).exists());
    assert!(machine.plan_reset().is_empty());
}

/// A purge was cut short: apt will not go on before dpkg has, and then leaves a part.
#[test]
fn reset_goes_on_where_its_own_purge_was_cut_short() {
    for said in [
        "E: dpkg was interrupted, you must manually run it",
        "dpkg: error processing package nano (--remove):\\n package is in a very bad inconsistent state\\n\
         Errors were encountered while processing:\\n nano",
    ] {
        let machine = Machine::new();
        let (order, record) = (machine.at("order"), machine.at("journal/entries/packages/record"));
        fs::create_dir_all(machine.at("journal/entries/packages")).unwrap();
        fs::write(record, "packages packages absent - - nano\n").unwrap();
        statuses(&machine, "half-installed nano\n");
        machine.stub(
            "apt-get",
            &format!(
                "case $* in *' -s purge '*) echo 'Purg nano [1]' ;; *) echo apt >>{order}
             printf '{said}\\n'; exit 100 ;; esac"
            ),
        );
        machine.stub(
            "dpkg",
            &format!(
                "case $1 in --print-architecture) echo amd64 ;; *) echo $* >>{order}; : >{} ;; esac",
                machine.at("statuses")
            ),
        );
        machine.reset();
        let order = fs::read_to_string(order).unwrap();
        let order: Vec<&str> = order.lines().collect();
        assert_eq!(order.len(), 2, "{order:?}");
        assert!(order[0] == "apt" && order[1].contains("--configure -a"), "{order:?}");
        assert!(!Path::new(&machine.at("journal")).exists());
    }
}

#[test]
fn what_was_seen_before_another_run_is_not_believed() {
    let machine = Machine::new();
    machine.converge(&[Resource::Directory(Directory::with_mode(machine.at("etc/lab"), 0o755))]);
    let (invocation, other) = (machine.reset_invocation(), machine.apply(&[]));
    machine.run(&other).1.unwrap();
    let stubs = machine.folder.path().join("stubs");
    let login = Login { stubs: Some(&stubs), ..Login::default() };
    let (stdout, _) = login.run(&invocation);
    let (story, end) = super::local::hear(super::super::events::ApplyReader, &stdout);
    assert_eq!(end, Ok(End::Stale));
    assert!(events_of(story).is_empty());
    assert!(Path::new(&machine.at("etc/lab")).is_dir());
    machine.reset();
    assert!(!Path::new(&machine.at("etc/lab")).exists());
}

/// Whatever number of packages is ours: apt is asked once what would go with them, and once more for those that may.
#[test]
fn what_others_need_stays_and_is_found_by_two_simulations() {
    let machine = Machine::new();
    let (asked, record) = (machine.at("asked"), machine.at("journal/entries/packages/record"));
    fs::create_dir_all(machine.at("journal/entries/packages")).unwrap();
    fs::write(&record, "packages packages absent - - libx nano vim\n").unwrap();
    statuses(&machine, "installed libx\ninstalled nano\ninstalled vim\n");
    machine.stub("dpkg", "case $1 in --print-architecture) echo amd64 ;; esac");
    machine.stub(
        "apt-get",
        &format!(
            "case \"$* \" in
                 *' -s purge '*libx*) echo s >>{asked}; printf 'Purg %s\\n' libx nano theirs vim ;;
                 *' -s purge '*) echo s >>{asked}; printf 'Purg %s\\n' vim ;;
                 *' purge '*) echo \"$*\" | sed 's/.* purge //' >{} ;;
             esac",
            machine.at("purged")
        ),
    );
    machine.stub("apt-cache", "printf '%s\\n' theirs '  Depends: nano' nano '  Depends: libx' libx");
    let events = machine.reset();
    let told = "theirs on this host needs what stays: libx nano";
    assert!(events.contains(&ApplyEvent::Note(sentence::note(told))), "{events:?}");
    assert_eq!(fs::read_to_string(machine.at("purged")).unwrap().trim(), "vim");
    assert_eq!(fs::read_to_string(asked).unwrap().lines().count(), 2);
}
