//! A machine that consists of a folder, on which apply.sh and reset.sh run.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::super::apply::{self, PackageWay, Place, Purpose};
use super::super::dialogue::{End, Reader};
use super::super::events::{ApplyEvent, ApplyReader};
use super::super::invocation::{Invocation, RunAs, invoke};
use super::super::reset::{self, JournalReader};
use super::local::{Login, Story, events_of, hear, nonce, stub};
use crate::model::{
    Action, Change, Failure, FailureKind, HostText, Maker, Operation, Remembered, RememberedKind, Resource,
    ResourceId, ServiceFact, Step, Text,
};

/// What is left of a run that was killed is gone by then.
const GONE_LIMIT: Duration = Duration::from_secs(10);

/// A folder for what a host has in its root.
pub struct Machine {
    pub folder: TempDir,
    /// Seconds that another run is waited for.
    pub patience: u32,
    /// What the programs of one run have in common.
    pub token: &'static str,
}

impl Machine {
    pub fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap(), patience: 0, token: "-" };
        for name in ["run", "etc", "stubs"] {
            fs::create_dir(machine.at(name)).unwrap();
        }
        machine
    }

    pub fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.folder.path().display())
    }

    pub fn stub(&self, name: &str, body: &str) {
        stub(&self.folder.path().join("stubs"), name, body);
    }

    fn place<'a>(&self, journal: &'a str, run: &'a str) -> Place<'a> {
        Place { journal, run, patience: self.patience, last_run: None, token: self.token }
    }

    pub fn apply(&self, wanted: &[Resource]) -> Invocation {
        self.apply_steps_for(wanted.iter().map(step), wanted)
    }

    pub fn apply_steps(&self, steps: impl IntoIterator<Item = Step>) -> Invocation {
        self.apply_steps_for(steps, &[])
    }

    /// The same on a host that should have these resources.
    pub fn apply_steps_for(&self, steps: impl IntoIterator<Item = Step>, wanted: &[Resource]) -> Invocation {
        let steps: Vec<(usize, Step)> = steps.into_iter().enumerate().collect();
        let maker = Maker { inventory: "00ff".into(), host: "ana/web01".into(), name: "class.yaml".into() };
        let (journal, run) = (self.at("journal"), self.at("run"));
        let data = apply::encode(
            &steps,
            Purpose { maker: &maker, wanted },
            PackageWay::Own,
            self.place(&journal, &run),
        )
        .unwrap();
        invoke(RunAs::Login, &nonce(), apply::PARTS, data).unwrap()
    }

    pub fn hear(&self, invocation: &Invocation) -> (Story<ApplyEvent>, Result<End, Failure>) {
        let stubs = self.folder.path().join("stubs");
        let (stdout, _) = Login { stubs: Some(&stubs), ..Login::default() }.run(invocation);
        hear(ApplyReader, &stdout)
    }

    /// The same without the log.
    pub fn run(&self, invocation: &Invocation) -> (Vec<ApplyEvent>, Result<End, Failure>) {
        let (story, end) = self.hear(invocation);
        (events_of(story), end)
    }

    /// Applies and expects that all goes well.
    pub fn converge(&self, wanted: &[Resource]) {
        let (events, end) = self.run(&self.apply(wanted));
        assert_eq!(end, Ok(End::Complete), "{events:?}");
    }

    pub fn plan_reset(&self) -> Vec<Step> {
        self.recall().0
    }

    /// The plan to undo all, and which run was the last.
    fn recall(&self) -> (Vec<Step>, HostText) {
        let began = Instant::now();
        let (remembered, last_run) = loop {
            match self.hear_recall() {
                // What a run that was killed had started needs a moment to be gone, too.
                Err(failure) if failure.kind == FailureKind::Busy && began.elapsed() < GONE_LIMIT => {}
                heard => break heard.unwrap().unwrap(),
            }
        };
        (remembered.map(undoing).unwrap_or_default(), last_run)
    }

    fn hear_recall(&self) -> Result<<JournalReader as Reader>::Answer, Failure> {
        let stubs = self.folder.path().join("stubs");
        let (stdout, _) = Login { stubs: Some(&stubs), ..Login::default() }.run(&self.recall_invocation());
        hear(JournalReader::default(), &stdout).1
    }

    /// Why it tells nothing of its journal.
    pub fn recall_refusal(&self) -> Failure {
        self.hear_recall().unwrap_err()
    }

    pub fn recall_invocation(&self) -> Invocation {
        let (journal, run) = (self.at("journal"), self.at("run"));
        let data = reset::encode_recall(self.place(&journal, &run));
        invoke(RunAs::Login, &nonce(), reset::RECALL, data).unwrap()
    }

    pub fn reset_invocation(&self) -> Invocation {
        let (journal, run) = (self.at("journal"), self.at("run"));
        let (steps, last_run) = self.recall();
        let steps: Vec<(usize, Step)> = steps.into_iter().enumerate().collect();
        let place = Place { last_run: Some(&last_run), ..self.place(&journal, &run) };
        invoke(RunAs::Login, &nonce(), reset::PARTS, reset::encode(&steps, place).unwrap()).unwrap()
    }

    pub fn reset(&self) -> Vec<ApplyEvent> {
        let (events, end) = self.run(&self.reset_invocation());
        assert_eq!(end, Ok(End::Complete), "{events:?}");
        events
    }

    /// Every path below `etc`, with its mode and what it is.
    pub fn tree(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        visit(Path::new(&self.at("etc")), &mut found);
        found
    }

    /// What a run leaves behind when it is over: the lock, and nothing else.
    pub fn left_in_run(&self) -> Vec<String> {
        let names = fs::read_dir(self.at("run")).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn visit(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let what = if metadata.is_symlink() {
            format!("-> {}", fs::read_link(&path).unwrap().display())
        } else if metadata.is_dir() {
            visit(&path, found);
            format!("{:o}", metadata.permissions().mode())
        } else {
            format!("{:o} {}", metadata.permissions().mode(), fs::read_to_string(&path).unwrap())
        };
        found.insert(path.display().to_string(), what);
    }
}

/// All that undoes a journal, in an order that works.
fn undoing(mut remembered: Vec<Remembered>) -> Vec<Step> {
    let stage = |entry: &Remembered| match entry.kind {
        RememberedKind::Command if entry.original.starts_with("services") => 0,
        RememberedKind::Service => 1,
        RememberedKind::Command => 2,
        RememberedKind::File | RememberedKind::Link => 3,
        RememberedKind::Directory => 4,
        RememberedKind::Package => 5,
    };
    // Commands have numbers.
    remembered.sort_by_key(|entry| {
        (stage(entry), Reverse((entry.name.split('/').count(), entry.original.clone())))
    });
    let forget = change(ResourceId::new("journal")).by(Operation::ForgetJournal);
    remembered.iter().map(undo).chain([forget]).collect()
}

/// What takes back one thing.
fn undo(entry: &Remembered) -> Step {
    let mut change = change(ResourceId::new(format!("{}:{}", entry.kind.name(), entry.name)));
    change.after = entry.undo.as_ref().map(|undo| Text::verbatim(undo.line(80)));
    change.by(match entry.kind {
        RememberedKind::Package => Operation::PurgePackage(entry.name.clone()),
        _ => Operation::Undo { key: entry.key.clone(), notify: None },
    })
}

pub fn change(resource: ResourceId) -> Change {
    let (action, reason) = (Action::Update, Text::default());
    Change { resource, action, reason, before: None, after: None, diff: None, foreign: false }
}

fn step(resource: &Resource) -> Step {
    change(resource.id()).by(match resource.clone() {
        Resource::Package(package) => Operation::InstallPackage(package.name),
        Resource::Directory(directory) => Operation::MakeDirectory(directory),
        Resource::Command(command) => Operation::RunCommand(command),
        Resource::File(file) => Operation::WriteFile(file),
        Resource::Link(link) => Operation::MakeLink(link),
        Resource::Port(_) => panic!("nothing is changed for a port"),
        Resource::Service(service) => {
            let before = ServiceFact { enabled: true, ..ServiceFact::default() };
            Operation::SettleService { service, before, reload: true }
        }
    })
}
