//! Runs an invocation here as sshd would: `SHELL -c COMMAND`, input on stdin, which stays open until it ends.

use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use super::super::data::tests::text;
use super::super::dialogue::{Dialogue, Heard, Reader};
use super::super::invocation::{Invocation, Nonce};
use super::super::packed::pack;
use super::super::packed::tests::unpacked;
use super::super::program::Program;
use crate::model::Failure;

pub(in super::super) fn nonce() -> Nonce {
    Nonce::new([0x5a; 16])
}

/// What is sent to have a program run.
pub(in super::super) fn sent<R: Reader>(program: Program<'_, R>) -> Invocation {
    program.begin(&nonce(), SystemTime::now()).unwrap().0
}

/// The same with another program, made of that one.
pub(super) fn rewritten(invocation: Invocation, rewrite: impl Fn(String) -> String) -> Invocation {
    let input = text(invocation.input);
    let (before, rest) = input.rsplit_once("#next\n").unwrap();
    let (program, data) = rest.split_once('\n').unwrap();
    let program = pack(&rewrite(unpacked(program)));
    Invocation { input: format!("{before}#next\n{program}\n{data}").into(), ..invocation }
}

/// A line of answer.
pub(super) fn say(words: &str) -> String {
    format!("{} {words}\n", nonce().as_str())
}

/// What a program said in all, besides its end.
pub(in super::super) type Story<E> = Vec<Heard<E>>;

/// Reads the whole output of a program, piece by piece.
pub(in super::super) fn hear<R: Reader>(
    reader: R,
    stdout: &[u8],
) -> (Story<R::Event>, Result<R::Answer, Failure>) {
    let now = SystemTime::now();
    let mut dialogue = Dialogue::new(&nonce(), reader, now);
    let mut story = Vec::new();
    for chunk in stdout.chunks(100) {
        match dialogue.feed(chunk, now) {
            Ok(heard) => story.extend(heard),
            Err(failure) => return (story, Err(failure)),
        }
    }
    (story, dialogue.finish(now))
}

/// The same without the log.
pub(in super::super) fn events<R: Reader>(
    reader: R,
    stdout: &[u8],
) -> (Vec<R::Event>, Result<R::Answer, Failure>) {
    let (story, end) = hear(reader, stdout);
    (events_of(story), end)
}

pub(super) fn events_of<E>(story: Story<E>) -> Vec<E> {
    let event = |heard| match heard {
        Heard::Event(event) => Some(event),
        Heard::Log(_) => None,
    };
    story.into_iter().filter_map(event).collect()
}

/// A login on this machine.
pub(in super::super) struct Login<'a> {
    pub(in super::super) shell: &'a [&'a str],
    /// A folder whose programs hide those of the system.
    pub(in super::super) stubs: Option<&'a Path>,
    pub(in super::super) environment: &'a [(&'a str, &'a str)],
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
        let mut command = Command::new(program);
        command
            .args(arguments)
            .args(["-c", invocation.command])
            .env_clear()
            .env("PATH", path)
            .env("HOME", "/nonexistent")
            .envs(self.environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = loop {
            match command.spawn() {
                // A child of another test has a stub open for writing until it becomes another program.
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                    thread::sleep(Duration::from_millis(5));
                }
                spawned => break spawned.unwrap(),
            }
        };
        let stdin = child.stdin.as_mut().unwrap();
        invocation.clone().pieces().for_each(|piece| stdin.write_all(&piece).unwrap());
        child
    }

    /// stdout and stderr of a whole run.
    pub(in super::super) fn run(&self, invocation: &Invocation) -> (Vec<u8>, String) {
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
