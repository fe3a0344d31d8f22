//! The whole tool on recorded hosts: real processes with real output and exit codes, without root, in milliseconds.
//!
//! This program is two. Started by one of its tests, with a variable that only it reads, it is the tool, through the
//! same entry point as the installed program, on hosts that are recordings. Else it runs the tests:
//!
//! ```text
//! let class = Class::new(INVENTORY)          // the file class.yaml in a folder of the test, which is also its home
//!     .host("lb", recorded("lb/converged"))  // the recording tests/recorded/hosts/lb/converged.txt
//!     .host("web*", unreachable("refused")); // the first pattern that fits a host counts
//! assert_snapshot!(class.run("plan class.yaml"));          // standard output, standard error and exit code
//! class.run("plan class.yaml -q").exits(4).prints("…");    // what a test does not name must be empty, and the code 0
//! ```
//!
//! A test is a function that is named in the `trials!` of its file. `hosts` has the hosts that there are, `class` what
//! a class can do, and `src/transport/recorded/recording.rs` the form of a recording. `tests/record` makes them anew
//! on lab hosts, as root; it has to after each change of a remote program or of what is asked.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

mod class;
mod crowd;
mod exec;
mod exit_codes;
#[path = "../faults/expected.rs"]
mod expected;
mod export;
mod faults;
mod floods;
mod generality;
mod hostile;
mod hosts;
mod import;
mod installed;
mod output;
mod plan;
mod portuguese;
mod practice;
mod recorder;
mod refusals;
mod stale;
mod states;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// The variable that makes this program the tool; its value is the folder of the recordings.
const RECORDED_HOSTS: &str = "PROVISION_RECORDED_HOSTS";

/// The variable that makes it the tool on real hosts, which writes what they answer to this folder.
const RECORDING_FOLDER: &str = "PROVISION_RECORDING_FOLDER";

fn main() -> ExitCode {
    if let Some(folder) = std::env::var_os(RECORDED_HOSTS) {
        return provision::run_on_recordings(folder.as_ref());
    }
    if let Some(folder) = std::env::var_os(RECORDING_FOLDER) {
        return provision::run_recording(folder.as_ref());
    }
    if std::env::args().nth(1).as_deref() == Some("--make-recordings") {
        recorder::make();
        return ExitCode::SUCCESS;
    }
    let trials = [
        crowd::trials(),
        exec::trials(),
        exit_codes::trials(),
        export::trials(),
        faults::trials(),
        floods::trials(),
        hostile::trials(),
        import::trials(),
        installed::trials(),
        plan::trials(),
        portuguese::trials(),
        practice::trials(),
        refusals::trials(),
        stale::trials(),
        states::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit_code()
}

/// A test with its name, e.g. `plan::a_bare_class`, under the filters that all snapshots share.
fn trial(module: &str, name: &str, test: fn()) -> Trial {
    let module = module.rsplit("::").next().unwrap_or(module);
    Trial::test(format!("{module}::{name}"), move || {
        let mut settings = insta::Settings::clone_current();
        settings.set_omit_expression(true);
        settings.add_filter(r"\d+[.,]\d+ s\b", "[time]");
        settings.add_filter(r"\bafter \d+ s\b", "after [time]");
        settings.add_filter(r"\(\d+ s\)", "([time])");
        settings.add_filter(r"\d{4}-\d\d-\d\dT[\d:]+Z-\d+\.log", "[time].log");
        settings.add_filter(r"[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d", "[time]");
        settings.bind(test);
        Ok(())
    })
}

/// The tests of a file.
macro_rules! trials {
    ($($test:ident),+ $(,)?) => {
        pub fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$(crate::trial(module_path!(), stringify!($test), $test)),+]
        }
    };
}
use trials;
