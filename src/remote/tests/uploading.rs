//! The real apt of this machine, on folders of its own, gets its files from the standard input of the program that runs
//! it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use super::super::apply::{Place, UPLOAD};
use super::super::dialogue::{Dialogue, End, Heard};
use super::super::events::{ApplyEvent, ApplyReader};
use super::super::invocation::{RunAs, invoke};
use super::super::upload::{Frame, Want};
use super::local::{Login, Story, nonce};
use crate::model::{Failure, sha256};

/// What apply.sh does, with apt in folders of its own: refresh the lists, and download a package.
const TAIL: &str = r#"
exec 2>&1
answer "begin 0"
start_run
proxy=upload own_tls='' index=0 fault=
configure_apt || { answer "refused $fault"; end_run refused; }
read -r apt_folder <"$scratch/data"
printf 'Dir "%s/";\nDir::State::status "%s/status";\n' "$apt_folder" "$apt_folder" >>"$scratch/apt.conf"
for command in update 'install --download-only practice'; do
    if ! run_apt 60 $command; then
        explain_apt
        fail_step
    fi
done
cat "$scratch/apt.log"
answer "done 0 1"
end_run ok
"#;

const DATE: &str = "Sat, 10 Feb 2024 11:00:00 GMT";

/// A host that consists of a folder, and the mirror that its only source names.
struct Rehearsal {
    folder: tempfile::TempDir,
    mirror: BTreeMap<String, Vec<u8>>,
}

/// How a test answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Laptop {
    Serves,
    HangsUp,
    BreaksOff,
}

impl Rehearsal {
    /// The package is of an odd size, in pieces, and full of bytes that mean something to shells and frames.
    fn new() -> Self {
        let package: Vec<u8> = b"\ndone 1\n\0$(id)`id`\\".iter().copied().cycle().take(300_001).collect();
        let index = format!(
            "Package: practice\nVersion: 1:1.0+x~1\nArchitecture: all\nMaintainer: m <m@m.example>\n\
             Filename: ./practice_1.0+x~1_all.deb\nSize: {}\nSHA256: {}\nDescription: x\n",
            package.len(),
            sha256(&package)
        );
        let release = format!(
            "Date: {DATE}\nSuite: x\nSHA256:\n {} {} Packages\n",
            sha256(index.as_bytes()),
            index.len()
        );
        let mirror = [
            ("Release", release.into_bytes()),
            ("Packages", index.into_bytes()),
            ("practice_1.0+x~1_all.deb", package),
        ];
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["run", "apt/etc/apt/preferences.d", "apt/var/lib/apt/lists", "apt/var/cache/apt/archives"]
        {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("apt/status"), "").unwrap();
        let source = "deb [trusted=yes] https://mirror.example/repo ./\n";
        fs::write(folder.path().join("apt/etc/apt/sources.list"), source).unwrap();
        Self { folder, mirror: mirror.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn package(&self) -> Option<Vec<u8>> {
        fs::read(self.at("apt/var/cache/apt/archives/practice_1%3a1.0+x~1_all.deb")).ok()
    }

    /// Runs the program, answers as the laptop would, and returns what was wanted.
    fn run(&self, laptop: Laptop) -> (Vec<Want>, Story<ApplyEvent>, Result<End, Failure>) {
        let (journal, run) = (self.at("journal"), self.at("run"));
        let place = Place {
            journal: journal.to_str().unwrap(),
            run: run.to_str().unwrap(),
            patience: 0,
            last_run: None,
            token: "-",
        };
        let mut data = place.begin();
        data.line(self.at("apt").to_str().unwrap());
        data.line("#end");
        let parts = [
            include_str!("../programs/common.sh"),
            include_str!("../programs/clock.sh"),
            include_str!("../programs/run.sh"),
            UPLOAD,
            include_str!("../programs/apt_verdict.sh"),
            include_str!("../programs/apt_news.sh"),
            include_str!("../programs/apt.sh"),
            TAIL,
        ];
        let invocation = invoke(RunAs::Login, &nonce(), &parts, data).unwrap();
        let mut child = Login::default().start(&invocation);
        let (mut stdin, mut stdout) = (child.stdin.take(), child.stdout.take().unwrap());
        let mut dialogue = Dialogue::new(&nonce(), ApplyReader, SystemTime::now());
        let (mut wants, mut events) = (Vec::new(), Vec::new());
        let mut buffer = [0; 4096];
        loop {
            let length = stdout.read(&mut buffer).unwrap();
            if length == 0 {
                break;
            }
            for event in dialogue.feed(&buffer[..length], SystemTime::now()).unwrap() {
                if let Heard::Event(ApplyEvent::Want(want)) = &event {
                    wants.push(want.clone());
                    match (laptop, &mut stdin) {
                        (Laptop::HangsUp, stdin) => *stdin = None,
                        (_, Some(stdin)) => self.answer(want, laptop, stdin),
                        (_, None) => {}
                    }
                }
                events.push(event);
            }
        }
        child.wait().unwrap();
        (wants, events, dialogue.finish(SystemTime::now()))
    }

    fn answer(&self, want: &Want, laptop: Laptop, stdin: &mut impl Write) {
        let name = want.url.strip_prefix("https://mirror.example/repo/./").unwrap_or_default();
        let name = &name.replace("%2b", "+").replace("%7e", "~");
        let mut say = |frame: Frame<'_>| stdin.write_all(frame.line(want.id).as_bytes()).unwrap();
        let Some(bytes) = self.mirror.get(name) else {
            return say(Frame::Fail("404 provision: no such file"));
        };
        if want.since.as_deref() == Some(DATE) {
            return say(Frame::Same);
        }
        // A late word for somebody else, and for nobody.
        say(Frame::Start(Some(bytes.len() as u64), Some(DATE)));
        stdin.write_all(b"done 7\nnonsense\ndone ../x\ndata 123456789 5\nwords").unwrap();
        for piece in bytes.chunks(100_000) {
            stdin.write_all(Frame::Data(piece.len()).line(want.id).as_bytes()).unwrap();
            stdin.write_all(piece).unwrap();
            if laptop == Laptop::BreaksOff && name.starts_with("practice") {
                let line = Frame::Fail("502 provision: the mirror breaks off").line(want.id);
                return stdin.write_all(line.as_bytes()).unwrap();
            }
        }
        stdin.write_all(Frame::Done.line(want.id).as_bytes()).unwrap();
    }

    /// What is left when a run is over.
    fn assert_nothing_is_left(&self) {
        let left: Vec<_> =
            fs::read_dir(self.at("run")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["provision.lock"]);
        assert!(!self.at("journal").exists());
        for partial in ["apt/var/cache/apt/archives/partial", "apt/var/lib/apt/lists/partial"] {
            assert_eq!(fs::read_dir(self.at(partial)).map_or(0, Iterator::count), 0, "{partial}");
        }
    }
}

fn failure(events: &[Heard<ApplyEvent>]) -> String {
    let failed = events.iter().find_map(|event| match event {
        Heard::Event(ApplyEvent::Failed(_, failure, _)) => Some(failure.message.english().to_owned()),
        _ => None,
    });
    failed.unwrap_or_else(|| format!("nothing failed: {events:?}"))
}

#[test]
fn apt_takes_what_is_uploaded_and_asks_for_what_changed_only() {
    let rehearsal = Rehearsal::new();
    let (wants, events, end) = rehearsal.run(Laptop::Serves);
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    assert_eq!(rehearsal.package().as_ref(), rehearsal.mirror.get("practice_1.0+x~1_all.deb"));
    assert!(wants.iter().all(|want| want.since.is_none() && !want.fresh), "{wants:?}");
    rehearsal.assert_nothing_is_left();

    let (wants, events, end) = rehearsal.run(Laptop::Serves);
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    let release = wants.iter().find(|want| want.url.ends_with("/Release")).unwrap();
    assert_eq!(release.since.as_deref(), Some(DATE));
    assert!(!wants.iter().any(|want| want.url.contains("practice_1")), "{wants:?}");
}

#[test]
fn a_file_that_apt_finds_damaged_is_not_taken() {
    let mut rehearsal = Rehearsal::new();
    rehearsal.mirror.get_mut("practice_1.0+x~1_all.deb").unwrap()[7] = b'!';
    let (_, events, end) = rehearsal.run(Laptop::Serves);
    assert_eq!(end, Ok(End::Failed));
    assert!(failure(&events).contains("do not match its own list"), "{events:?}");
    assert_eq!(rehearsal.package(), None);
}

#[test]
fn a_file_that_breaks_off_says_why() {
    let rehearsal = Rehearsal::new();
    let (_, events, end) = rehearsal.run(Laptop::BreaksOff);
    assert_eq!(end, Ok(End::Failed));
    let said = |event: &Heard<ApplyEvent>| matches!(event, Heard::Log(line) if line.contains("breaks off"));
    assert!(events.iter().any(said), "{events:?}");
    rehearsal.assert_nothing_is_left();
}

#[test]
fn a_laptop_that_hangs_up_ends_the_download() {
    let rehearsal = Rehearsal::new();
    let (wants, _, end) = rehearsal.run(Laptop::HangsUp);
    assert_eq!(end, Ok(End::Interrupted));
    assert_eq!(wants.len(), 1);
    rehearsal.assert_nothing_is_left();
}
