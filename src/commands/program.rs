//! How this program was called, so that a command it suggests can be copied as it stands.

use std::ffi::OsStr;
use std::path::Path;

/// `provision` where that name finds a program, else the path by which this one was started: `cargo run` installs
/// nothing.
pub fn name() -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    named(&called, which::which("provision").is_ok())
}

fn named(called: &OsStr, is_installed: bool) -> String {
    let path = Path::new(called);
    let text = path.display().to_string();
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-./+".contains(character);
    if is_installed || path.components().count() < 2 || !text.chars().all(plain) {
        "provision".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_installed_is_named_by_its_path() {
        let name = |called: &str, installed| named(OsStr::new(called), installed);
        assert_eq!(name("target/release/provision", false), "target/release/provision");
        assert_eq!(name("target/release/provision", true), "provision");
        assert_eq!(name("provision", false), "provision");
        assert_eq!(name("/tmp/a b/provision", false), "provision");
        assert_eq!(name("", false), "provision");
    }
}
