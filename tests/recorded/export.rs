//! `export`, which connects to nobody.

use insta::assert_snapshot;

use crate::class::Class;
use crate::{plan::TWO_HOSTS, trials};

trials![what_is_written_is_printed, what_is_there_is_written_over_only_by_force];

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
