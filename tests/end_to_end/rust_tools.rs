//! Hosts whose sudo and coreutils are the ones written in Rust, as Ubuntu has them since 25.10.
//!
//! Here they are those of Debian 13. `tests/full sudo-rs` builds every sudo-rs from 0.2.2 on and takes them all.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::document::{assert_verified, changes};
use crate::fingerprint::{differences, take};
use crate::practice::Practice;
use crate::running::Ran;
use crate::whole;

/// Where the programs under test are kept on a host. Links and copies in /usr/local/bin go before Debian's own.
const KEPT: &str = "/usr/local/lib/rust";
/// Who may do what by sudo; `90-lab` is the lab's own file.
const SUDOERS: &str = "/etc/sudoers.d/90-lab";
/// So many failures lock the account.
const FAILLOCK: &str = r"cat >/etc/pam.d/sudo <<END
auth required pam_faillock.so preauth deny=DENY unlock_time=600
auth [success=1 default=ignore] pam_unix.so
auth [default=die] pam_faillock.so authfail deny=DENY unlock_time=600
auth sufficient pam_faillock.so authsucc deny=DENY unlock_time=600
account required pam_faillock.so
@include common-account
@include common-session-noninteractive
END
faillock --user aluno --reset";

#[test]
#[ignore = "needs root and lab hosts"]
fn sudo_and_coreutils_in_rust_are_as_good_as_gnus() {
    let practice = Practice::up("rust", &["--web", "1", "--release", "trixie", "--sudo-password"]);
    let plain = fs::read_to_string(practice.inventory()).unwrap();
    practice.edit_inventory(|text| {
        text.replace("via: laptop", "via: laptop\n  extra: [sudo-rs, rust-coreutils]")
    });
    practice.expect(0, &["apply", "--no-verify"]);
    for host in practice.host_names() {
        practice.inside(
            host,
            &format!(
                "mkdir {KEPT} && cp /usr/lib/cargo/bin/sudo {KEPT}/sudo-rs && cp /usr/bin/coreutils {KEPT} && \
                 ls /usr/lib/cargo/bin/coreutils >{KEPT}/applets"
            ),
        );
    }
    practice.expect(0, &["reset", "--yes"]);
    fs::write(practice.inventory(), &plain).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| coreutils_in_rust_do_what_gnus_do(&practice, "web01"));
        sudo_in_rust_gains_root(&practice, "lb");
    });
}

fn coreutils_in_rust_do_what_gnus_do(practice: &Practice, name: &str) {
    let links =
        format!("while read -r name; do ln -s {KEPT}/coreutils /usr/local/bin/$name; done <{KEPT}/applets");
    practice.inside(name, &links);
    assert!(!practice.inside(name, "sha256sum --version").contains("GNU"));
    let bare = take(practice, name);
    let of_host = ["--limit", name];
    let verb = |words: &[&'static str]| [words, &of_host].concat();
    practice.expect(0, &verb(&["doctor"]));
    let planned = practice.json(0, &verb(&["plan"]));
    let applied = practice.json(0, &verb(&["apply"]));
    assert_eq!(changes(&planned), changes(&applied));
    assert_verified(&applied);
    practice.inside(
        name,
        "echo drifted >>/var/www/html/index.html && chmod 600 /opt/socket/01-simples/constCS.py",
    );
    assert_eq!(changes(&practice.json(0, &verb(&["apply", "--no-verify"]))).len(), 2);
    assert_eq!(changes(&practice.json(0, &verb(&["apply", "--no-verify"]))), BTreeSet::new());
    assert_verified(&practice.json(0, &verb(&["verify"])));
    practice.expect(0, &verb(&["doctor"]));
    practice.expect(0, &verb(&["reset", "--yes"]));
    let left = differences(&bare, || take(practice, name));
    assert_eq!(left, Vec::<String>::new());
}

/// The programs under test, by name: Debian's, or those that `tests/full sudo-rs` has built.
fn sudos(practice: &Practice, name: &str) -> Vec<String> {
    let Some(folder) = std::env::var_os("SUDO_RS").map(PathBuf::from) else {
        return vec!["sudo-rs".to_owned()];
    };
    let versions = fs::read_dir(folder).unwrap().map(|entry| {
        let built = entry.unwrap();
        let version = built.file_name().into_string().unwrap();
        let kept = format!("{}{KEPT}/{version}", practice.root(name).display());
        fs::copy(built.path().join("bin/sudo"), kept).unwrap();
        version
    });
    let mut versions: Vec<_> = versions.collect();
    versions.sort();
    versions
}

/// One host whose sudo is tried, with inventories that differ in the password alone.
struct Trial<'a> {
    practice: &'a Practice,
    name: &'a str,
}

fn sudo_in_rust_gains_root(practice: &Practice, name: &str) {
    let right = fs::read_to_string(practice.inventory()).unwrap();
    let given = format!("  password: file:{}\n", practice.sudo_password_file());
    for (file, password) in [("none.yaml", ""), ("wrong.yaml", "  password: env:WRONG\n")] {
        let other = right.replace(&given, password);
        assert_ne!(other, right);
        fs::write(practice.inventory().with_file_name(file), other).unwrap();
    }
    let trial = Trial { practice, name };
    for sudo in sudos(practice, name) {
        let _ = writeln!(std::io::stderr(), "sudo is {sudo}");
        practice.inside(name, &format!("install -m 4755 {KEPT}/{sudo} /usr/local/bin/sudo"));
        assert!(practice.inside(name, "sudo --version 2>&1").starts_with("sudo-rs "));
        trial.wants_a_password(true);
        trial.converges_with_a_password();
        trial.asks_at_a_terminal();
        trial.counts_one_attempt();
        trial.wants_a_password(false);
        trial.is_undone_without_a_password();
    }
}

impl Trial<'_> {
    fn wants_a_password(&self, wants: bool) {
        let tag = if wants { "" } else { "NOPASSWD: " };
        self.practice.inside(self.name, &format!("echo 'aluno ALL=(ALL:ALL) {tag}ALL' >{SUDOERS}"));
    }

    /// Runs a verb on the host with one of the inventories.
    fn run(&self, code: i32, file: &str, verb: &[&str]) -> Ran {
        let words = [&[verb[0], file, "--limit", self.name], &verb[1..]].concat();
        let mut command = self.practice.command(&words);
        command.env("WRONG", "not the password");
        self.practice.run_to(code, command)
    }

    fn changes(&self, file: &str, verb: &[&str]) -> usize {
        let ran = self.run(0, file, &[verb, &["-o", "json"]].concat());
        changes(&serde_json::from_str(&ran.stdout).unwrap()).len()
    }

    fn converges_with_a_password(&self) {
        self.run(0, "inventory.yaml", &["doctor"]);
        let planned = self.changes("inventory.yaml", &["plan"]);
        assert!(planned > 0);
        assert_eq!(self.changes("inventory.yaml", &["apply", "--no-verify"]), planned);
        assert_eq!(self.changes("inventory.yaml", &["apply", "--no-verify"]), 0);
        self.run(2, "none.yaml", &["plan"]);
    }

    fn asks_at_a_terminal(&self) {
        let line = ["exec", "-K", "--become", "--limit", self.name, "--", "id", "-u"];
        let mut exec = self.practice.start_on_terminal(&line);
        exec.type_in(&fs::read_to_string(self.practice.sudo_password_file()).unwrap());
        let ran = exec.end();
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("{}  0", self.name)), "{}", ran.stderr);
    }

    /// However few failures lock the account, also where sudo would ask three times.
    fn counts_one_attempt(&self) {
        for deny in ["1", "2", "3"] {
            let verbs: &[&str] =
                if whole() || deny == "1" { &["plan", "apply", "doctor", "reset"] } else { &["apply"] };
            for verb in verbs.iter().copied() {
                self.practice.inside(self.name, &FAILLOCK.replace("DENY", deny));
                self.run(0, "inventory.yaml", &["plan"]);
                let flags: &[&str] = if verb == "reset" { &["--yes"] } else { &[] };
                let refused = self.run(2, "wrong.yaml", &[&[verb], flags].concat());
                let told = refused.stdout + &refused.stderr;
                assert!(told.contains("sudo refused the password"), "{told}");
                let counted = self.practice.inside(self.name, "faillock --user aluno | grep -c ' V$'");
                assert_eq!(counted, "1\n", "{verb} where {deny} lock the account");
            }
            let code = if deny == "1" { 2 } else { 0 };
            self.run(code, "inventory.yaml", &["plan"]);
        }
        self.practice.inside(self.name, "faillock --user aluno --reset");
    }

    /// Where one is given all the same, it is left alone.
    fn is_undone_without_a_password(&self) {
        self.run(0, "none.yaml", &["doctor"]);
        for file in ["none.yaml", "inventory.yaml", "wrong.yaml"] {
            assert_eq!(self.changes(file, &["plan"]), 0);
            assert_eq!(self.changes(file, &["apply", "--no-verify"]), 0);
        }
        self.run(0, "none.yaml", &["reset", "--yes"]);
    }
}
