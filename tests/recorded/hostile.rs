//! Whatever a host says, no verb lets it reach the terminal or a document as it came.

use crate::class::Class;
use crate::hosts::recorded;
use crate::plan::CLASS;
use crate::trials;

trials![no_verb_hands_on_what_could_harm];

/// A state of the hosts, and a verb on it.
const RUNS: [(&str, &str); 11] = [
    ("bare", "plan class.yaml -v"),
    ("bare", "doctor class.yaml -v"),
    ("bare", "verify class.yaml -v --retry-timeout 0s"),
    ("bare", "exec class.yaml -v -- hostname"),
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
        for form in ["class.yaml -o text", "class.yaml -o json"] {
            let output = class.run(&line.replace("class.yaml", form));
            let (printed, says) = (output.printed(), output.says());
            let harms = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!printed.contains(harms) && !says.contains(harms), "{state}: {printed:?}\n{says:?}");
            assert_ne!(output.code(), 101, "{output}");
        }
    }
}
