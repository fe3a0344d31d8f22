//! A user of the host who swaps what is in a folder of his own for links while root works there: what the links lead to
//! is neither read nor changed.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Child, Command};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::invocation::{RunAs, invoke};
use super::super::observe::{self, MORE, ObserveRequest};
use super::super::packed::more;
use super::local::{Login, nonce};
use super::machine::Machine;
use crate::model::{Attributes, Directory, File, Link, Maker, Resource, sha256};

const NOBODY: u32 = 65534;
const SECRET: &str = "only root reads this\n";
/// How often is tried; `TRIES` in the environment may ask for more.
const TRIES: usize = 6;

/// Swaps everything in `www` that it may for links to the victim, and `home/lab` for one to the folder `secret`, as fast
/// as it can.
const ATTACK: &str = r"
import os, sys
etc = sys.argv[1]
www, home, victim, secret = (etc + name for name in ('/www', '/home', '/victim', '/secret'))
def tried(action, *arguments):
    try:
        action(*arguments)
    except OSError:
        pass
def plain(path):
    with open(path, 'w') as file:
        file.write('mine')
turn = 0
while True:
    turn += 1
    names = [name for name in os.listdir(www) if name != 'trap']
    for name in set(names) | {'index.html', '.provision.original', '.provision.previous', 'index.html.before-reset'}:
        if name == 'index.html' and turn % 3:
            tried(os.unlink, www + '/index.html')
            tried(plain, www + '/index.html')
        else:
            tried(os.symlink, victim, www + '/trap')
            tried(os.rename, www + '/trap', www + '/' + name)
    tried(os.rename, home + '/lab', home + '/away')
    tried(os.symlink, secret, home + '/lab')
    tried(os.unlink, home + '/lab')
    tried(os.rename, home + '/away', home + '/lab')
";

struct Attacker(Child);

impl Attacker {
    fn start(machine: &Machine) -> Self {
        let id = NOBODY.to_string();
        let mut command = Command::new("setpriv");
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups", "/usr/bin/python3", "-c", ATTACK]);
        Self(command.arg(machine.at("etc")).spawn().unwrap())
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn host() -> Machine {
    let machine = Machine::new();
    fs::set_permissions(machine.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["www", "home", "home/lab"] {
        fs::create_dir(machine.at(&format!("etc/{name}"))).unwrap();
        chown(machine.at(&format!("etc/{name}")), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    fs::create_dir(machine.at("etc/secret")).unwrap();
    for name in ["victim", "secret/constCS.py"] {
        fs::write(machine.at(&format!("etc/{name}")), SECRET).unwrap();
        fs::set_permissions(machine.at(&format!("etc/{name}")), fs::Permissions::from_mode(0o600)).unwrap();
    }
    machine
}

fn wanted(machine: &Machine, content: &str) -> [Resource; 3] {
    let file = |path: &str| Resource::File(File::of_text(machine.at(path), content));
    let link = Link { path: machine.at("etc/www/link"), target: "index.html".to_owned(), notify: None };
    [file("etc/www/index.html"), file("etc/home/lab/constCS.py"), Resource::Link(link)]
}

fn assert_untouched(machine: &Machine, when: &str) {
    for name in ["etc/victim", "etc/secret/constCS.py"] {
        let metadata = fs::symlink_metadata(machine.at(name)).unwrap();
        assert!(metadata.is_file(), "{when}: {name}");
        assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o600, 0), "{when}: {name}");
        assert_eq!(fs::read_to_string(machine.at(name)).unwrap(), SECRET, "{when}: {name}");
    }
    assert_eq!(fs::read_dir(machine.at("etc/secret")).unwrap().count(), 1, "{when}");
    let kept = Command::new("grep").args(["-rqs", SECRET.trim(), &machine.at("journal")]).status().unwrap();
    assert!(!kept.success(), "{when}: the secret is in the journal");
}

fn assert_silent(said: &[u8], when: &str) {
    let said = String::from_utf8_lossy(said);
    for secret in [STANDARD.encode(SECRET), sha256(SECRET.as_bytes())] {
        assert!(!said.contains(&secret), "{when} tells the secret: {said}");
    }
}

#[test]
#[ignore = "needs root"]
fn links_of_a_user_lead_root_nowhere() {
    let tries = std::env::var("TRIES").map_or(TRIES, |tries| tries.parse().unwrap());
    let machine = host();
    let stubs = machine.folder.path().join("stubs");
    let login = Login { stubs: Some(&stubs), ..Login::default() };
    let mut attacker = Attacker::start(&machine);
    let mut written = 0;
    for attempt in 0..tries {
        let wanted = wanted(&machine, &format!("ours {attempt}\n"));
        let request = ObserveRequest::of(&wanted, false, Maker::default());
        let data = observe::encode(&request, &machine.at("journal"), &machine.at("run")).unwrap();
        let mut look = invoke(RunAs::Login, &nonce(), request.parts(), data).unwrap();
        // It asks for that where something of the attacker's looks like what we leave.
        look.input.text(&more(MORE));
        assert_silent(&login.run(&look).0, "a look");
        for resource in &wanted {
            let (said, _) = login.run(&machine.apply(std::slice::from_ref(resource)));
            assert_silent(&said, "an apply");
            written += usize::from(String::from_utf8_lossy(&said).contains("end ok"));
            assert_untouched(&machine, "after an apply");
        }
        let (said, _) = login.run(&machine.recall_invocation());
        assert_silent(&said, "a look at the journal");
        login.run(&machine.reset_invocation());
        assert_untouched(&machine, "after a reset");
    }
    assert_eq!(attacker.0.try_wait().unwrap(), None, "the attack ended early");
    drop(attacker);
    assert!(written > 0, "nothing was written at all");
    assert!(Path::new(&machine.at("etc/www")).is_dir());
}

/// The same folders in peace: all is done, and undone.
#[test]
#[ignore = "needs root"]
fn folders_of_users_are_served_all_the_same() {
    let machine = host();
    fs::write(machine.at("etc/www/index.html"), "mine").unwrap();
    chown(machine.at("etc/www/index.html"), Some(NOBODY), Some(NOBODY)).unwrap();
    let before = machine.tree();
    machine.converge(&wanted(&machine, "ours"));
    let page = fs::symlink_metadata(machine.at("etc/www/index.html")).unwrap();
    assert_eq!((page.uid(), page.mode() & 0o7777), (NOBODY, 0o644));
    assert_eq!(machine.tree().len(), before.len() + 2);
    machine.reset();
    assert_eq!(machine.tree(), before);
    assert_eq!(fs::symlink_metadata(machine.at("etc/www/index.html")).unwrap().uid(), NOBODY);
}

/// A folder of root's holds new files on their way, until a step gives it to a user: then root's own above it does.
#[test]
#[ignore = "needs root"]
fn a_folder_that_is_given_away_is_not_trusted_any_more() {
    let machine = Machine::new();
    fs::set_permissions(machine.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(machine.at("etc/given")).unwrap();
    let made = machine.at("made");
    machine.stub("mktemp", &format!("echo \"$*\" >>{made}; exec /usr/bin/mktemp \"$@\""));
    let file = |name: &str| Resource::File(File::of_text(machine.at(&format!("etc/given/{name}")), "ours"));
    let wanted = Attributes { owner: Some("nobody".to_owned()), ..Attributes::default() };
    let given = Resource::Directory(Directory { path: machine.at("etc/given"), wanted });
    machine.converge(&[file("a"), file("b"), given, file("c"), file("d")]);
    let made = fs::read_to_string(made).unwrap();
    let rooms: Vec<_> = made.lines().filter_map(|line| line.strip_suffix("/.provision.XXXXXX")).collect();
    let (before, after) = (machine.at("etc/given"), format!("-d {}", machine.at("etc")));
    assert_eq!(rooms, [&before, &before, &after, &after]);
}
