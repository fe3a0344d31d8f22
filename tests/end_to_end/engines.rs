//! Practice hosts of podman, for root and for who is not: the whole lesson, and that nothing is left of it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::running::Running;

/// The base of the hosts is made and packed, and three hosts get their packages.
const MOST_SECONDS: u64 = 1200;
/// By then it has ended itself.
const LIMIT: Duration = Duration::from_secs(MOST_SECONDS + 200);
const LAB: &str = "engines";

/// What [`LESSON`] printed, by the names of its parts; what the demo said comes first.
struct Lesson {
    stdout: String,
    stderr: String,
}

impl Lesson {
    /// Gives the lesson as a user, whose engine keeps all that is its own in a folder that goes away.
    fn given_as(user: &str, flags: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("provision-engines-").tempdir().unwrap();
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/engines");
        // Where the tool was built may be closed to other users.
        for (file, name) in [
            (Path::new(env!("CARGO_BIN_EXE_provision")), "provision"),
            (&scripts.join("session.sh"), "session.sh"),
            (&scripts.join("lesson.sh"), "lesson.sh"),
        ] {
            std::fs::copy(file, folder.path().join(name)).unwrap();
        }
        let open = Command::new("chmod").arg("a+rx").arg(folder.path()).status().unwrap();
        assert!(open.success());
        let mut command = Command::new("sh");
        command.arg(folder.path().join("session.sh")).arg(folder.path()).arg(user);
        command.arg("sh").arg(folder.path().join("lesson.sh")).arg(folder.path().join("provision"));
        command.arg(LAB).args(flags);
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
        Self { stdout: ran.stdout, stderr: ran.stderr }
    }

    fn part(&self, name: &str) -> &str {
        let (_, rest) = self.stdout.split_once(&format!("== {name}\n")).unwrap();
        rest.split("== ").next().unwrap()
    }

    /// What holds for whoever gives it.
    fn check(&self) {
        assert!(self.stdout.contains("12 of 12 probes passed."), "{}\n{}", self.stdout, self.stderr);
        assert!(self.stderr.contains("they are not privileged"), "{}", self.stderr);
        for web in ["web01", "web02"] {
            assert!(self.part("pages").contains(&format!("<h1>{web}")), "{}", self.stdout);
        }
        assert_eq!(self.part("exec"), "web01\nrunning\n");
        assert!(self.part("cable pulled").contains("<h1>web02"), "{}", self.stdout);
        assert!(!self.part("cable pulled").contains("<h1>web01"), "{}", self.stdout);
        let stopped = self.part("stopped host");
        assert!(stopped.lines().any(|line| line.contains("web02") && line.ends_with("stopped")), "{stopped}");
        assert!(stopped.contains("12 of 12 probes passed"), "{stopped}");
        assert_eq!(self.part("left"), "");
    }
}

#[test]
#[ignore = "needs root and lab hosts"]
fn root_gives_a_lesson_on_hosts_of_podman() {
    let lesson = Lesson::given_as("root", &["--driver", "podman"]);
    lesson.check();
    // They are reached by their own addresses.
    assert!(!lesson.stdout.contains("127.0.0.1"), "{}", lesson.stdout);
}

#[test]
#[ignore = "needs root and lab hosts"]
fn a_user_without_root_gives_a_lesson_on_hosts_of_podman() {
    let lesson = Lesson::given_as("lesson", &[]);
    lesson.check();
    assert!(lesson.stderr.contains("podman runs the hosts: systemd-nspawn takes root"), "{}", lesson.stderr);
    assert!(lesson.stdout.contains("http://127.0.0.1:23"), "{}", lesson.stdout);
}
