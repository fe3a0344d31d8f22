//! Practice hosts of podman, for who is not root and for root: the whole lesson, and that nothing is left of it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::running::Running;
use crate::whole;

/// The base of the hosts is made and packed, and three hosts get their packages.
const MOST_SECONDS: u64 = 1200;
/// By then it has ended itself.
const LIMIT: Duration = Duration::from_secs(MOST_SECONDS + 200);
const LAB: &str = "engines";

/// What a lesson printed, by the names of its parts; what the demo said comes first.
struct Lesson {
    web: Vec<String>,
    stdout: String,
    stderr: String,
}

impl Lesson {
    /// Gives the lesson as a user, whose engine keeps all that is its own in a folder that goes away. What the hosts are
    /// made of comes from `base`, or goes there.
    fn given_as(user: &str, web: usize, base: &Path, flags: &[&str]) -> Self {
        let folder = folder_for_all("a+rx");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/engines");
        // Where the tool was built may be closed to other users.
        for (file, name) in [
            (Path::new(env!("CARGO_BIN_EXE_provision")), "provision"),
            (&scripts.join("session.sh"), "session.sh"),
            (&scripts.join("lesson.sh"), "lesson.sh"),
        ] {
            std::fs::copy(file, folder.path().join(name)).unwrap();
        }
        let mut command = Command::new("sh");
        command.arg(folder.path().join("session.sh")).arg(folder.path()).arg(user);
        command.arg("sh").arg(folder.path().join("lesson.sh")).arg(folder.path().join("provision"));
        command.args([LAB, &web.to_string()]).arg(base).args(flags);
        command.env("MOST_SECONDS", MOST_SECONDS.to_string());
        command.env("PROVISION_LAB_DIR", folder.path().join("home/labs-and-images"));
        // All else is kept where it is without them, in that home.
        for variable in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
            command.env_remove(variable);
        }
        let ran = Running::start(command, "", LIMIT).end();
        assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
        let path = folder.path().to_owned();
        folder.close().unwrap();
        assert!(!path.exists());
        let web = (1..=web).map(|number| format!("web{number:02}")).collect();
        Self { web, stdout: ran.stdout, stderr: ran.stderr }
    }

    fn part(&self, name: &str) -> &str {
        let (_, rest) = self.stdout.split_once(&format!("== {name}\n")).unwrap();
        rest.split("== ").next().unwrap()
    }

    /// What holds for whoever gives it.
    fn check(&self) {
        let passed = format!("{0} of {0} probes passed", 4 * (self.web.len() + 1));
        assert!(self.stdout.contains(&passed), "{}\n{}", self.stdout, self.stderr);
        assert!(self.stderr.contains("they are not privileged"), "{}", self.stderr);
        let (pages, unplugged) = (self.part("pages"), self.part("cable pulled"));
        for host in &self.web {
            let page = format!("<h1>{host}");
            assert!(pages.contains(&page), "{}", self.stdout);
            assert_eq!(unplugged.contains(&page), host != "web01", "{}", self.stdout);
        }
        assert_eq!(self.part("exec"), "web01\nrunning\n");
        let (stopped, last) = (self.part("stopped host"), self.web.last().unwrap());
        assert!(stopped.lines().any(|line| line.contains(last) && line.ends_with("stopped")), "{stopped}");
        assert!(stopped.contains(&passed), "{stopped}");
        assert_eq!(self.part("left"), "");
    }
}

/// A folder that other users may use, too.
fn folder_for_all(mode: &str) -> TempDir {
    let folder = tempfile::Builder::new().prefix("provision-engines-").tempdir().unwrap();
    let opened = Command::new("chmod").arg(mode).arg(folder.path()).status().unwrap();
    assert!(opened.success());
    folder
}

/// The base that the first makes is the other's, too; whole, each makes one.
#[test]
#[ignore = "needs root and lab hosts"]
fn a_user_without_root_gives_a_lesson_on_hosts_of_podman_and_then_root_does() {
    let bases = folder_for_all("a+rwx");
    let base = bases.path().join("base.tar");
    let made = "mmdebstrap makes the base of bookworm";

    let lesson = Lesson::given_as("lesson", 2, &base, &[]);
    lesson.check();
    assert!(lesson.stderr.contains("podman runs the hosts: systemd-nspawn takes root"), "{}", lesson.stderr);
    assert!(lesson.stderr.contains(made), "{}", lesson.stderr);
    assert!(lesson.stdout.contains("http://127.0.0.1:23"), "{}", lesson.stdout);

    if whole() {
        std::fs::remove_file(&base).unwrap();
    }
    let lesson = Lesson::given_as("root", 1, &base, &["--driver", "podman"]);
    lesson.check();
    assert_eq!(lesson.stderr.contains(made), whole(), "{}", lesson.stderr);
    // They are reached by their own addresses.
    assert!(!lesson.stdout.contains("127.0.0.1"), "{}", lesson.stdout);
}
