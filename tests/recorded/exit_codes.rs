//! What a run tells by its exit code, and which of several counts.

use insta::assert_snapshot;

use crate::class::Class;
use crate::hosts::{Recording, answering, bare, busy, patient, refusing_root, unreachable};
use crate::trials;

trials![
    each_code_of_each_verb,
    a_failed_host_counts_before_an_unreachable_one_and_that_before_a_failed_probe,
    an_interrupted_run_says_what_is_not_done,
    an_interrupted_run_counts_before_all_else,
];

const THREE_HOSTS: &str = "
name: Distributed Systems
hosts:
  lb:       {address: 192.0.2.10, roles: [balancer]}
  web[1:2]: {address: '192.0.2.1[1:2]', roles: [web]}
";

fn failed() -> Recording {
    refusing_root("sudo-missing")
}

fn off() -> Recording {
    unreachable("timed-out")
}

/// Runs a line on a class and gives its code.
fn code(class: &Class, line: &str) -> i32 {
    let output = class.run(line);
    let _ = (output.printed(), output.says());
    output.code()
}

fn each_code_of_each_verb() {
    let well = || answering(&["{nonce} begin 0", "{nonce} exit 0"]);
    let all = |host: Recording| Class::new(THREE_HOSTS).host("*", host);
    let sick = || answering(&["{nonce} begin 0", "{nonce} exit 7"]);
    for (expected, class, line) in [
        (0, all(well()), "exec class.yaml -- true"),
        (2, all(sick()), "exec class.yaml -- false"),
        (2, all(failed()), "exec class.yaml --become -- true"),
        (4, all(off()), "exec class.yaml -- true"),
        (0, all(bare()), "plan class.yaml"),
        (2, all(bare()), "plan class.yaml --detailed-exitcode"),
        (2, all(failed()), "plan class.yaml"),
        (4, all(off()), "plan class.yaml"),
        (2, all(failed()), "apply class.yaml --no-verify"),
        (4, all(off()), "apply class.yaml --no-verify"),
        (3, all(bare()), "verify class.yaml --retry-timeout 0s"),
        (4, all(off()), "verify class.yaml --retry-timeout 0s"),
        (2, all(failed()), "reset class.yaml"),
        (4, all(off()), "reset class.yaml"),
        (2, all(failed()), "packages fetch class.yaml"),
        (4, all(off()), "packages fetch class.yaml"),
        (2, all(failed()), "doctor class.yaml"),
        (4, all(off()), "doctor class.yaml"),
        (4, all(off()), "drill class.yaml"),
    ] {
        assert_eq!(code(&class, line), expected, "{line}");
    }
}

fn a_failed_host_counts_before_an_unreachable_one_and_that_before_a_failed_probe() {
    let class =
        |web2: Recording| Class::new(THREE_HOSTS).host("lb", bare()).host("web1", off()).host("web2", web2);
    for verb in ["plan", "apply --no-verify", "reset", "packages fetch", "exec --become"] {
        let (verb, end) = match verb.split_once(' ') {
            Some(("exec", _)) => ("exec class.yaml --become", " -- true"),
            Some(("packages", _)) => ("packages fetch class.yaml", ""),
            Some(("apply", _)) => ("apply class.yaml --no-verify", ""),
            _ => (verb, " class.yaml"),
        };
        assert_eq!(code(&class(failed()), &format!("{verb}{end}")), 2, "{verb}");
    }
    assert_eq!(code(&class(bare()), "verify class.yaml --retry-timeout 0s"), 4);
    assert_eq!(code(&class(bare()), "apply class.yaml --retry-timeout 0s"), 4);
    assert_eq!(code(&class(bare()), "plan class.yaml --detailed-exitcode"), 4);
}

fn an_interrupted_run_says_what_is_not_done() {
    let class = Class::new(THREE_HOSTS).host("lb", off()).host("*", busy());
    assert_snapshot!(class.interrupt("apply class.yaml", "waiting for unattended-upgr"));
}

fn an_interrupted_run_counts_before_all_else() {
    let class = Class::new(THREE_HOSTS).host("lb", off()).host("web1", failed()).host("web2", patient());
    for line in ["plan class.yaml", "apply class.yaml", "reset class.yaml", "packages fetch class.yaml"] {
        let output = class.interrupt(line, "web1: ✗");
        let _ = (output.printed(), output.says());
        assert_eq!(output.code(), 130, "{line}");
    }
}
