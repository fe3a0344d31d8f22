//! What is not for everybody: it is told, and its files are their owner's alone.

use std::sync::Arc;

use serde_json::json;

use super::{file, queue_command, queue_host, remarks, subject};
use crate::export::{Export, ansible, cloud_init};
use crate::model::{Attributes, Cluster, Command, File, Guard, Resource, Script};
use crate::roles::Practice;
use crate::roles::samples::host;

fn private_paths(export: &Export) -> Vec<&str> {
    export.files.iter().filter(|file| file.is_private).map(|file| file.path.as_str()).collect()
}

#[test]
fn files_that_not_everybody_reads_are_their_owners_alone() {
    let with_mode = |path: &str, mode| {
        let wanted = Attributes { mode: Some(mode), ..Attributes::default() };
        Resource::File(File { wanted, ..File::of_text(path, path) })
    };
    let hosts = vec![
        queue_host("q1", vec![with_mode("/opt/private", 0o640), with_mode("/opt/public", 0o644)]),
        queue_host("q2", vec![with_mode("/opt/public", 0o644)]),
    ];
    let clusters = [Cluster { name: "default".to_owned(), hosts }];
    let export = ansible(&subject(&clusters));
    assert_eq!(private_paths(&export), ["roles/queue/files/shared/opt_private"]);
    let tasks = file(&export, "roles/queue/tasks/way_1.yml");
    assert_eq!(tasks.matches("diff: false").count(), 1, "{tasks}");
    assert!(remarks(&export).contains("q1: /opt/private is not for everybody"));
    let export = cloud_init(&subject(&clusters));
    assert_eq!(private_paths(&export), ["q1.yaml"]);
    assert!(remarks(&export).contains("q1: /opt/private is not for everybody"));
}

#[test]
fn texts_of_practices_that_look_like_secrets_are_told_and_shown_nowhere() {
    let command = |name: &str, run: &str, unless: &str| {
        let Resource::Command(command) = queue_command(name) else { unreachable!() };
        let (run, guard) = (Script::Shell(run.to_owned()), Guard::Unless(unless.to_owned()));
        Resource::Command(Command { run, guard, ..command })
    };
    let resources =
        |resource: Resource| vec![Resource::File(File::of_text("/opt/plain", "port = 1\n")), resource];
    for (resource, told) in [
        (command("tables", "mysql -phunter2 -e x", "true"), Some("the command `tables` of queue")),
        (command("tables", "true", "redis-cli -a hunter2 ping"), Some("the command `tables` of queue")),
        (Resource::File(File::of_text("/opt/a", "port = 1\npassword = hunter2\n")), Some("/opt/a")),
        (command("tables", "queue --tables", "test -e /opt/tables"), None),
    ] {
        let clusters =
            [Cluster { name: "default".to_owned(), hosts: vec![queue_host("q1", resources(resource))] }];
        let subject = subject(&clusters);
        let (playbook, data) = (ansible(&subject), cloud_init(&subject));
        let tasks = file(&playbook, "roles/queue/tasks/main.yml");
        let runs = if told.is_some() { tasks.matches("environment:").count() } else { 0 };
        assert_eq!(tasks.matches("no_log: true").count(), runs, "{tasks}");
        assert_eq!(tasks.contains("diff: false"), told.is_some(), "{tasks}");
        for export in [playbook, data] {
            let count = if told.is_some() { export.files.len() } else { 0 };
            assert_eq!(private_paths(&export).len(), count, "{told:?}");
            let remarks = remarks(&export);
            let said = told.map(|told| format!("q1: {told} looks as if a secret stood in it"));
            assert!(said.is_none_or(|said| remarks.contains(&said)), "{told:?}: {remarks}");
            assert_eq!(remarks.contains("secret"), told.is_some(), "{remarks}");
        }
    }
}

#[test]
fn values_that_look_like_secrets_are_told_and_shown_nowhere() {
    let practice = Practice {
        name: "queue".to_owned(),
        resources: vec![Resource::File(File::of_text("/opt/a", "")), queue_command("users")],
        values: json!({"port": 5672, "users": [{"name": "ana", "password": "x"}], "token": "", "peer": "amqp://a:b@c"})
            .as_object()
            .unwrap()
            .clone(),
        ..Practice::default()
    };
    let mut first = host("default", "q1", "10.0.0.1", &[]);
    first.roles.push(Arc::new(practice));
    first.vars.insert("queue".to_owned(), json!({"password": "as above"}));
    first.vars.insert("admin_key".to_owned(), json!(5));
    let hosts = vec![first, host("default", "web01", "10.0.0.2", &["web"])];
    let clusters = [Cluster { name: "default".to_owned(), hosts }];
    let export = ansible(&subject(&clusters));
    assert_eq!(private_paths(&export).len(), export.files.len());
    let tasks = file(&export, "roles/queue/tasks/main.yml");
    assert_eq!(tasks.matches("no_log: true").count(), tasks.matches("environment:").count(), "{tasks}");
    assert!(
        tasks.contains("diff: false") && !file(&export, "roles/web/tasks/main.yml").contains("diff: false")
    );
    insta::assert_snapshot!(remarks(&export));
    assert_eq!(private_paths(&cloud_init(&subject(&clusters))), ["q1.yaml"]);
}
