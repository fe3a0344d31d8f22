//! `exec`.

use insta::assert_snapshot;

use crate::class::Class;
use crate::hosts::{answering, refusing_root, unreachable};
use crate::{plan::TWO_HOSTS, trials};

trials![what_hosts_print_is_told_apart, a_password_that_sudo_wants, a_hostile_host_harms_no_terminal];

fn what_hosts_print_is_told_apart() {
    let up = answering(&["{nonce} begin 1000", "up {days} days", "{nonce} exit 0"]).with("days", "3");
    let class = Class::new(TWO_HOSTS).host("lb", up).host("web", unreachable("no-route"));
    assert_snapshot!(class.run("exec class.yaml -- uptime"));
}

fn a_password_that_sudo_wants() {
    let class = Class::new(TWO_HOSTS).host("*", refusing_root("sudo-password-needed"));
    assert_snapshot!(class.run("exec class.yaml --become -- uptime"));
}

fn a_hostile_host_harms_no_terminal() {
    let hostile = answering(&["{nonce} refused disk", "{nonce} end refused"]).hostile();
    let output = Class::new(TWO_HOSTS).host("*", hostile).run("exec class.yaml --become -- uptime").exits(2);
    for text in [output.printed(), output.says()] {
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
    }
}
