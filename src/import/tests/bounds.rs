//! As many hosts as there may be, as many files as a folder has, and what comes near the limits of formats.

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use super::reading::{ansible, source};
use super::{choices, import_ansible, shown};
use crate::import::{self, Choices, InventoryFiles, Tags};

/// Two seconds for each kind; what grows with the square of the hosts takes minutes.
const LINEAR: Duration = Duration::from_secs(8);

/// How long this thread has had a processor (`proc_pid_schedstat(5)`), whatever else the machine does.
fn worked() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn ten_thousand_hosts_are_imported_in_time() {
    let hosts = 0..10_000;
    let address = |number: i32| format!("10.0.{}.{}", number / 250, number % 250 + 1);
    let config = hosts.clone().fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "Host m{number}\n  HostName {}\n  ProxyJump m0\n", address(number));
        text
    });
    let ini = hosts.clone().fold("[web]\n".to_owned(), |mut text, number| {
        let _ = writeln!(text, "w{number} ansible_host={} course=SD", address(number));
        text
    });
    let roster = hosts.clone().fold("aluno,ip,papel\n".to_owned(), |mut text, number| {
        let _ = writeln!(text, "Ana {},{},web", number / 10, address(number));
        text
    });
    let instances: Vec<_> = hosts
        .map(|number| serde_json::json!({ "InstanceId": format!("i-{number}"), "PublicIpAddress": address(number) }))
        .collect();
    let instances = serde_json::to_string_pretty(&instances).unwrap();
    let begun = worked();
    let imported = [
        import::ssh_config(source("config", &config), &[], &Choices::default()),
        ansible("hosts", &ini),
        import::roster(source("class.csv", &roster), &Choices::default()),
        import::aws(source("i.json", &instances), &Tags::default(), &Choices::default()),
    ];
    let elapsed = worked().saturating_sub(begun);
    for imported in imported {
        assert!(!imported.unwrap().draft.clusters.is_empty());
    }
    assert!(elapsed < LINEAR, "{elapsed:?}");
}

#[test]
fn more_hosts_are_refused_before_they_are_made() {
    let line = "w[0:9999].a ansible_host=10.0.0.1\n";
    let many = format!("[a]\n{line}").repeat(5_000);
    let yaml =
        format!("all: {{children: {{{}}}}}", "g: {hosts: {'w[0:9999]': , 'x[0:9999]': , 'y[0:9999]': }}");
    for imported in [ansible("hosts", &many), ansible("hosts.yml", &yaml)] {
        assert_eq!(imported.unwrap_err().message.english(), "there are more than 10000 hosts");
    }
}

#[test]
fn a_folder_is_an_inventory() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("01-hosts", "[web]\nw1 ansible_host=10.0.0.1 course=SO\n"),
        ("02-more.yml", "web: {hosts: {w1: {course: SD}, w2: {ansible_host: 10.0.0.2}}}\n"),
        ("deeper/lb", "[lb]\nlb ansible_host=10.0.0.3\n"),
        ("group_vars/web.yml", "ansible_user: ana\n"),
        (".hidden", "[web]\nno\n"),
        ("ansible.cfg", "[defaults]\nno = no\n"),
        ("hosts.bak", "[web]\nno\n"),
        ("README.md", "no\n"),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let told = shown(import_ansible(folder.path(), &[], &Choices::default()));
    insta::assert_snapshot!(told.replace(folder.path().to_str().unwrap(), ""));
    let empty = tempfile::tempdir().unwrap();
    assert!(
        InventoryFiles::of(empty.path())
            .unwrap_err()
            .message
            .english()
            .ends_with("has no file of an inventory")
    );
}

#[test]
fn signs_keys_and_brackets_of_yaml() {
    let signs = ansible("hosts.json", r#"{"web": {"hosts": {"w1": {"course": "\ud83d\ude00"}}}}"#);
    assert!(shown(signs).contains("course: \"😀\""));
    let keys = shown(ansible("hosts.yml", "web:\n  hosts: {w1: {[a, b]: c}}\n  ? [x]\n  : y\n"));
    assert!(keys.contains("a key that is no text is left out, with what it has (and 1 more line)"), "{keys}");
    let brackets = format!("web: {{hosts: {{w1: {{course: \"{}\"}}}}}}\n", "[".repeat(300));
    assert!(shown(ansible("hosts.yml", &brackets)).contains("[[["));
}

#[test]
fn cells_have_addresses_in_any_form() {
    let roster = "aluno;ip;papel\nAna;10.0.0.6-8;web\nRui;ana@10.0.0.2:2222;web\nEva;10.0.1.2/24;web\n\
                  Zoe;10.0.2.1 / 10.0.2.2;web\nLia;web01-03;web\n";
    insta::assert_snapshot!(shown(import::roster(source("class.csv", roster), &Choices::default())));
}

#[test]
fn a_mistyped_role_is_told() {
    let config = "Host w1\n  HostName 10.0.0.1\n";
    let told = |role: &str| {
        let imported = import::ssh_config(source("config", config), &[], &choices(&[role])).unwrap();
        imported.remarks.iter().map(|remark| remark.said.english().to_owned()).collect::<String>()
    };
    assert!(told("wbe=*").contains("did you mean `web`?"));
    assert!(told("broker=*").contains("`practices/broker`"));
    assert!(!told("web=*").contains("--role"));
}
