//! What hosts that say things without end cost the laptop and whoever sits before it.

use crate::class::Class;
use crate::hosts::{Recording, flooding_apply, flooding_with};
use crate::output::Output;
use crate::trials;

trials![memory_stays_small, notes_are_few];

const HOSTS: &str = "
hosts:
  web[1:6]: {address: '192.0.2.[1:6]', roles: [web]}
";

/// In megabytes, of a whole run on six such hosts.
const MOST_MEMORY: u64 = 100;

fn run(host: Recording, line: &str) -> Output {
    Class::new(HOSTS).env("PROVISION_FORKS", "6").host("*", host).run(line)
}

fn memory_stays_small() {
    let long = "x".repeat(8 * 1024);
    for (host, line) in [
        (flooding_with(&format!("! {long}")), "plan class.yaml"),
        (flooding_with("< {nonce} journal 0123456789abcdef file absent - - /x"), "plan class.yaml"),
        (flooding_with(&format!("< {{nonce}} due {long}")), "doctor class.yaml"),
        (flooding_with(&format!("< {{nonce}} socket {long}")), "verify class.yaml --retry-timeout 0s"),
        (flooding_apply(&format!("! {long}")), "apply class.yaml"),
        (flooding_apply("< {nonce} progress 0 Unpacking"), "apply class.yaml"),
        (flooding_apply("< {nonce} done 0 1"), "apply class.yaml"),
    ] {
        let output = run(host, line);
        let (megabytes, code) = (output.peak() >> 20, output.code());
        let (printed, says) = (output.printed(), output.says());
        assert!(
            (1..MOST_MEMORY).contains(&megabytes) && code != 0 && code != 101,
            "{megabytes} MB\n{output}"
        );
        assert!(printed.len() + says.len() < 64 << 10, "{line}\n{}", &says[..1000]);
    }
}

fn notes_are_few() {
    let output = run(flooding_apply("< {nonce} note FAKE"), "apply class.yaml --limit web1").exits(2);
    let says = output.says();
    assert_eq!(says.matches("FAKE").count(), 20, "{says}");
    assert_eq!(says.matches("it has more to tell than is shown").count(), 1, "{says}");
    assert!(output.printed().contains("the host sent more than 20000 answers"), "{output}");
}
