//! Runs an invocation here as sshd would: `SHELL -c COMMAND`, input on stdin, which stays open until it ends.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{fs, thread};

use super::super::invocation::{Invocation, Nonce};

pub(super) fn nonce() -> Nonce {
    Nonce::new([0x5a; 16])
}

/// A login on this machine.
pub(super) struct Login<'a> {
    pub(super) shell: &'a [&'a str],
    /// A folder whose programs hide those of the system.
    pub(super) stubs: Option<&'a Path>,
    pub(super) environment: &'a [(&'a str, &'a str)],
}

impl Default for Login<'_> {
    fn default() -> Self {
        Self { shell: &["sh"], stubs: None, environment: &[] }
    }
}

impl Login<'_> {
    pub(super) fn start(&self, invocation: &Invocation) -> Child {
        let (program, arguments) = self.shell.split_first().unwrap();
        let mut path = "/usr/bin:/bin".to_owned();
        if let Some(stubs) = self.stubs {
            path = format!("{}:{path}", stubs.display());
        }
        let mut child = Command::new(program)
            .args(arguments)
            .args(["-c", invocation.command])
            .env_clear()
            .env("PATH", path)
            .env("HOME", "/nonexistent")
            .envs(self.environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        child.stdin.as_mut().unwrap().write_all(&invocation.input).unwrap();
        child
    }

    /// stdout and stderr of a whole run.
    pub(super) fn run(&self, invocation: &Invocation) -> (Vec<u8>, String) {
        let mut child = self.start(invocation);
        let mut stderr = child.stderr.take().unwrap();
        let errors = thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut output = Vec::new();
        // stdin stays open meanwhile: `child` owns it.
        child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
        child.wait().unwrap();
        (output, errors.join().unwrap())
    }
}

/// Makes a program of the test's own.
pub(super) fn stub(folder: &Path, name: &str, body: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}
