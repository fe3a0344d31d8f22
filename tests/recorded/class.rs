//! A class of recorded hosts, and the tool run on it.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use globset::Glob;
use serde_json::Value;
use tempfile::TempDir;

use crate::RECORDED_HOSTS;
use crate::hosts::Recording;
use crate::output::{Output, Screen};

/// A page of the user's own: all of it follows from the host's name, as the built-in one does not.
pub const PAGE: (&str, &str) = ("page.html.tera", "<!DOCTYPE html>\n<title>{{ host }}</title>\n");

pub struct Class {
    folder: TempDir,
    hosts: Vec<(String, Recording)>,
    environment: Vec<(String, String)>,
    columns: Option<u16>,
}

impl Class {
    /// A class with this inventory, in the file `class.yaml`. Pages of recorded hosts are those of the template
    /// `page.html.tera`, which is there too: `web: {template: page.html.tera}`.
    pub fn new(inventory: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("provision-recorded-").tempdir().unwrap();
        let class = Self { folder, hosts: Vec::new(), environment: Vec::new(), columns: None };
        class.file("class.yaml", inventory).file(PAGE.0, PAGE.1)
    }

    /// The hosts whose names fit a pattern, e.g. `team*/lb`, are this recording, unless an earlier pattern fits.
    pub fn host(mut self, pattern: &str, recording: Recording) -> Self {
        self.hosts.push((pattern.to_owned(), recording));
        self
    }

    /// A file beside the inventory.
    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// The text of a file that a run left there.
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// What a run wrote into a JSON file beside the inventory; null where it wrote none.
    pub fn report(&self, name: &str) -> Value {
        let path = self.folder.path().join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A variable of the tool.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Standard error is a terminal so wide. It shows progress, so runs that are compared letter by letter are `-q`.
    pub fn columns(mut self, columns: u16) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Runs the tool on the recorded hosts, e.g. `plan class.yaml`, and waits for its end.
    pub fn run(&self, line: &str) -> Output {
        self.play(line, None)
    }

    /// The same with a Ctrl-C as soon as it says these words on standard error.
    pub fn interrupt(&self, line: &str, words: &str) -> Output {
        self.play(line, Some(words))
    }

    fn play(&self, line: &str, stop_at: Option<&str>) -> Output {
        let world = self.folder.path().join("hosts");
        if !world.exists() {
            self.write_hosts(&world);
        }
        let program = std::env::current_exe().unwrap();
        let output = self.start(&program, line, &[(RECORDED_HOSTS, &world)], stop_at);
        assert!(!output.is_of_no_recording(), "{output}");
        output
    }

    /// Runs the installed program, for which there are no recorded hosts.
    pub fn run_installed(&self, line: &str) -> Output {
        let world = self.folder.path().join("hosts");
        self.start(Path::new(env!("CARGO_BIN_EXE_provision")), line, &[(RECORDED_HOSTS, &world)], None)
    }

    /// The same with what a test about recordings wants to see: that they do not do.
    pub fn run_in_vain(&self, line: &str) -> String {
        let world = self.folder.path().join("hosts");
        self.write_hosts(&world);
        let output = self.start(&std::env::current_exe().unwrap(), line, &[(RECORDED_HOSTS, &world)], None);
        assert_eq!(output.code(), 97, "{output}");
        output.says()
    }

    /// A file for each host of the inventory that a pattern fits, named by its address.
    fn write_hosts(&self, world: &Path) {
        std::fs::create_dir_all(world).unwrap();
        let nowhere = [(RECORDED_HOSTS, world)];
        let listed = self.start(
            &std::env::current_exe().unwrap(),
            "inventory list class.yaml -o json",
            &nowhere,
            None,
        );
        let (code, document) = (listed.code(), listed.printed());
        // A test of faults in an inventory has no hosts.
        let document: Value = if code == 0 { serde_json::from_str(&document).unwrap() } else { Value::Null };
        let _ = listed.says();
        for host in document["hosts"].as_array().into_iter().flatten() {
            let id = host["host"].as_str().unwrap();
            let fits = |(pattern, _): &&(String, Recording)| {
                Glob::new(pattern).unwrap().compile_matcher().is_match(id)
            };
            if let Some((_, recording)) = self.hosts.iter().find(fits) {
                let (name, address) = (id.rsplit('/').next().unwrap(), host["address"].as_str().unwrap());
                std::fs::write(world.join(address), recording.text(name, address)).unwrap();
            }
        }
    }

    fn start(
        &self,
        program: &Path,
        line: &str,
        variables: &[(&str, &Path)],
        stop_at: Option<&str>,
    ) -> Output {
        let home = self.folder.path();
        let mut command = Command::new(program);
        command
            .arg0("provision")
            .args(shlex::split(line).unwrap())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("LANG", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env("TERM", "xterm")
            // One after the other, so that the lines of progress have an order.
            .env("PROVISION_FORKS", "1")
            .envs(variables.iter().copied())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let screen = self.columns.map(Screen::open);
        match &screen {
            Some(screen) => command.stderr(screen.stream()),
            None => command.stderr(Stdio::piped()),
        };
        let child = command.spawn().unwrap();
        // The command keeps its copy of the screen open.
        drop(command);
        Output::of(format!("provision {line}"), child, screen, home, stop_at)
    }
}
