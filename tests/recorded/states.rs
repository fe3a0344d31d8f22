//! Each verb on hosts in the states that a class goes through, from recordings of lab hosts.

use insta::assert_snapshot;

use crate::class::Class;
use crate::hosts::bare;
use crate::plan::all;
use crate::trials;

trials![
    a_bare_class_is_examined,
    a_bare_class_is_probed,
    a_bare_class_fetches_its_packages,
    a_bare_class_is_applied,
    a_converged_class_has_nothing_to_do,
    a_converged_class_is_examined,
    a_converged_class_is_probed,
    a_converged_class_would_be_reset,
    a_drifted_class_is_probed,
    a_drifted_class_is_repaired,
    a_class_is_reset,
    pages_are_asked_for_past_a_proxy,
];

/// The result alone: probes run side by side, and are told on standard error in the order in which they end.
fn probed(state: &str, code: i32, flags: &str) -> String {
    let output = all(state).run(&format!("verify class.yaml {flags}")).exits(code);
    assert!(output.says().starts_with("Probing 3 hosts\n"), "{output}");
    output.printed()
}

fn a_bare_class_is_examined() {
    assert_snapshot!(all("bare").run("doctor class.yaml -v"));
}

fn a_bare_class_is_probed() {
    assert_snapshot!(probed("bare", 3, "--retry-timeout 0s"));
}

fn a_bare_class_fetches_its_packages() {
    assert_snapshot!(all("fetch").run("packages fetch class.yaml"));
}

fn a_bare_class_is_applied() {
    assert_snapshot!(all("apply").run("apply class.yaml"));
}

fn a_converged_class_has_nothing_to_do() {
    assert_snapshot!(all("converged").run("apply class.yaml"));
}

fn a_converged_class_is_examined() {
    assert_snapshot!(all("converged").run("doctor class.yaml"));
}

fn a_converged_class_is_probed() {
    assert_snapshot!(probed("converged", 0, ""));
}

fn a_converged_class_would_be_reset() {
    assert_snapshot!(all("converged").run("reset class.yaml --dry-run"));
}

fn a_drifted_class_is_probed() {
    assert_snapshot!(probed("drifted", 3, "--retry-timeout 0s"));
}

fn a_drifted_class_is_repaired() {
    assert_snapshot!(all("repair").run("apply class.yaml"));
}

fn a_class_is_reset() {
    assert_snapshot!(all("reset").run("reset class.yaml --yes"));
}

/// At an address where nobody listens, or somebody else.
fn pages_are_asked_for_past_a_proxy() {
    let class = || {
        Class::new("hosts: {web: {address: 127.0.0.9, roles: [web]}}\n")
            .host("*", bare())
            .env("http_proxy", "http://ana:geheim@proxy.example:3128")
    };
    let says = |class: Class, flags: &str| {
        let output = class.run(&format!("verify class.yaml --retry-timeout 0s {flags}")).exits(3);
        output.says() + &output.printed()
    };
    let told = says(class(), "--direct");
    assert!(told.contains("names http://proxy.example:3128, by which its browsers may go to web"), "{told}");
    assert!(!told.contains("geheim"), "{told}");
    for told in [says(class(), ""), says(class().env("no_proxy", "127.0.0.0/8"), "--direct")] {
        assert!(!told.contains("proxy.example"), "{told}");
    }
}
