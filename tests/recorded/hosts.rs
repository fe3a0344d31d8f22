//! The hosts that there are: recordings of lab hosts, and some that are only written.

use std::path::{Path, PathBuf};

/// What a host says and how it behaves.
#[derive(Clone)]
pub struct Recording {
    source: String,
    text: String,
}

/// A recorded host, e.g. `lb/converged`.
pub fn recorded(name: &str) -> Recording {
    let path = folder().join(name).with_extension("txt");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Recording { source: format!("tests/recorded/hosts/{name}.txt"), text }
}

/// Where recordings are kept.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/hosts")
}

/// A host as its test writes it, in the form of a recording. Nothing listens there but sshd.
pub fn written(text: &str) -> Recording {
    let text = format!("{text}\nopen 80 refused\nopen 8404 refused\n");
    Recording { source: "a host written by hand".to_owned(), text }
}

/// There is no session, for a reason of `src/transport/recorded/player.rs`, e.g. `refused`.
pub fn unreachable(reason: &str) -> Recording {
    written(&format!("connect {reason}"))
}

/// Whatever program is sent says this, and ends well.
pub fn answering(lines: &[&str]) -> Recording {
    written(&exchange(lines))
}

fn exchange(lines: &[&str]) -> String {
    let lines: String = lines.iter().flat_map(|line| ["< ", line, "\n"]).collect();
    format!("exec any\n{lines}* exit 0\n")
}

/// Root is refused for a reason of `become.sh`, e.g. `sudo-password-needed`.
pub fn refusing_root(reason: &str) -> Recording {
    answering(&[&format!("{{nonce}} refused {reason}"), "{nonce} end refused"])
}

/// What a look at a Debian tells that is fresh from its image.
const BARE: [&str; 17] = [
    "{nonce} begin 0",
    r#"{nonce} os PRETTY_NAME="Debian GNU/Linux 12 (bookworm)""#,
    r#"{nonce} os VERSION_ID="12""#,
    "{nonce} os ID=debian",
    "{nonce} architecture amd64",
    "{nonce} machine {address}",
    "{nonce} systemd",
    "{nonce} addresses {address}",
    "{nonce} clock {now}",
    "{nonce} disk /var 1000000 4096 500000 900000",
    "{nonce} present",
    "{nonce} unit MainPID=0",
    "{nonce} unit LoadState=not-found",
    "{nonce} unit ActiveState=inactive",
    "{nonce} unit SubState=dead",
    "{nonce} mirror yes",
    "{nonce} end ok",
];

/// A Debian that is fresh from its image.
pub fn bare() -> Recording {
    answering(&BARE)
}

/// The same with more answers, which count before its own.
pub fn bare_with(answers: &[String]) -> Recording {
    let word = |answer: &str| answer.split(' ').nth(1).unwrap_or_default().to_owned();
    let told: Vec<String> = answers.iter().map(|answer| word(answer)).collect();
    let (first, rest) = BARE.split_first().unwrap();
    let own = rest.iter().copied().filter(|line| !told.contains(&word(line)));
    let lines: Vec<&str> =
        std::iter::once(*first).chain(answers.iter().map(String::as_str)).chain(own).collect();
    answering(&lines)
}

/// A bare host on which the first step of a run ends with a fault of `src/remote/failure/`.
pub fn failing_run(fault: &str) -> Recording {
    let lines = ["begin 0", "started 0", &format!("failed 0 {fault}"), "end failed"];
    let run = exchange(&lines.map(|line| format!("{{nonce}} {line}")).each_ref().map(String::as_str));
    written(&(exchange(&BARE) + &run))
}

/// The look at a host ends with a fault of `src/remote/failure/`.
pub fn failing(fault: &str) -> Recording {
    answering(&["{nonce} begin 0", &format!("{{nonce}} {fault}"), "{nonce} end failed"])
}

/// The connection is lost while a program runs.
pub fn lost() -> Recording {
    written("exec any\n< {nonce} begin 0\n* lost the connection was closed")
}

/// A bare host on which a run waits for apt until its input is closed, and then ends the first step.
pub fn busy() -> Recording {
    let run = "exec any
< {nonce} begin 0
< {nonce} started 0
< {nonce} waiting unattended-upgr
* closed
< {nonce} done 0 900
< {nonce} end interrupted
* exit 0";
    written(&(exchange(&BARE) + run))
}

/// Whatever program is sent goes on until its input is closed.
pub fn patient() -> Recording {
    written("exec any\n< {nonce} begin 0\n* closed\n< {nonce} end interrupted\n* exit 0")
}

/// Programs print without end.
pub fn flooding() -> Recording {
    written("exec any\n< {nonce} begin 0\n* flood")
}

/// Programs say a line without end: `< LINE`, or `! LINE` on standard error.
pub fn flooding_with(line: &str) -> Recording {
    written(&format!("exec any\n< {{nonce}} begin 0\n* flood {line}"))
}

/// A bare host on which a run says a line without end.
pub fn flooding_apply(line: &str) -> Recording {
    let run = format!("exec any\n< {{nonce}} begin 0\n< {{nonce}} started 0\n* flood {line}");
    written(&(exchange(&BARE) + &run))
}

impl Recording {
    /// What a placeholder of the recording stands for.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.text.push_str(&format!("set {name} {value}\n"));
        self
    }

    /// Each answer of a program ends with what could harm a terminal, and a line of the same comes before it; so do the
    /// titles of pages, and what HAProxy says of servers, which are all down.
    pub fn hostile(mut self) -> Self {
        const HARM: &str = r"\x1b]0;owned\x07\x1b[31m\xc2\x9b2J\xe2\x80\xaeevil\x00";
        let line = |line: &str| match line.strip_prefix("< {nonce} ") {
            Some(answer) if !answer.starts_with("end ") && !answer.starts_with("begin ") => {
                format!("< {HARM}\n{line}{HARM}\n")
            }
            Some(_) => format!("{line}\n"),
            None => {
                let line = line.replace("</title>", &format!("{HARM}</title>")).replace(",UP,", ",DOWN,");
                line.replace("Layer7 check passed", HARM) + "\n"
            }
        };
        self.text = self.text.lines().map(line).collect();
        self
    }

    /// The recording as the host with this name and address has it. No two are one machine.
    pub fn text(&self, name: &str, address: &str) -> String {
        let own = address.bytes().fold(String::new(), |own, byte| own + &format!("{byte:02x}"));
        format!(
            "{}set name {name}\nset machine {own:0<32}\nset boot {own:0<32}\n\
             set key AAAAC3NzaC1lZDI1NTE5AAAAI{own:A<43}\nsource {}\n",
            self.text, self.source
        )
    }
}
