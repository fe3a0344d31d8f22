//! What is refused before a host is contacted: usage and faults of an inventory. The exit code is 1.

use insta::assert_snapshot;

use crate::class::Class;
use crate::trials;

trials![
    faults_of_an_inventory_come_all_at_once,
    hosts_that_nobody_has,
    drills_that_cannot_be,
    reports_that_a_verb_does_not_write,
    words_that_are_no_command,
    an_empty_package_cache,
];

const CLASS: &str = "
name: Distributed Systems
clusters:
  ana:
    hosts:
      lb:         {address: 192.0.2.10, roles: [balancer]}
      web[01:02]: {address: '192.0.2.[11:12]', roles: [web]}
  bia:
    hosts:
      pc: {address: 192.0.2.20, roles: [socket]}
";

/// Runs lines of which none contacts a host, and joins what they left.
fn refused(lines: &[&str]) -> String {
    let class = Class::new(CLASS);
    let outputs = lines.iter().map(|line| {
        let output = class.run(line);
        assert_eq!(output.code(), 1, "{output}");
        output.to_string()
    });
    outputs.collect::<Vec<_>>().join("\n\n")
}

fn faults_of_an_inventory_come_all_at_once() {
    let class = Class::new(
        "
name: Distributed Systems
hosts:
  lb:    {address: 192.0.2.10, roles: [balancr]}
  web:   {adress: 192.0.2.11, roles: [web]}
  other: {address: 192.0.2.10, roles: [web], web: {port: 80000}}
",
    );
    assert_snapshot!(class.run("plan class.yaml"));
}

fn hosts_that_nobody_has() {
    assert_snapshot!(refused(&[
        "plan nowhere.yaml",
        "apply class.yaml --limit carla",
        "verify class.yaml --limit 'ana/web3'",
        "doctor class.yaml --role balancr",
    ]));
}

fn drills_that_cannot_be() {
    assert_snapshot!(refused(&[
        "drill class.yaml --limit bia",
        "drill class.yaml --host web03",
        "drill class.yaml --hold 2m",
        "drill class.yaml --mode maint --hold 59s",
    ]));
}

fn reports_that_a_verb_does_not_write() {
    assert_snapshot!(refused(&[
        "plan class.yaml --report plan.doc",
        "exec class.yaml --report exec.json -- true",
        "packages fetch class.yaml --report fetched.json",
        "doctor class.yaml --report findings.xml",
        "drill class.yaml --report drill.csv",
        "verify class.yaml --report nowhere/page.html",
    ]));
}

fn words_that_are_no_command() {
    assert_snapshot!(refused(&["aply class.yaml", "plan class.yaml --forks 0", "exec class.yaml", "reset"]));
}

fn an_empty_package_cache() {
    let class = Class::new(CLASS);
    assert_snapshot!(
        ["packages list", "packages list -o json", "packages clean"]
            .map(|line| class.run(line).to_string())
            .join("\n\n")
    );
}
