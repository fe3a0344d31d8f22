//! A lab of one test: made by the tool itself, looked at from outside the tool, gone at the end of the test.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, Once};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::leftovers::leftovers;
use crate::running::{Ran, Running, await_that};

static SWEPT: Once = Once::new();
const PREFIX: &str = "e2e-";
/// The first lab of a machine builds base images.
const LAB_LIMIT: Duration = Duration::from_secs(900);
/// What a run of the tool may take on a busy machine.
const RUN_LIMIT: Duration = Duration::from_secs(400);
const INSIDE_LIMIT: Duration = Duration::from_secs(90);
const SSHD_SETTING: &str = "/etc/ssh/sshd_config.d/counted.conf";
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub struct Practice {
    name: String,
    home: tempfile::TempDir,
    cache: PathBuf,
    /// The lab in the words of `lab list`.
    lab: Value,
    hosts: BTreeMap<String, PracticeHost>,
    flags: Vec<String>,
}

struct PracticeHost {
    address: String,
    /// Its process 1, which is another one when it was started anew.
    pid: Mutex<u64>,
}

pub struct Answer {
    pub status: u16,
    pub server: Option<String>,
    pub body: String,
}

impl Practice {
    /// Makes a lab with the flags of `provision lab up`.
    pub fn up(name: &str, flags: &[&str]) -> Self {
        let mut practice = Self::without_lab(name);
        let ran = practice.start_lab(flags).end();
        assert_eq!(ran.code, 0, "lab up failed:\n{}", ran.stderr);
        let lock = std::fs::File::open(practice.lock()).unwrap();
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .expect("a host holds what its starter had open");
        let labs = practice.listed();
        let lab = labs.iter().find(|lab| lab["name"] == practice.name.as_str());
        practice.lab = lab.unwrap_or_else(|| panic!("the lab is not listed: {labs:?}")).clone();
        practice.hosts = practice.lab["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|host| {
                let text = |key: &str| host[key].as_str().unwrap().to_owned();
                let pid = Mutex::new(host["pid"].as_u64().unwrap());
                (text("name"), PracticeHost { address: text("address"), pid })
            })
            .collect();
        practice.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        practice
    }

    /// A place for a lab that is not made yet.
    pub fn without_lab(name: &str) -> Self {
        let home = tempfile::Builder::new().prefix("provision-e2e-").tempdir().unwrap();
        let practice = Self {
            name: format!("{PREFIX}{name}-{}", std::process::id()),
            home,
            cache: Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"),
            lab: Value::Null,
            hosts: BTreeMap::new(),
            flags: Vec::new(),
        };
        SWEPT.call_once(|| practice.sweep());
        practice
    }

    /// Takes down what a run of these tests left that was killed.
    fn sweep(&self) {
        for lab in self.listed() {
            let name = lab["name"].as_str().unwrap();
            let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.rsplit('-').next());
            if let Some(owner) = owner.and_then(|owner| owner.parse::<u32>().ok())
                && !Path::new("/proc").join(owner.to_string()).exists()
            {
                let ran = self.run(&["lab", "down", "--name", name]);
                assert_eq!(ran.code, 0, "{}", ran.stderr);
            }
        }
    }

    /// Begins to make the lab, with a lock open that its hosts must not inherit.
    pub fn start_lab(&self, flags: &[&str]) -> Running {
        let inventory = self.inventory();
        let mut command = Command::new("flock");
        command.arg("--no-fork").arg(self.lock()).arg(env!("CARGO_BIN_EXE_provision"));
        command.args(["lab", "up", "--name", &self.name, "--inventory", inventory.to_str().unwrap()]);
        command.args(flags);
        Running::start(self.at_home(command), "", LAB_LIMIT)
    }

    fn lock(&self) -> PathBuf {
        self.home.path().join("lock")
    }

    /// All labs of this machine, in the words of `lab list`.
    pub fn listed(&self) -> Vec<Value> {
        let ran = self.run(&["lab", "list", "-o", "json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        document["labs"].as_array().unwrap().clone()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn inventory(&self) -> PathBuf {
        self.home.path().join("inventory.yaml")
    }

    pub fn host_names(&self) -> Vec<&str> {
        self.hosts.keys().map(String::as_str).collect()
    }

    /// Where the hosts reach this machine.
    pub fn gateway(&self) -> &str {
        self.lab["gateway"].as_str().unwrap()
    }

    /// Where a host listens, also for the other hosts.
    pub fn address(&self, host: &str) -> &str {
        &self.host(host).address
    }

    /// The file with what sudo asks for on the hosts.
    pub fn sudo_password_file(&self) -> &str {
        self.lab["sudo_password"].as_str().unwrap()
    }

    /// Keeps this lab's packages apart from those that the tests share.
    pub fn use_empty_cache(&mut self) {
        self.use_cache(&self.home.path().join("cache"));
    }

    /// Uses a cache folder of the test.
    pub fn use_cache(&mut self, folder: &Path) {
        folder.clone_into(&mut self.cache);
    }

    /// The tool, as a user of this lab alone would run it: own home, own known hosts, own logs.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
        command.args(arguments);
        self.at_home(command)
    }

    pub fn at_home(&self, mut command: Command) -> Command {
        command
            .env("HOME", self.home.path())
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("XDG_CACHE_HOME", &self.cache)
            .env("NO_COLOR", "1")
            .env("LANG", "C.UTF-8")
            .current_dir(self.home.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PROVISION_")) {
            if name != "PROVISION_LAB_DIR" {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs the tool and waits for its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Running::start(self.command(arguments), "", RUN_LIMIT).end()
    }

    /// Begins a verb on this lab's inventory.
    pub fn start(&self, verb: &[&str]) -> Running {
        Running::start(self.verb(verb), "", RUN_LIMIT)
    }

    /// The same on a terminal of 24 rows and 80 columns. All that is written there counts as standard error.
    pub fn start_on_terminal(&self, verb: &[&str]) -> Running {
        let verb = self.verb(verb);
        let words = std::iter::once(verb.get_program()).chain(verb.get_args());
        let line = shlex::try_join(words.map(|word| word.to_str().unwrap())).unwrap();
        let line = format!("stty rows 24 columns 80; exec {line}");
        let mut script = Command::new("sh");
        script.args(["-c", "exec script -qec \"$1\" /dev/null >&2", "sh", &line]);
        Running::start_typing(self.at_home(script), RUN_LIMIT)
    }

    /// A verb on this lab's inventory.
    pub fn verb(&self, verb: &[&str]) -> Command {
        let inventory = self.inventory();
        let mut arguments = vec![verb[0], inventory.to_str().unwrap()];
        arguments.extend(&verb[1..]);
        self.command(&arguments)
    }

    /// Runs a verb on this lab's inventory and expects an exit code.
    pub fn expect(&self, code: i32, verb: &[&str]) -> Ran {
        let ran = self.start(verb).end();
        assert_eq!(ran.code, code, "{verb:?}\n--- stdout\n{}\n--- stderr\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// The same with `-o json`.
    pub fn json(&self, code: i32, verb: &[&str]) -> Value {
        let mut with_output = verb.to_vec();
        with_output.extend(["-o", "json"]);
        self.finish(code, self.verb(&with_output))
    }

    /// Runs a command that prints JSON.
    pub fn finish(&self, code: i32, command: Command) -> Value {
        let ran = self.run_to(code, command);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
    }

    /// Runs a command and expects an exit code.
    #[expect(clippy::unused_self, reason = "it reads as what the practice does")]
    pub fn run_to(&self, code: i32, command: Command) -> Ran {
        let ran = Running::start(command, "", RUN_LIMIT).end();
        assert_eq!(ran.code, code, "--- stdout\n{}\n--- stderr\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// The text of a report that was written by its name alone.
    pub fn report(&self, name: &str) -> String {
        std::fs::read_to_string(self.home.path().join(name)).unwrap()
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
        self.inside_with(host, script, "")
    }

    /// The same with text on standard input, which shows in nobody's arguments.
    pub fn inside_with(&self, host: &str, script: &str, input: &str) -> String {
        let ran = self.run_inside(host, script, input);
        assert_eq!(ran.code, 0, "on {host}: {script}\n{}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Runs a script that may fail; what it said then.
    pub fn try_inside(&self, host: &str, script: &str) -> Result<(), String> {
        let ran = self.run_inside(host, script, "");
        if ran.code == 0 { Ok(()) } else { Err(format!("{script}: {}{}", ran.stdout, ran.stderr)) }
    }

    fn run_inside(&self, host: &str, script: &str, input: &str) -> Ran {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.pid(host).to_string()])
            .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"])
            .args(["--", "sh", "-c", script])
            .env_clear()
            .env("PATH", PATH);
        Running::start(command, input, INSIDE_LIMIT).end()
    }

    fn pid(&self, host: &str) -> u64 {
        *self.host(host).pid.lock().unwrap()
    }

    /// The root folder of a host as this machine sees it.
    pub fn root(&self, host: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root", self.pid(host)))
    }

    /// Pulls the plug of a host and plugs it in again: all its processes die at once.
    pub fn pull_plug(&self, host: &str) {
        let before = self.pid(host);
        kill_process(Pid::from_raw(i32::try_from(before).unwrap()).unwrap(), Signal::KILL).unwrap();
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        await_that("the host is on again", LAB_LIMIT, || {
            // What supervises it may need a moment to see that it is gone.
            let ran = self.start_lab(&flags).end();
            assert_eq!(ran.code, 0, "lab up failed:\n{}", ran.stderr);
            let labs = self.listed();
            let lab = labs.iter().find(|lab| lab["name"] == self.name.as_str()).unwrap();
            let hosts = lab["hosts"].as_array().unwrap();
            let now =
                hosts.iter().find(|entry| entry["name"] == host).and_then(|entry| entry["pid"].as_u64());
            let pid = now.filter(|pid| *pid != before);
            pid.map(|pid| *self.host(host).pid.lock().unwrap() = pid).is_some()
        });
    }

    /// Lets a host's sshd log what [`Self::logins`] counts.
    pub fn count_logins(&self, host: &str) {
        self.inside(host, &format!("echo LogLevel VERBOSE >{SSHD_SETTING} && systemctl reload ssh"));
    }

    /// Puts its log back to normal.
    pub fn count_no_more(&self, host: &str) {
        self.inside(host, &format!("rm {SSHD_SETTING} && systemctl reload ssh"));
    }

    /// Logins and remote executions in the log of a host's sshd.
    pub fn logins(&self, host: &str) -> (usize, usize) {
        let journal = self.inside(host, "journalctl -q -u ssh -o cat");
        let count = |needle: &str| journal.lines().filter(|line| line.contains(needle)).count();
        (count("Accepted publickey"), count("Starting session"))
    }

    /// From now on, [`Self::touched`] tells what changes on a host.
    pub fn mark(&self, host: &str) {
        self.inside(host, "sleep 0.02; touch /run/mark; sleep 0.02");
    }

    /// Files and folders that were made, removed from or altered since the mark: by the time of change, which no
    /// program can set. Logs are left out.
    pub fn touched(&self, host: &str) -> BTreeSet<String> {
        let script = "find / -xdev \\( -path /var/log -o -path /run \\) -prune -o -newercc /run/mark -print";
        self.inside(host, script).lines().map(str::to_owned).collect()
    }

    /// What an outside HTTP client sees.
    pub fn get(&self, host: &str, port: u16) -> Result<Answer, String> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
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

    /// The page that a host serves.
    pub fn page(&self, host: &str) -> String {
        let answer = self.get(host, 80).unwrap();
        assert_eq!(answer.status, 200, "{host}: {}", answer.body);
        answer.body
    }

    fn host(&self, name: &str) -> &PracticeHost {
        self.hosts.get(name).unwrap_or_else(|| panic!("no host {name}"))
    }

    /// What is left of the lab and of the tool on this machine.
    pub fn leftovers(&self) -> Vec<String> {
        let mut folders = vec![self.home.path().to_owned()];
        folders.extend(self.lab["folder"].as_str().map(PathBuf::from));
        leftovers(&self.name, self.lab["interface"].as_str(), &folders)
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        let failed_already = std::thread::panicking();
        let down = self.command(&["lab", "down", "--name", &self.name]).output();
        let mut left = self.leftovers();
        match down {
            Ok(output) if output.status.success() => {}
            Ok(output) => left.push(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => left.push(error.to_string()),
        }
        if failed_already {
            // A second panic would hide the first.
            for left in left {
                let _ = writeln!(std::io::stderr(), "left by lab {}: {left}", self.name);
            }
        } else {
            assert!(left.is_empty(), "lab {} left {left:#?}", self.name);
        }
    }
}
