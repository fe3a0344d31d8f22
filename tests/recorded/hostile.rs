//! Whatever a host says, no verb lets it reach the terminal or a document as it came.

use crate::class::Class;
use crate::hosts::{answering, recorded};
use crate::output::Output;
use crate::plan::CLASS;
use crate::trials;

trials![no_verb_hands_on_what_could_harm, a_host_that_refuses_a_drill];

/// A state of the hosts, and a verb on it.
const RUNS: [(&str, &str); 12] = [
    ("bare", "plan class.yaml -v"),
    ("bare", "doctor class.yaml -v"),
    ("bare", "verify class.yaml -v --retry-timeout 0s"),
    ("bare", "exec class.yaml -v -- hostname"),
    ("converged", "verify class.yaml -v --retry-timeout 0s"),
    ("drifted", "plan class.yaml -v"),
    ("drifted", "doctor class.yaml -v"),
    ("drifted", "verify class.yaml -v --retry-timeout 0s"),
    ("apply", "apply class.yaml -v"),
    ("repair", "apply class.yaml -vv"),
    ("reset", "reset class.yaml -v --yes"),
    ("fetch", "packages fetch class.yaml -v"),
];

fn no_verb_hands_on_what_could_harm() {
    for (state, line) in RUNS {
        let class = Class::new(CLASS)
            .host("lb", recorded(&format!("lb/{state}")).hostile())
            .host("*", recorded(&format!("web/{state}")).hostile());
        let output = harmless(&class, line);
        assert!(state != "converged" || output.printed().contains("evil"), "it is not shown:\n{output}");
    }
}

fn a_host_that_refuses_a_drill() {
    let refusing = answering(&["{nonce} begin 0", "{nonce} refused busy", "{nonce} end refused"]).hostile();
    harmless(&Class::new(CLASS).host("*", refusing), "drill class.yaml");
}

/// What a run says as text; as JSON it does no more harm.
fn harmless(class: &Class, line: &str) -> Output {
    let [text, _] = ["text", "json"].map(|form| {
        let output = class.run(&line.replace("class.yaml", &format!("class.yaml -o {form}")));
        let harms = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        let (printed, says) = (output.printed(), output.says());
        assert!(!printed.contains(harms) && !says.contains(harms), "{line}: {printed:?}\n{says:?}");
        assert_ne!(output.code(), 101, "{output}");
        output
    });
    text
}
