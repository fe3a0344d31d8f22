//! As many hosts as there may be.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use super::subject;
use crate::export::{ansible, cloud_init, ssh_config};
use crate::model::{Cluster, File, Resource};
use crate::roles::Practice;
use crate::roles::samples::host;

/// Two seconds are needed; what grows with the square of the hosts takes minutes.
const LINEAR: Duration = Duration::from_secs(10);

/// How long this thread has had a processor (`proc_pid_schedstat(5)`), whatever else the machine does.
fn worked() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

/// A cluster whose hosts are alike but for their packages and what a practice puts on each in another place.
fn cluster(number: usize) -> Cluster {
    let name = format!("c{number}");
    let hosts = (0..10).map(|index| {
        let mut host = host(&name, &format!("w{index}"), "10.0.0.1", &["web", "socket"]);
        host.packages.extra = vec![format!("package-{number}-{index}")];
        let path = format!("/opt/queue/{number}/{index}");
        let resources = vec![Resource::File(File::of_text(path, "port = 5672\n"))];
        host.roles.push(Arc::new(Practice { name: "queue".to_owned(), resources, ..Practice::default() }));
        host
    });
    Cluster { hosts: hosts.collect(), name }
}

#[test]
fn a_thousand_hosts_are_exported_in_time() {
    let clusters: Vec<_> = (0..100).map(cluster).collect();
    let subject = subject(&clusters);
    let begun = worked();
    for export in [ansible, cloud_init, ssh_config].map(|export| export(&subject)) {
        assert!(!export.files.is_empty());
    }
    let elapsed = worked().saturating_sub(begun);
    assert!(elapsed < LINEAR, "{elapsed:?}");
}
