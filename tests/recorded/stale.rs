//! A recording answers nothing but what it was asked.

use crate::class::Class;
use crate::hosts::{recorded, written};
use crate::plan::{CLASS, TWO_HOSTS};
use crate::trials;

trials![
    another_question_ends_the_run,
    another_way_to_root_ends_the_run,
    a_recording_of_another_program_ends_the_run,
    a_host_without_a_recording_ends_the_run
];

fn a_recording_of_another_program_ends_the_run() {
    let stale = written("exec 0123456789abcdef sudo -\n> /etc/a\n< {nonce} begin 0\n* exit 0");
    let words = Class::new(TWO_HOSTS).host("*", stale).run_in_vain("plan class.yaml");
    for part in ["a host written by hand is stale", "sudo -", "/var/lib/provision", "tests/record"] {
        assert!(words.contains(part), "{part} is missing:\n{words}");
    }
}

fn a_host_without_a_recording_ends_the_run() {
    let words = Class::new(TWO_HOSTS).run_in_vain("plan class.yaml");
    assert!(words.contains("there is no host 192.0.2.10"), "{words}");
}

fn another_question_ends_the_run() {
    let class = Class::new(&CLASS.replace("roles: [web, socket]", "roles: [web]"))
        .host("lb", recorded("lb/bare"))
        .host("*", recorded("web/bare"));
    let words = class.run_in_vain("plan class.yaml");
    assert!(
        words.contains("tests/recorded/hosts/web/bare.txt has no answer to what is asked now"),
        "{words}"
    );
}

fn another_way_to_root_ends_the_run() {
    let class = Class::new(&format!("{CLASS}\nbecome: {{method: none}}\n")).host("*", recorded("lb/bare"));
    let words = class.run_in_vain("plan class.yaml");
    assert!(words.contains("tests/recorded/hosts/lb/bare.txt is stale"), "{words}");
}
