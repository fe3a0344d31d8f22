//! A lab of one test: made by the tool itself, looked at from outside the tool, gone at the end of the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// Two cores are soon busy: one lab at a time keeps the times of the tests honest.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub struct Practice {
    name: String,
    folder: tempfile::TempDir,
    hosts: BTreeMap<String, PracticeHost>,
    _turn: MutexGuard<'static, ()>,
}

pub struct PracticeHost {
    pub address: String,
    pub pid: u32,
}

pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

pub struct Answer {
    pub status: u16,
    pub server: Option<String>,
    pub body: String,
}

impl Practice {
    /// Makes a lab with the flags of `provision lab up`.
    pub fn up(name: &str, flags: &[&str]) -> Self {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("{name}-{}", std::process::id());
        let mut practice = Self {
            folder: tempfile::Builder::new().prefix("provision-e2e-").tempdir().unwrap(),
            hosts: BTreeMap::new(),
            name,
            _turn: turn,
        };
        let inventory = practice.inventory();
        let mut arguments =
            vec!["lab", "up", "--name", &practice.name, "--inventory", inventory.to_str().unwrap()];
        arguments.extend(flags);
        let ran = practice.run(&arguments);
        assert_eq!(ran.code, 0, "lab up failed:\n{}", ran.stderr);
        practice.hosts = practice.listed();
        practice
    }

    fn listed(&self) -> BTreeMap<String, PracticeHost> {
        let ran = self.run(&["lab", "list", "-o", "json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        let lab = document["labs"]
            .as_array()
            .unwrap()
            .iter()
            .find(|lab| lab["name"] == self.name.as_str())
            .unwrap_or_else(|| panic!("the lab is not listed: {document}"));
        lab["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|host| {
                let text = |key: &str| host[key].as_str().unwrap().to_owned();
                let pid = u32::try_from(host["pid"].as_u64().unwrap()).unwrap();
                (text("host"), PracticeHost { address: text("address"), pid })
            })
            .collect()
    }

    pub fn inventory(&self) -> PathBuf {
        self.folder.path().join("inventory.yaml")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn host(&self, name: &str) -> &PracticeHost {
        self.hosts.get(name).unwrap_or_else(|| panic!("no host {name}"))
    }

    pub fn host_names(&self) -> Vec<&str> {
        self.hosts.keys().map(String::as_str).collect()
    }

    /// The tool, as a user of this lab alone would run it: own home, own known hosts, own logs.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
        command
            .args(arguments)
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("NO_COLOR", "1")
            .env("LANG", "C.UTF-8")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PROVISION_")) {
            if name != "PROVISION_LAB_DIR" {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs the tool and waits for its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        Ran {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Runs a verb on this lab's inventory and expects an exit code.
    pub fn expect(&self, code: i32, verb: &[&str]) -> Ran {
        let inventory = self.inventory();
        let mut arguments = vec![verb[0], inventory.to_str().unwrap()];
        arguments.extend(&verb[1..]);
        let ran = self.run(&arguments);
        assert_eq!(ran.code, code, "{verb:?}\n--- stdout\n{}\n--- stderr\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// The same with `-o json`.
    pub fn json(&self, code: i32, verb: &[&str]) -> Value {
        let mut with_output = verb.to_vec();
        with_output.extend(["-o", "json"]);
        let ran = self.expect(code, &with_output);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
    }

    /// Changes the text of the inventory.
    pub fn edit_inventory(&self, edit: impl FnOnce(&str) -> String) {
        let text = std::fs::read_to_string(self.inventory()).unwrap();
        let edited = edit(&text);
        assert_ne!(text, edited, "the edit changed nothing");
        std::fs::write(self.inventory(), edited).unwrap();
    }

    /// Runs a shell script on a host as root, not through the tool and not through SSH.
    pub fn inside(&self, host: &str, script: &str) -> String {
        let output = Command::new("nsenter")
            .args(["--target", &self.host(host).pid.to_string(), "--all", "--", "sh", "-c", script])
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "on {host}: {script}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// What an outside HTTP client sees.
    pub fn get(&self, host: &str, port: u16) -> Result<Answer, String> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(10)))
            .proxy(None)
            .max_idle_connections(0)
            .build()
            .into();
        let url = format!("http://{}:{port}/", self.host(host).address);
        let mut response = agent.get(&url).call().map_err(|error| error.to_string())?;
        Ok(Answer {
            status: response.status().as_u16(),
            server: response.headers().get("x-served-by").map(|value| value.to_str().unwrap().to_owned()),
            body: response.body_mut().read_to_string().map_err(|error| error.to_string())?,
        })
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        let ran = self.run(&["lab", "down", "--name", &self.name]);
        if !std::thread::panicking() {
            assert_eq!(ran.code, 0, "lab down failed:\n{}", ran.stderr);
        }
    }
}
