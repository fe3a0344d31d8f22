//! `socket`: what the program on the host found when it spoke with a private copy of each variant.

use super::target::Target;
use super::verdict::Verdict;

/// A folder of the socket lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SocketVariant {
    /// `01-simples`
    Simple,
    /// `02-sequencial`
    Sequential,
    /// `03-thread`
    Thread,
}

/// How far a variant came: all the way, or to the step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketStep {
    /// Everything was as it should be.
    Passed,
    /// The files of the lab are there.
    Files,
    /// A private copy could be made.
    Setup,
    /// The server listens.
    Start,
    /// A message is answered with the message and `*`.
    Answer,
    /// Simple: the server ends when its client leaves.
    End,
    /// Sequential: the second client waits.
    Wait,
    /// Sequential: `fim` frees the server for the next client. Thread: `fim` ends the connection.
    Free,
    /// Thread: several clients are served at once.
    Together,
    /// A client that leaves without `fim` does no harm.
    Survive,
    /// Our client has its conversation and ends.
    Client,
}

/// What the program on the host says of one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketReport {
    /// Which.
    pub variant: SocketVariant,
    /// How far it came.
    pub step: SocketStep,
    /// What was seen at the step that failed, in the host's words.
    pub seen: String,
}

/// All that is known after the socket program ran, or could not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketFindings {
    /// There is no `python3` on the host.
    NoPython,
    /// The program could not do its work, with its words.
    Broken(String),
    /// What it found.
    Reports(Vec<SocketReport>),
}

impl SocketVariant {
    /// All variants, in the order of the lecture.
    pub const ALL: [Self; 3] = [Self::Simple, Self::Sequential, Self::Thread];

    /// The name that the program on the host uses, and that people read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Sequential => "sequential",
            Self::Thread => "thread",
        }
    }
}

impl SocketStep {
    /// A step by the name that the program on the host uses.
    fn new(name: &str) -> Option<Self> {
        Some(match name {
            "ok" => Self::Passed,
            "files" => Self::Files,
            "setup" => Self::Setup,
            "start" => Self::Start,
            "answer" => Self::Answer,
            "end" => Self::End,
            "wait" => Self::Wait,
            "free" => Self::Free,
            "together" => Self::Together,
            "survive" => Self::Survive,
            "client" => Self::Client,
            _ => return None,
        })
    }

    fn expected(self, variant: SocketVariant) -> &'static str {
        match (self, variant) {
            (Self::Passed, _) => "",
            (Self::Files, _) => "server, client and constCS.py in the variant's folder, readable by all",
            (Self::Setup, _) => "room for a private copy of the folder",
            (Self::Start, _) => "a server that listens on PORT of constCS.py",
            (Self::Answer, _) => "each message answered with the message and `*`",
            (Self::End, _) => "the server to end when its client leaves",
            (Self::Wait, _) => "the second client to wait while the first is served",
            (Self::Free, SocketVariant::Thread) => "`fim` to end the connection",
            (Self::Free, _) => "`fim` to free the server for the waiting client",
            (Self::Together, _) => "all clients to be served at the same time",
            (Self::Survive, _) => "the server to serve on after a client left without `fim`",
            (Self::Client, SocketVariant::Simple) => "the client to print `Hello World*` and end",
            (Self::Client, _) => "the client to print each answer and end after `fim`",
        }
    }

    /// Whether a slow machine may be the cause, so that asking once more makes sense.
    fn may_be_slowness(self) -> bool {
        !matches!(self, Self::Passed | Self::Files | Self::Wait)
    }
}

impl SocketReport {
    /// Reads a line of the program: variant, step, what was seen, separated by tabs.
    pub fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(3, '\t');
        let name = fields.next()?;
        let variant = SocketVariant::ALL.into_iter().find(|variant| variant.as_str() == name)?;
        let step = SocketStep::new(fields.next()?.trim_end())?;
        Some(Self { variant, step, seen: fields.next().unwrap_or_default().trim().to_owned() })
    }
}

impl SocketFindings {
    /// Whether asking once more may have another result.
    pub fn worth_another_try(&self) -> bool {
        match self {
            Self::NoPython => false,
            Self::Broken(_) => true,
            Self::Reports(reports) => {
                reports.len() < SocketVariant::ALL.len()
                    || reports.iter().any(|report| report.step.may_be_slowness())
            }
        }
    }
}

/// Judges what was found in the lab at `path`.
pub fn judge(host: &Target, path: &str, findings: &SocketFindings) -> Verdict {
    let apply = host.command("apply");
    let reports = match findings {
        SocketFindings::NoPython => {
            return Verdict::fail(
                "python3 is not installed",
                "python3 for the socket lab",
                format!("{apply} installs it"),
            );
        }
        SocketFindings::Broken(words) => {
            return Verdict::fail(
                format!("the probe could not run on the host: {words}"),
                "the three variants to speak their protocol",
                format!(
                    "try {} once more; on the host, see that /tmp has room and python3 runs",
                    host.command("verify")
                ),
            );
        }
        SocketFindings::Reports(reports) => reports,
    };
    let mut seen = Vec::new();
    let mut expected = Vec::new();
    let mut passed = 0;
    for variant in SocketVariant::ALL {
        match reports.iter().find(|report| report.variant == variant) {
            None => {
                seen.push(format!("{}: no verdict in time", variant.as_str()));
                expected.push("the variant to speak its protocol");
            }
            Some(report) if report.step == SocketStep::Passed => passed += 1,
            Some(report) => {
                seen.push(format!("{}: {}", variant.as_str(), report.seen));
                expected.push(report.step.expected(variant));
            }
        }
    }
    if seen.is_empty() {
        return Verdict::pass("simple, sequential and thread speak their protocol");
    }
    expected.dedup();
    let rest = if passed > 0 { format!(" ({passed} of 3 variants pass)") } else { String::new() };
    Verdict::fail(
        format!("{}{rest}", seen.join("; ")),
        expected.join("; "),
        format!("{} shows what differs in {path}; {apply} puts the files right", host.command("plan")),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::HostId;

    #[test]
    fn every_step_has_its_verdict() {
        let host = Target::new(&HostId::new("ana", "web01"), Path::new("inventory.yaml"));
        let good = ["simple\tok\t", "sequential\tok\t", "thread\tok\t"];
        let with = |index: usize, line: &'static str| {
            let mut lines = good;
            lines[index] = line;
            SocketFindings::Reports(lines.into_iter().filter_map(SocketReport::parse).collect())
        };
        let cases = [
            with(0, good[0]),
            SocketFindings::NoPython,
            SocketFindings::Broken("No space left on device".to_owned()),
            with(0, "simple\tfiles\tclient-book.py is not in /opt/socket/01-simples"),
            with(0, "simple\tstart\tserver-book.py ended at once: SyntaxError: invalid syntax"),
            with(0, "simple\tend\tserver-book.py was still running 2 s after its client had left"),
            with(
                1,
                "sequential\twait\tthe second client was answered 'second*' while the first was still served",
            ),
            with(1, "sequential\tfree\tno answer within 2 s to 'second'"),
            with(2, "thread\ttogether\tno answer within 2 s to 'client 2'"),
            with(2, "thread\tfree\tthe connection stayed open after `fim`"),
            with(2, "thread\tsurvive\tserver-thread.py ended: ConnectionResetError"),
            with(2, "nonsense"),
            SocketFindings::Reports(Vec::new()),
        ];
        let verdicts: Vec<_> = cases
            .iter()
            .map(|findings| {
                let verdict = judge(&host, "/opt/socket", findings);
                let hint =
                    verdict.hint.map(|hint| format!("\n    -> {}", hint.english())).unwrap_or_default();
                let again = if findings.worth_another_try() { " (worth another try)" } else { "" };
                format!("{}: {}{hint}{again}", verdict.status.as_str(), verdict.detail.english())
            })
            .collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }

    #[test]
    fn what_is_no_report_is_none() {
        for line in ["", "simple", "simple\tunheard", "other\tok\t"] {
            assert_eq!(SocketReport::parse(line), None, "{line:?}");
        }
    }
}
