//! Values that other programs would take for more than values: none leaves its place.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{documents, file, paths, queue_host, remarks, subject, yaml_paths};
use crate::export::{ansible, cloud_init, ssh_config};
use crate::model::{
    self, Cluster, Directory, File, Guard, HostKeyPolicy, Jump, Link, Resource, Script, Validator,
};
use crate::roles::Practice;
use crate::roles::samples::host;

const EVALUATED: &str = "{{ lookup('pipe','id') }} {% x %} '\"$(id)`id`";

fn clusters() -> [Cluster; 1] {
    let text = || EVALUATED.to_owned();
    let practice = Practice {
        name: "queue".to_owned(),
        resources: vec![
            Resource::Directory(Directory::with_mode(format!("/opt/{EVALUATED}"), 0o755)),
            Resource::File(File::of_text(format!("/opt/{EVALUATED}/../x"), EVALUATED)),
            Resource::File(File::of_text("/opt/vault", "$ANSIBLE_VAULT;1.1;AES256\n61\n")),
            Resource::Link(Link { path: format!("/etc/{EVALUATED}"), target: text(), notify: None }),
            Resource::Command(model::Command {
                role: "queue".to_owned(),
                name: text(),
                run: Script::Shell(format!("echo a\n{EVALUATED}\n")),
                guard: Guard::Unless(text()),
                undo: None,
                limit: Duration::from_secs(60),
                after_services: false,
            }),
        ],
        ..Practice::default()
    };
    let mut host = host("default", "q1", "10.0.0.1", &[]);
    host.connection.identity = Some(PathBuf::from("/home/a \"b\" \\ %h {{ x }} é #1/key"));
    host.connection.user = Some("DOM\\a#b".to_owned());
    host.roles.push(Arc::new(practice));
    [Cluster { name: "default".to_owned(), hosts: vec![host] }]
}

/// Every text that Ansible would evaluate, of those that are read from YAML without a mark.
fn evaluated(document: &serde_yaml::Value, found: &mut Vec<String>) {
    match document {
        serde_yaml::Value::String(text) if text.contains("{{") || text.contains("{%") => {
            found.push(text.clone());
        }
        serde_yaml::Value::Sequence(items) => items.iter().for_each(|item| evaluated(item, found)),
        serde_yaml::Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            evaluated(key, found);
            evaluated(value, found);
        }),
        _ => {}
    }
}

#[test]
fn ansible_evaluates_nothing_but_our_own_expressions() {
    let clusters = clusters();
    let export = ansible(&subject(&clusters));
    insta::assert_snapshot!(documents(&export));
    let mut found = Vec::new();
    for path in yaml_paths(&export) {
        evaluated(&serde_yaml::from_str(&file(&export, path)).unwrap(), &mut found);
    }
    found.sort();
    found.dedup();
    assert_eq!(found, ["{{ item }}"]);
    let is_sound =
        |path: &&str| path.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-./".contains(sign));
    assert!(paths(&export).iter().all(is_sound), "{:?}", paths(&export));
}

#[test]
fn cloud_init_is_given_words() {
    let clusters = clusters();
    let data = file(&cloud_init(&subject(&clusters)), "q1.yaml");
    let document: serde_yaml::Value = serde_yaml::from_str(&data).unwrap();
    let commands = document["runcmd"].as_sequence().unwrap().iter().map(|command| command.as_str().unwrap());
    for command in commands.clone().filter(|command| !command.starts_with("apart()")) {
        assert!(shlex::split(command).is_some(), "{command}");
    }
    let make = format!("/opt/{EVALUATED}");
    assert!(commands.filter_map(shlex::split).any(|words| words == ["mkdir", "-p", "--", make.as_str()]));
    assert_eq!(document["write_files"][0]["path"], format!("/opt/{EVALUATED}/../x"));
}

#[test]
fn ssh_reads_what_was_meant() {
    let clusters = clusters();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    std::fs::write(&path, file(&ssh_config(&subject(&clusters)), "config")).unwrap();
    let output = Command::new("ssh").arg("-G").arg("-F").arg(&path).arg("q1").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for line in ["hostname 10.0.0.1", "user DOM\\a#b", "identityfile /home/a \"b\" \\ %%h {{ x }} é #1/key"]
    {
        assert!(said.lines().any(|said| said == line), "{line}: {said}");
    }
}

#[test]
fn what_ssh_has_no_words_for_is_told() {
    let mut clusters = clusters();
    let connection = &mut clusters[0].hosts[0].connection;
    connection.identity = Some(PathBuf::from("/home/${HOME}/key"));
    connection.user = Some("a%b".to_owned());
    let export = ssh_config(&subject(&clusters));
    assert!(!file(&export, "config").contains(['$', '%']));
    insta::assert_snapshot!(remarks(&export));
}

#[test]
fn a_bastions_login_that_ssh_has_no_words_for_is_told() {
    let mut clusters = clusters();
    clusters[0].hosts[0].connection.jump =
        Some(Jump { user: Some("a%b".to_owned()), host: "bastion".to_owned(), port: None });
    let export = ssh_config(&subject(&clusters));
    assert!(!file(&export, "config").contains("bastion"));
    assert!(remarks(&export).contains("`jump` is not exported"));
}

/// A host behind a bastion of which as much is said as can be.
fn behind_a_bastion() -> [Cluster; 1] {
    let mut clusters = clusters();
    let connection = &mut clusters[0].hosts[0].connection;
    connection.jump =
        Some(Jump { user: Some("a#b".to_owned()), host: "bastion.test".to_owned(), port: Some(2222) });
    connection.host_keys = Some(HostKeyPolicy::AcceptNew);
    connection.connect_timeout = Duration::from_secs(3);
    clusters
}

/// What ssh makes of words, a line each.
fn ssh_says(words: &[String]) -> Vec<String> {
    let output = Command::new("ssh").arg("-G").args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn value<'a>(said: &'a [String], key: &str) -> &'a str {
    said.iter().find_map(|line| line.strip_prefix(&format!("{key} "))).unwrap_or_default()
}

const OF_THE_BASTION: [(&str, &str); 6] = [
    ("hostname", "bastion.test"),
    ("port", "2222"),
    ("user", "a#b"),
    ("identityfile", "/home/a \"b\" \\ %%h {{ x }} é #1/key"),
    ("stricthostkeychecking", "accept-new"),
    ("connecttimeout", "3"),
];

#[test]
fn a_bastion_is_entered_by_a_configuration_as_its_host_is() {
    let clusters = behind_a_bastion();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config").to_str().unwrap().to_owned();
    std::fs::write(&path, file(&ssh_config(&subject(&clusters)), "config")).unwrap();
    let host = ssh_says(&["-F".to_owned(), path.clone(), "q1".to_owned()]);
    assert_eq!(value(&host, "port"), "22");
    let bastion = ssh_says(&["-F".to_owned(), path, value(&host, "proxyjump").to_owned()]);
    for (key, wanted) in OF_THE_BASTION {
        assert_eq!(value(&bastion, key), wanted, "{key}");
    }
}

#[test]
fn a_bastion_is_entered_by_a_playbook_as_its_host_is() {
    let clusters = behind_a_bastion();
    let inventory = file(&ansible(&subject(&clusters)), "inventory.yaml");
    let inventory: serde_yaml::Value = serde_yaml::from_str(&inventory).unwrap();
    let words = inventory["all"]["hosts"]["q1"]["ansible_ssh_common_args"].as_str().unwrap();
    let mut words = shlex::split(words).unwrap();
    words.push("10.0.0.1".to_owned());
    let host = ssh_says(&words);
    let command = value(&host, "proxycommand").replace("'[%h]:%p'", "10.0.0.1:22").replace("%%", "%");
    let bastion = ssh_says(&shlex::split(&command).unwrap()[1..]);
    for (key, wanted) in OF_THE_BASTION {
        assert_eq!(value(&bastion, key), wanted, "{key}: {command}");
    }
}

#[test]
fn logins_begin_with_any_sign() {
    for login in ["=x", "\"x\"", "DOM\\a", "a b", "plain"] {
        let mut clusters = clusters();
        let connection = &mut clusters[0].hosts[0].connection;
        *connection = model::Connection {
            user: Some(login.to_owned()),
            identity: None,
            jump: Some(Jump { user: Some(login.to_owned()), host: "bast".to_owned(), port: None }),
            ..connection.clone()
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config").to_str().unwrap().to_owned();
        std::fs::write(&path, file(&ssh_config(&subject(&clusters)), "config")).unwrap();
        let host = ssh_says(&["-F".to_owned(), path.clone(), "q1".to_owned()]);
        assert_eq!(value(&host, "user"), login);
        // A login stands in the word itself, or in the configuration of the bastion that the word names.
        let jump = value(&host, "proxyjump").to_owned();
        let bastion = ssh_says(&["-F".to_owned(), path, jump]);
        assert_eq!((value(&bastion, "user"), value(&bastion, "hostname")), (login, "bast"));
    }
}

#[test]
fn connecting_is_given_no_less_time_than_here() {
    for (milliseconds, seconds) in [(1, "1"), (1_500, "2"), (3_000, "3"), (3_001, "4")] {
        let mut clusters = clusters();
        clusters[0].hosts[0].connection.connect_timeout = Duration::from_millis(milliseconds);
        let subject = subject(&clusters);
        let line = |key: &str| format!("{key}{seconds}\n");
        assert!(file(&ssh_config(&subject), "config").contains(&line("ConnectTimeout ")), "{milliseconds}");
        assert!(file(&ansible(&subject), "inventory.yaml").contains(&line("ansible_ssh_timeout: ")));
    }
}

#[test]
fn paths_that_ansible_would_change_are_left_out_of_a_playbook() {
    let link = |path: &str, target: &str| {
        Resource::Link(Link { path: path.to_owned(), target: target.to_owned(), notify: None })
    };
    let resources = vec![
        Resource::File(File::of_text("/opt/$HOME/file", "")),
        Resource::Directory(Directory::with_mode("/opt/${HOME}", 0o755)),
        link("/opt/link", "$HOME"),
        link("/opt/home", "~ana/x"),
        link("/opt/$", "5$, $(id)"),
    ];
    let clusters = [Cluster { name: "default".to_owned(), hosts: vec![queue_host("q1", resources)] }];
    let export = ansible(&subject(&clusters));
    let tasks = file(&export, "roles/queue/tasks/main.yml");
    assert!(!tasks.contains("HOME") && !tasks.contains("~ana") && tasks.contains("5$, $(id)"), "{tasks}");
    assert!(!paths(&export).iter().any(|path| path.contains("HOME")));
    insta::assert_snapshot!(remarks(&export));
    assert_eq!(cloud_init(&subject(&clusters)).remarks.len(), 1, "the addresses");
}

#[test]
fn cloud_init_checks_files_that_no_service_reads() {
    let checked = |path: &str| {
        let validator = Some(Validator::Shell("queue --check {file}".to_owned()));
        Resource::File(File { validator, ..File::of_text(path, "") })
    };
    let host = queue_host("q1", vec![checked("/opt/a"), checked("/opt/b")]);
    let clusters = [Cluster { name: "default".to_owned(), hosts: vec![host] }];
    let data = file(&cloud_init(&subject(&clusters)), "q1.yaml");
    let document: serde_yaml::Value = serde_yaml::from_str(&data).unwrap();
    let commands = document["runcmd"].as_sequence().unwrap().iter().map(|command| command.as_str().unwrap());
    let checks: Vec<_> = commands.filter_map(shlex::split).filter(|words| words[0] == "apart").collect();
    let check =
        |path| ["apart", "60", "sh", "-c", &format!("queue --check {path}"), "sh", path].map(str::to_owned);
    assert_eq!(checks, ["/opt/a", "/opt/b"].map(check));
}
