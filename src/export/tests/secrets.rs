//! What is not for everybody: it is told, and its files are their owner's alone.

use std::sync::Arc;

use serde_json::json;

use super::{file, queue_command, queue_host, remarks, subject};
use crate::export::{Export, ansible, cloud_init};
use crate::model::{Attributes, Cluster, File, Resource};
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
