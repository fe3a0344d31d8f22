//! The installed program has no recorded hosts: no flag, variable or key of an inventory reaches them.

use std::path::Path;
use std::process::Command;

use crate::class::Class;
use crate::hosts::answering;
use crate::trials;

trials![it_holds_no_word_of_them, it_does_not_heed_the_variable];

/// Begins every word that the player says to whoever wrote a test.
const MARK: &str = "recorded hosts: ";

fn it_holds_no_word_of_them() {
    let holds = |path: &Path| {
        let found =
            Command::new("grep").args(["-q", "-F", "-e", MARK, "--"]).arg(path).status().unwrap().code();
        assert!(matches!(found, Some(0 | 1)), "{found:?}");
        found == Some(0)
    };
    assert!(holds(&std::env::current_exe().unwrap()), "the mark is another now");
    assert!(!holds(Path::new(env!("CARGO_BIN_EXE_provision"))));
}

fn it_does_not_heed_the_variable() {
    let class = Class::new(
        "{name: Class, ssh: {port: 1}, hosts: {\
            lb: {address: 127.0.0.1, roles: [balancer]}, web: {address: 127.0.0.2, roles: [web]}}}",
    )
    .host("*", answering(&["{nonce} begin 1000", "recorded", "{nonce} exit 0"]));
    class.run("exec class.yaml -q -- true").prints("lb   recorded\nweb  recorded\n");
    let installed = class.run_installed("exec class.yaml -q -- true").exits(4);
    let printed = "lb   (the connection was refused)\nweb  (the connection was refused)\n";
    assert!(installed.says().contains("nothing listens on the SSH port"), "{installed}");
    installed.prints(printed);
}
