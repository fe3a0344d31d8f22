//! `export`, which connects to nobody.

use insta::assert_snapshot;

use crate::class::Class;
use crate::{plan::TWO_HOSTS, trials};

trials![
    what_is_written_is_printed,
    what_is_there_is_written_over_only_by_force,
    what_an_earlier_export_left_is_removed,
];

fn what_is_written_is_printed() {
    let class = Class::new(TWO_HOSTS);
    assert_snapshot!(class.run("export ansible playbook class.yaml"));
    assert_snapshot!(class.run("export cloud-init user-data class.yaml -l web"));
    assert_snapshot!(class.run("export ssh-config ssh class.yaml --role balancer"));
    assert!(class.text("ssh/config").contains("\nHost lb\n"));
}

fn what_is_there_is_written_over_only_by_force() {
    let class = Class::new(TWO_HOSTS).file("taken", "");
    assert_snapshot!(class.run("export ssh-config . class.yaml"));
    class.run("export ssh-config . class.yaml --force").prints("./config\n");
    assert_snapshot!(class.run("export ssh-config taken class.yaml"));
    assert_snapshot!(class.run("export ssh-config taken class.yaml --force"));
}

fn what_an_earlier_export_left_is_removed() {
    let class = Class::new(TWO_HOSTS);
    let addresses = "files name the addresses of the inventory: the machine has to come up with its own\n";
    let first = class.run("export cloud-init . class.yaml --force").prints("./lb.yaml\n./web.yaml\n");
    assert_eq!(first.says(), format!("lb and web: {addresses}"));
    let second = class.run("export cloud-init . class.yaml --force -l web").prints("./web.yaml\n");
    let removed = "./lb.yaml is removed: an earlier export wrote it, and this one has no such file\n";
    assert_eq!(second.says(), format!("{removed}web: {addresses}"));
    assert_eq!(class.text("class.yaml"), TWO_HOSTS);
}
