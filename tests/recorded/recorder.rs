//! Makes the recordings, on lab hosts: `tests/record`, as root.
//!
//! A lab is taken through the states of a class. In each, verbs run through this program itself, which writes down what
//! hosts answer; `generality` makes recordings of that. A recording is of one state, or of one run that leaves it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::RECORDING_FOLDER;
use crate::class::PAGE;
use crate::generality::{Member, generalise};

const LAB: &str = "recorded";
/// What only inventories of labs say.
const LABS_OWN: &str = "via: laptop";
/// What is done to a host so that it is no more as it was left.
const DRIFT: &str = "echo '# by hand' >>/etc/haproxy/haproxy.cfg; systemctl stop apache2; true";

/// One state, or one run that changes it.
struct Take {
    name: &'static str,
    verbs: &'static [&'static str],
}

const BARE: Take = Take {
    name: "bare",
    verbs: &["plan", "doctor", "verify --retry-timeout 0s", "exec -- hostname", "exec --become -- id -un"],
};
const APPLY: Take = Take { name: "apply", verbs: &["apply"] };
const CONVERGED: Take = Take {
    name: "converged",
    verbs: &["plan", "doctor", "verify", "exec -- hostname", "exec --become -- id -un", "reset --dry-run"],
};
const DRIFTED: Take = Take { name: "drifted", verbs: &["plan", "doctor", "verify --retry-timeout 0s"] };
const REPAIR: Take = Take { name: "repair", verbs: &["apply"] };
const FETCH: Take = Take { name: "fetch", verbs: &["packages fetch"] };
const RESET: Take = Take { name: "reset", verbs: &["reset --yes"] };

/// A lab that goes when this value goes.
struct Lab {
    home: tempfile::TempDir,
    members: Vec<Member>,
}

/// Makes all recordings anew.
pub fn make() {
    let lab = Lab::up();
    for take in [&BARE, &FETCH, &APPLY, &CONVERGED] {
        lab.record(take);
    }
    lab.run(&format!("exec --become -- {}", shlex::try_quote(DRIFT).unwrap()), None);
    // HAProxy asks every two seconds, and believes the third answer.
    std::thread::sleep(Duration::from_secs(8));
    for take in [&DRIFTED, &REPAIR, &RESET] {
        lab.record(take);
    }
}

impl Lab {
    fn up() -> Self {
        let home = tempfile::Builder::new().prefix("provision-record-").tempdir().unwrap();
        fs::create_dir(home.path().join("unused")).unwrap();
        let mut lab = Self { home, members: Vec::new() };
        lab.command("lab up --web 2 --inventory class.yaml", None, &["--name", LAB]);
        let inventory = lab.home.path().join("class.yaml");
        let text = fs::read_to_string(&inventory).unwrap();
        assert!(text.contains(LABS_OWN));
        // As inventories are that say nothing of packages: hosts try their mirror, which they do not reach.
        let text = text.replace(LABS_OWN, "via: auto") + "\nweb: {template: page.html.tera}\n";
        fs::write(&inventory, text).unwrap();
        fs::write(lab.home.path().join(PAGE.0), PAGE.1).unwrap();
        let listed = lab.command("lab list -o json", None, &[]);
        let document: Value = serde_json::from_str(&listed).unwrap();
        let labs = document["labs"].as_array().unwrap();
        let hosts = &labs.iter().find(|lab| lab["name"] == LAB).unwrap()["hosts"];
        let text = |host: &Value, key: &str| host[key].as_str().unwrap().to_owned();
        let member = |host: &Value| Member { name: text(host, "name"), address: text(host, "address") };
        lab.members = hosts.as_array().unwrap().iter().map(member).collect();
        lab
    }

    /// Runs the verbs of a take and keeps what the balancer and the first web host said.
    fn record(&self, take: &Take) {
        let raw = self.home.path().join(take.name);
        fs::create_dir(&raw).unwrap();
        for verb in take.verbs {
            self.run(verb, Some(&raw));
        }
        for (name, role) in [("lb", "lb"), ("web01", "web")] {
            let member = self.members.iter().find(|member| member.name == name).unwrap();
            let notes = fs::read_to_string(raw.join(&member.address)).unwrap();
            let path = crate::hosts::folder().join(role).join(take.name).with_extension("txt");
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, generalise(&notes, member, &self.members)).unwrap();
        }
    }

    /// Runs a verb on the lab's inventory.
    fn run(&self, verb: &str, raw: Option<&Path>) {
        let (flags, command) = verb.split_once(" -- ").unwrap_or((verb, ""));
        let command = shlex::split(command).unwrap();
        let command: Vec<&str> = std::iter::once("--").chain(command.iter().map(String::as_str)).collect();
        let end = if command.len() > 1 { command.as_slice() } else { &[] };
        self.command(&format!("{flags} class.yaml"), raw, end);
    }

    /// Runs the tool, as the recorder where there is a folder for it, and gives its standard output.
    fn command(&self, line: &str, raw: Option<&Path>, end: &[&str]) -> String {
        let home = self.home.path();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(shlex::split(line).unwrap())
            .args(end)
            .env(RECORDING_FOLDER, raw.map_or_else(|| home.join("unused"), Path::to_owned))
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .env("LANG", "C.UTF-8")
            .current_dir(home)
            .stderr(std::process::Stdio::inherit());
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.command("lab down", None, &["--name", LAB]);
    }
}
