//! Whose fault it is where the check of a service's files fails, by apply.sh with checks of the test's own.

use std::fs;
use std::os::unix::fs::symlink;

use super::super::data::Data;
use super::super::dialogue::End;
use super::super::events::ApplyEvent;
use super::super::invocation::{RunAs, invoke};
use super::local::{Login, nonce};
use super::machine::Machine;
use crate::model::{Failure, File, Link, Resource, Validator};

fn file(machine: &Machine, validator: Validator) -> Resource {
    Resource::File(File { validator: Some(validator), ..File::of_text(machine.at("etc/ports.conf"), "new") })
}

fn in_place() -> Validator {
    Validator::InPlace("apache2ctl configtest".to_owned())
}

fn failure(machine: &Machine, wanted: &[Resource]) -> (Failure, Vec<ApplyEvent>) {
    let (events, end) = machine.run(&machine.apply(wanted));
    assert_eq!(end, Ok(End::Failed), "{events:?}");
    let failed = events.iter().find_map(|event| match event {
        ApplyEvent::Failed(_, failure, _) => Some(failure.clone()),
        _ => None,
    });
    (failed.unwrap(), events)
}

/// What is told of a check that says `said` whatever is there, or only with our file.
fn told(said: &str, always: bool) -> [String; 2] {
    let machine = Machine::new();
    fs::write(machine.at("etc/ports.conf"), "old").unwrap();
    let said = said.replace("ETC", &machine.at("etc"));
    let when =
        if always { "true".to_owned() } else { format!("grep -q new {}", machine.at("etc/ports.conf")) };
    machine.stub("apache2ctl", &format!("{when} || exit 0; cat <<'END'\n{said}\nEND\nexit 1"));
    let (failure, events) = failure(&machine, &[file(&machine, in_place())]);
    assert!(events.contains(&ApplyEvent::RolledBack(0)));
    assert_eq!(fs::read_to_string(machine.at("etc/ports.conf")).unwrap(), "old");
    let etc = machine.at("etc");
    [failure.message, failure.hint.unwrap()].map(|text| text.english().replace(&etc, "ETC"))
}

#[test]
fn what_apache2ctl_says_of_every_failure_is_no_reason() {
    let said = "AH00543: apache2: bad user name www-data\nAction 'configtest' failed.\nThe Apache error log may have more \
                information.";
    let [message, hint] = told(said, true);
    assert_eq!(message, "apache2ctl accepts no configuration, also not the one without our change");
    assert!(hint.starts_with("apache2ctl says: AH00543: apache2: bad user name www-data;"), "{hint}");
}

#[test]
fn the_last_file_that_is_named_is_at_fault() {
    let ours = "AH00526: Syntax error on line 3 of ETC/ports.conf:\nInvalid command 'Bogus'";
    let [message, hint] = told(ours, false);
    assert_eq!(message, "apache2ctl does not accept the new ETC/ports.conf; the old one stays");
    assert!(
        hint.starts_with(
            "apache2ctl says: AH00526: Syntax error on line 3 of ETC/ports.conf: Invalid command 'Bogus';"
        ),
        "{hint}"
    );
    for (file, said) in [
        ("team.conf", "AH00526: Syntax error on line 1 of ETC/team.conf:\nInvalid command 'Foo'"),
        (
            "php8.1.load",
            "apache2: Syntax error on line 146 of ETC/apache2.conf: Syntax error on line 1 of ETC/php8.1.load: Cannot \
             load libphp8.1.so into server",
        ),
        (
            "team.conf",
            "apache2: Syntax error on line 222 of ETC/apache2.conf: Syntax error on line 1 of ETC/team.conf: Could not \
             open configuration file ETC/gone.conf",
        ),
    ] {
        let [message, hint] = told(said, true);
        assert_eq!(message, format!("the configuration is broken in ETC/{file}, which is not ours"));
        assert!(hint.contains("`sudo apache2ctl configtest`"), "{hint}");
    }
}

#[test]
fn what_fails_without_our_file_too_is_not_its_fault() {
    let said = "AH00558: apache2: Could not reliably determine the server's fully qualified domain name\n\
                AH00534: apache2: Configuration error: No MPM loaded.\nAction 'configtest' failed.";
    let [message, hint] = told(said, true);
    assert_eq!(message, "apache2ctl accepts no configuration, also not the one without our change");
    assert!(
        hint.starts_with("apache2ctl says: AH00534: apache2: Configuration error: No MPM loaded.;"),
        "{hint}"
    );
    let [message, hint] = told(said, false);
    assert_eq!(message, "apache2ctl does not accept the new ETC/ports.conf; the old one stays");
    assert!(hint.contains("No MPM loaded"), "{hint}");
}

#[test]
fn a_file_of_ours_is_known_by_its_link() {
    let machine = Machine::new();
    let (available, enabled) = (machine.at("etc/ports.conf"), machine.at("etc/enabled.conf"));
    symlink("ports.conf", &enabled).unwrap();
    machine.converge(&[Resource::Link(Link {
        path: machine.at("etc/other.conf"),
        target: "ports.conf".to_owned(),
        notify: None,
    })]);
    machine.stub(
        "apache2ctl",
        &format!(
            "echo 'AH00526: Syntax error on line 1 of {enabled}:'; grep -q new {available} && exit 1; exit 0"
        ),
    );
    let (failure, _) = failure(&machine, &[file(&machine, in_place())]);
    assert!(failure.message.english().ends_with("so it was not put there"), "{failure:?}");
}

#[test]
fn a_candidate_is_not_at_fault_where_the_old_file_fails_alike() {
    let check =
        "[ALERT] (PID) : config : parsing [FILE:20] : error opening file </etc/no-such/errors/400.http>";
    let machine = Machine::new();
    fs::write(machine.at("etc/ports.conf"), "old").unwrap();
    let script = format!("echo \"{check}\" | sed \"s|FILE|$3|;s|PID|$$|\"; exit 1");
    machine.stub("haproxy", &script);
    machine.stub("dpkg-query", "exit 1");
    let wanted = [file(&machine, Validator::Candidate("haproxy -c -f".to_owned()))];
    let (seen, _) = failure(&machine, &wanted);
    assert_eq!(
        seen.message.english(),
        "haproxy accepts no configuration, also not the one without our change"
    );

    // What the package brought is gone, and it says so.
    fs::remove_file(machine.at("etc/ports.conf")).unwrap();
    let gone = "/etc/no-such/errors/400.http";
    machine.stub(
        "dpkg-query",
        &format!("case $* in -S*) echo haproxy: $2 ;; *) echo ' {gone} 0123'; echo ' {gone}.old 0123 obsolete' ;; esac"),
    );
    let (seen, _) = failure(&machine, &wanted);
    assert_eq!(seen.message.english(), format!("{gone} is gone, which came with the package haproxy"));
    let hint = seen.hint.unwrap();
    let command = "`sudo apt-get install --reinstall -o Dpkg::Options::=--force-confmiss haproxy && ";
    assert!(hint.english().contains(command), "{hint:?}");

    // dpkg has it elsewhere, and would put it there again.
    fs::write(machine.at("etc/400.http.own"), "").unwrap();
    machine.stub("dpkg-divert", &format!("echo {}", machine.at("etc/400.http.own")));
    let (seen, _) = failure(&machine, &wanted);
    assert_eq!(seen.message.english(), format!("{gone} is gone: a diversion of dpkg's puts it elsewhere"));
    let hint = seen.hint.unwrap();
    assert!(hint.english().contains(&format!("`sudo dpkg-divert --rename --remove {gone}`")), "{hint:?}");

    // It was not the one that is named.
    machine.stub("haproxy", "echo '[ALERT] config : parsing : unknown keyword'; exit 1");
    let (seen, _) = failure(&machine, &wanted);
    assert!(seen.message.english().ends_with("so it was not put there"), "{seen:?}");
}

/// A text for sh is given the candidate, whose name means nothing to anybody; what stood there before is tried as well.
#[test]
fn a_check_in_words_of_the_users_own_is_run_on_the_candidate() {
    for folder in ["etc", "etc/it's $(own)"] {
        let machine = Machine::new();
        let path = machine.at(&format!("{folder}/x.conf"));
        fs::create_dir_all(machine.at(folder)).unwrap();
        let check = "grep -qx good {file} || { echo warming up; echo; echo \"{file}: line 1: bad word\" >&2; exit 3; }";
        let resource = |content: &str| {
            let validator = Some(Validator::Shell(check.to_owned()));
            Resource::File(File { validator, ..File::of_text(&path, content) })
        };
        let (new, _) = failure(&machine, &[resource("bad")]);
        assert_eq!(
            new.message.english(),
            format!("grep does not accept the new {path}, so it was not put there")
        );
        assert!(!fs::exists(&path).unwrap());
        machine.converge(&[resource("good")]);
        let (changed, _) = failure(&machine, &[resource("bad")]);
        assert_eq!(
            changed.message.english(),
            format!("grep does not accept the new {path}; the old one stays")
        );
        let hint = changed.hint.unwrap();
        assert!(hint.english().starts_with("grep says: warming up "), "{hint:?}");
        assert!(hint.english().contains(": line 1: bad word; mend"), "{hint:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "good");

        // Where the old one fails alike, the new one is not at fault.
        fs::write(&path, "worse").unwrap();
        let (before, _) = failure(&machine, &[resource("bad")]);
        let message = "grep accepts no configuration, also not the one without our change";
        assert_eq!(before.message.english(), message, "{folder}");
        assert!(before.hint.unwrap().english().contains("where `sudo sh -c "));
        assert_eq!(fs::read_to_string(&path).unwrap(), "worse");
    }
}

/// What people have put before it is not what the service is started by.
#[test]
fn programs_in_usr_local_do_not_check_for_those_of_packages() {
    let path = "/usr/local/sbin:/usr/local/bin/:/usr/bin:/bin:/opt/usr/local/bin:/usr/local/bin";
    let parts = [
        include_str!("../programs/common.sh"),
        include_str!("../programs/packaged.sh"),
        "answer \"path $(packaged)\"\nanswer end ok\n",
    ];
    let invocation = invoke(RunAs::Login, &nonce(), &parts, Data::default()).unwrap();
    let login = Login { environment: &[("PATH", path)], ..Login::default() };
    let (output, _) = login.run(&invocation);
    let said = String::from_utf8(output).unwrap();
    let told = said.lines().find_map(|line| line.split_once(" path ")).map(|(_, told)| told);
    let told = told.unwrap();
    assert!(told.starts_with("/usr/bin:/bin:/opt/usr/local/bin:"), "{said}");
    assert!(told.split(':').all(|folder| !folder.starts_with("/usr/local") && !folder.is_empty()), "{said}");
}
