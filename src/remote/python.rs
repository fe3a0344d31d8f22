//! What python.sh tells of a host's python3.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{HostText, PythonFact, PythonTrouble};

/// dpkg's word for a package that is whole.
const INSTALLED: &str = "installed";
/// How a name ends that Python gives to what ends a program.
const ENDINGS: [&str; 4] = ["Error", "Exit", "Exception", "Interrupt"];

/// Adds one answer to what is known.
pub(super) fn hear(fact: &mut PythonFact, word: &str, rest: &str) {
    match (word, &mut *fact) {
        ("no-python", _) => {
            let (status, version) = rest.split_once(' ').unwrap_or((rest, ""));
            *fact = PythonFact::Missing { is_installed: status == INSTALLED, version: known(version) };
        }
        ("bad-python", _) => {
            let mut words = rest.splitn(4, ' ');
            let mut next = || words.next().unwrap_or_default();
            *fact = PythonFact::Fails(PythonTrouble {
                for_login_alone: next() == "login",
                is_installed: next() == INSTALLED,
                version: known(next()),
                path: next().into(),
                ..PythonTrouble::default()
            });
        }
        ("python-variable", PythonFact::Fails(trouble)) => trouble.variable = rest.into(),
        ("python-said", PythonFact::Fails(trouble)) => {
            let said = STANDARD.decode(rest).unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            trouble.words = last_words(&said);
            trouble.file = blamed_file(&said);
        }
        _ => {}
    }
}

fn known(word: &str) -> HostText {
    if word == "-" { HostText::default() } else { word.into() }
}

/// The line that tells most: the last exception, else the last of all. What follows an exception is where it came from.
fn last_words(said: &str) -> HostText {
    let is_exception = |line: &&str| {
        let name = line.split([':', ' ']).next().unwrap_or_default();
        ENDINGS.iter().any(|ending| name.ends_with(ending))
    };
    let lines = || said.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines().rfind(is_exception).or_else(|| lines().next_back()).unwrap_or_default().into()
}

/// The last file of a traceback that no package of Python has, or that others are to change.
fn blamed_file(said: &str) -> HostText {
    let files = said.lines().filter_map(|line| line.trim_start().strip_prefix("File \"")?.split('"').next());
    let mut files = files.filter(|file| file.starts_with('/'));
    let is_of_others = |file: &&str| {
        !file.starts_with("/usr/lib/python3.")
            || ["/sitecustomize.py", "/usercustomize.py"].iter().any(|name| file.ends_with(name))
    };
    files.rfind(is_of_others).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_says_names_the_cause() {
        let heard = |said: &str| {
            let mut fact = PythonFact::Runs;
            hear(&mut fact, "bad-python", "host installed 3.11 /usr/bin/python3");
            hear(&mut fact, "python-variable", "PYTHONHOME=/x");
            hear(&mut fact, "python-said", &STANDARD.encode(said));
            let PythonFact::Fails(trouble) = fact else { panic!("{fact:?}") };
            assert_eq!(trouble.variable, *"PYTHONHOME=/x");
            (trouble.words.line(80), trouble.file.line(80))
        };
        let owned = |(words, file): (&str, &str)| (words.to_owned(), file.to_owned());
        // Debian's own words.
        let no_home = "Python path configuration:\n  PYTHONHOME = '/nonexistent'\nFatal Python error: \
            init_fs_encoding: failed to get the Python codec of the filesystem encoding\nPython runtime state: core \
            initialized\nModuleNotFoundError: No module named 'encodings'\n\nCurrent thread 0x00007f (most recent \
            call first):\n  <no Python frame>\n";
        assert_eq!(heard(no_home), owned(("ModuleNotFoundError: No module named 'encodings'", "")));
        let site = "Fatal Python error: init_import_site: Failed to import the site module\nPython runtime state: \
            initialized\nTraceback (most recent call last):\n  File \"<frozen site>\", line 663, in <module>\n  File \
            \"/usr/lib/python3.11/sitecustomize.py\", line 1, in <module>\n    raise SystemExit(3)\nSystemExit: 3\n";
        assert_eq!(heard(site), owned(("SystemExit: 3", "/usr/lib/python3.11/sitecustomize.py")));
        let module = "Traceback (most recent call last):\n  File \"<string>\", line 2, in <module>\n  File \
            \"/usr/lib/python3.11/subprocess.py\", line 52, in <module>\n    import threading\nModuleNotFoundError: No \
            module named 'threading'\n";
        assert_eq!(heard(module), owned(("ModuleNotFoundError: No module named 'threading'", "")));
        assert_eq!(heard("broken\n\n"), owned(("broken", "")));
        assert_eq!(heard(""), owned(("", "")));
    }

    #[test]
    fn what_is_no_answer_of_its_changes_nothing() {
        let mut fact = PythonFact::Runs;
        for word in ["python-variable", "python-said", "else"] {
            hear(&mut fact, word, "PYTHONHOME=/x");
        }
        assert_eq!(fact, PythonFact::Runs);
        hear(&mut fact, "no-python", "installed 3.13");
        assert_eq!(fact, PythonFact::Missing { is_installed: true, version: "3.13".into() });
        hear(&mut fact, "bad-python", "");
        assert_eq!(fact, PythonFact::Fails(PythonTrouble::default()));
    }
}
