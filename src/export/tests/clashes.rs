//! Names that inventories may give to several things: each has its own in an export.

use super::{file, paths, queue_command, queue_host, remarks, subject};
use crate::export::{ansible, cloud_init, ssh_config};
use crate::model::{Cluster, File, Resource};
use crate::roles::samples::host;

#[test]
fn commands_have_variables_of_their_own() {
    let commands = || vec![queue_command("way"), queue_command("packages")];
    let others = [vec![Resource::package("ed")], commands()].concat();
    let hosts = vec![queue_host("q1", commands()), queue_host("q2", others)];
    let clusters = [Cluster { name: "default".to_owned(), hosts }];
    let export = ansible(&subject(&clusters));
    let defaults = file(&export, "roles/queue/defaults/main.yml");
    assert!(defaults.contains("\nqueue_way: ") && defaults.contains("\nqueue_packages: "), "{defaults}");
    for way in ["roles/queue/tasks/way_1.yml", "roles/queue/tasks/way_2.yml"] {
        let tasks = file(&export, way);
        let asked: Vec<_> = tasks.lines().filter_map(|line| line.trim().strip_prefix("register: ")).collect();
        assert_eq!(asked, ["asked_queue_1", "asked_queue_2"], "{way}");
    }
}

#[test]
fn files_have_names_of_their_own() {
    let file = |path: &str| Resource::File(File::of_text(path, path));
    let files = ["/opt/a b", "/opt/a_b", "/opt/a_b/c"].map(file);
    let clusters = [Cluster { name: "default".to_owned(), hosts: vec![queue_host("q1", files.into())] }];
    let export = ansible(&subject(&clusters));
    let copies: Vec<_> = paths(&export)
        .into_iter()
        .filter_map(|path| path.strip_prefix("roles/queue/files/shared/"))
        .collect();
    assert_eq!(copies, ["opt_a_b", "opt_a_b_2", "opt_a_b_c"]);
}

#[test]
fn hosts_whose_names_others_have_are_told() {
    let cluster = |name: &str, host| Cluster { name: name.to_owned(), hosts: vec![host] };
    let clusters = [
        cluster("a-b", host("a-b", "c", "10.0.0.1", &["web"])),
        cluster("a", host("a", "b-c", "10.0.0.2", &["web"])),
        cluster("default", host("default", "all", "10.0.0.3", &["web"])),
    ];
    for export in [ansible, cloud_init, ssh_config].map(|export| export(&subject(&clusters))) {
        let told = remarks(&export);
        let told: Vec<_> = told.lines().filter(|line| line.contains("it is exported as")).collect();
        assert_eq!(told, ["a/b-c: it is exported as `a-b-c_2`", "all: it is exported as `all_2`"]);
    }
}

#[test]
fn a_play_is_for_no_host_that_is_called_like_its_group() {
    let hosts = vec![
        host("default", "role_web", "10.0.0.1", &["balancer"]),
        host("default", "w1", "10.0.0.2", &["web"]),
    ];
    let clusters = [Cluster { name: "default".to_owned(), hosts }];
    let export = ansible(&subject(&clusters));
    let inventory: serde_yaml::Value = serde_yaml::from_str(&file(&export, "inventory.yaml")).unwrap();
    let hosts = inventory["all"]["hosts"].as_mapping().unwrap();
    let groups = inventory["all"]["children"].as_mapping().unwrap();
    assert!(hosts.contains_key("role_web_2") && groups.contains_key("role_web"), "{inventory:?}");
    assert!(hosts.keys().all(|host| !groups.contains_key(host)), "{inventory:?}");
    assert!(remarks(&export).contains("role_web: it is exported as `role_web_2`"));
}
