//! `socket`: what the program on the host found when it spoke with a private copy of each variant.

mod fault;
mod remedy;
mod surroundings;

use std::collections::BTreeSet;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::model::{CheckKind, Probe, PythonFact, Text, Whose, text};

use super::target::Target;
use super::verdict::Verdict;
use remedy::Remedy;
use surroundings::without_python;

pub use surroundings::explain;

pub const PROBE: Probe = Probe {
    kind: CheckKind::SOCKET,
    of: Whose::WithSocketLab,
    needs: &[CheckKind::SSH],
    needs_of_others: &[],
    asks_pages: false,
    proof: || {
        text!(
            en: "the three socket servers speak their protocol",
            pt: "os três servidores da prática de sockets falam o seu protocolo",
        )
    },
    description: "The three socket variants speak their protocol.",
};

/// A folder of the socket lab, in the order of the lecture.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum SocketVariant {
    /// `01-simples`
    Simple,
    /// `02-sequencial`
    Sequential,
    /// `03-thread`
    Thread,
}

/// How far a variant came: all the way, or to the step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum SocketStep {
    /// Everything was as it should be.
    #[strum(serialize = "ok")]
    Passed,
    /// The files of the lab are there.
    Files,
    /// A private copy could be made.
    Setup,
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
    pub variant: SocketVariant,
    pub step: SocketStep,
    /// What was seen at the step that failed.
    pub seen: Text,
    remedy: Remedy,
}

/// All that is known after the socket program ran, or could not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketFindings {
    /// There is no `python3` on the host, or one that fails.
    Python(PythonFact),
    /// The folder has no room for a private copy.
    NoRoom(Text),
    /// The program could not do its work, with its words.
    Broken(Text),
    Reports(Vec<SocketReport>),
}

impl SocketVariant {
    /// The name that people read.
    fn name(self) -> Text {
        let name = self.into_str();
        match self {
            Self::Simple => text!(en: "{name}", pt: "simples"),
            Self::Sequential => text!(en: "{name}", pt: "sequencial"),
            Self::Thread => Text::verbatim(name),
        }
    }
}

impl SocketStep {
    fn expected(self, variant: SocketVariant) -> Text {
        match (self, variant) {
            (Self::Passed, _) => Text::default(),
            (Self::Files, _) => text!(
                en: "server, client and constCS.py in the variant's folder, readable by all",
                pt: "servidor, cliente e constCS.py na pasta da variante, legíveis por todos",
            ),
            (Self::Setup, _) => text!(
                en: "a private copy of the folder that can be made and run",
                pt: "uma cópia de trabalho da pasta que possa ser feita e executada",
            ),
            (Self::Start, _) => text!(
                en: "a server that listens on PORT of constCS.py",
                pt: "um servidor que escuta na PORT de constCS.py",
            ),
            (Self::Answer, _) => text!(
                en: "each message answered with the message and `*`",
                pt: "que cada mensagem seja respondida com a própria mensagem e `*`",
            ),
            (Self::End, _) => text!(
                en: "the server to end when its client leaves",
                pt: "que o servidor termine quando o seu cliente sai",
            ),
            (Self::Wait, _) => text!(
                en: "the second client to wait while the first is served",
                pt: "que o segundo cliente espere enquanto o primeiro é atendido",
            ),
            (Self::Free, SocketVariant::Thread) => {
                text!(en: "`fim` to end the connection", pt: "que `fim` encerre a conexão")
            }
            (Self::Free, _) => text!(
                en: "`fim` to free the server for the waiting client",
                pt: "que `fim` libere o servidor para o cliente que espera",
            ),
            (Self::Together, _) => text!(
                en: "all clients to be served at the same time",
                pt: "que todos os clientes sejam atendidos ao mesmo tempo",
            ),
            (Self::Survive, _) => text!(
                en: "the server to serve on after a client left without `fim`",
                pt: "que o servidor continue atendendo depois que um cliente saiu sem `fim`",
            ),
            (Self::Client, SocketVariant::Simple) => text!(
                en: "the client to print `Hello World*` and end",
                pt: "que o cliente mostre `Hello World*` e termine",
            ),
            (Self::Client, _) => text!(
                en: "the client to print each answer and end after `fim`",
                pt: "que o cliente mostre cada resposta e termine depois de `fim`",
            ),
        }
    }

    /// Whether a slow machine may be the cause, so that asking once more makes sense.
    fn may_be_slowness(self) -> bool {
        !matches!(self, Self::Passed | Self::Files | Self::Wait)
    }
}

impl SocketReport {
    /// Reads a line of the program: variant, step, fault and its particulars, separated by tabs.
    pub fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let variant = fields.next()?.parse().ok()?;
        let step = fields.next()?.trim_end().parse().ok()?;
        let fault = fields.next().unwrap_or_default().trim_end();
        let particulars: Vec<_> = fields.collect();
        let seen = fault::describe(fault, &particulars);
        Some(Self { variant, step, seen, remedy: Remedy::new(step, fault, &particulars) })
    }
}

impl SocketFindings {
    /// Whether asking once more may have another result.
    pub fn worth_another_try(&self) -> bool {
        match self {
            Self::Python(_) => false,
            Self::NoRoom(_) | Self::Broken(_) => true,
            Self::Reports(reports) => {
                reports.len() < SocketVariant::VARIANTS.len()
                    || reports.iter().any(|report| report.step.may_be_slowness())
            }
        }
    }
}

/// Judges what was found in the lab at `path`; `is_intact` tells whether its own files are as they should be, where that
/// is known.
pub fn judge(host: &Target, path: &str, findings: &SocketFindings, is_intact: Option<bool>) -> Verdict {
    let reports = match findings {
        SocketFindings::Python(python) => return without_python(host, python),
        SocketFindings::NoRoom(folder) => {
            let seen = text!(
                en: "no private copy could be made in {folder}",
                pt: "não foi possível fazer uma cópia de trabalho em {folder}",
                folder,
            );
            let next = text!(
                en: "{folder} must be there on the host, with room (`df -h {folder}`), and the login may write in it; `TMPDIR` of the login names another",
                pt: "{folder} precisa existir na máquina, com espaço (`df -h {folder}`), e o login pode gravar nela; a variável `TMPDIR` do login escolhe outra",
                folder,
            );
            return Verdict::fail(seen, all_to_speak(), next);
        }
        SocketFindings::Broken(words) => {
            let seen = text!(
                en: "the probe could not run on the host: {words}",
                pt: "o teste não pôde rodar na máquina: {words}",
                words,
            );
            return Verdict::fail(seen, all_to_speak(), Remedy::Machine.describe(host, path, is_intact));
        }
        SocketFindings::Reports(reports) => reports,
    };
    let mut seen = Vec::new();
    let mut expected = Vec::new();
    let mut remedies = BTreeSet::new();
    let mut passed = 0;
    for &variant in SocketVariant::VARIANTS {
        let name = variant.name();
        match reports.iter().find(|report| report.variant == variant) {
            None => {
                seen.push(
                    text!(en: "{name}: no verdict in time", pt: "{name}: sem resultado no prazo", name),
                );
                expected.push(text!(
                    en: "the variant to speak its protocol",
                    pt: "que a variante fale o seu protocolo",
                ));
                remedies.insert(Remedy::Machine);
            }
            Some(report) if report.step == SocketStep::Passed => passed += 1,
            Some(report) => {
                seen.push(Text::join(&[name, report.seen.clone()], ": "));
                expected.push(report.step.expected(variant));
                remedies.insert(report.remedy.clone());
                if matches!(report.remedy, Remedy::Rename(_)) {
                    // The file may be innocent.
                    remedies.insert(Remedy::Restore);
                }
            }
        }
    }
    if seen.is_empty() {
        return Verdict::pass(text!(
            en: "simple, sequential and thread speak their protocol",
            pt: "simples, sequencial e thread falam o seu protocolo",
        ));
    }
    expected.dedup();
    let mut seen = Text::join(&seen, "; ");
    if passed > 0 {
        seen = text!(
            en: "{seen} ({passed} of 3 variants pass)",
            pt: "{seen} (variantes que passam: {passed} de 3)",
            seen,
        );
    }
    let next: Vec<_> = remedies.iter().map(|remedy| remedy.describe(host, path, is_intact)).collect();
    Verdict::fail(seen, Text::join(&expected, "; "), Text::join(&next, "; "))
}

fn all_to_speak() -> Text {
    text!(
        en: "the three variants to speak their protocol",
        pt: "que as três variantes falem o seu protocolo",
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::{HostId, PythonTrouble};

    fn missing_python(is_installed: bool) -> SocketFindings {
        SocketFindings::Python(PythonFact::Missing { is_installed, version: "3.11".into() })
    }

    fn failing_python(change: impl Fn(&mut PythonTrouble)) -> SocketFindings {
        let mut trouble = PythonTrouble {
            path: "/usr/bin/python3".into(),
            is_installed: true,
            version: "3.11".into(),
            words: "ModuleNotFoundError: No module named 'threading'".into(),
            ..PythonTrouble::default()
        };
        change(&mut trouble);
        SocketFindings::Python(PythonFact::Fails(trouble))
    }

    #[test]
    fn every_step_has_its_verdict() {
        let host = Target::new(&HostId::new("ana", "web01"), Path::new("inventory.yaml"));
        let good = ["simple\tok", "sequential\tok", "thread\tok"];
        let with = |index: usize, line: &'static str| {
            let mut lines = good;
            lines[index] = line;
            SocketFindings::Reports(lines.into_iter().filter_map(SocketReport::parse).collect())
        };
        let cases = [
            with(0, good[0]),
            missing_python(false),
            missing_python(true),
            failing_python(|_| {}),
            failing_python(|trouble| trouble.path = "/usr/local/bin/python3".into()),
            failing_python(|trouble| trouble.file = "/usr/lib/python3.11/sitecustomize.py".into()),
            failing_python(|trouble| (trouble.words, trouble.version) = Default::default()),
            failing_python(|trouble| trouble.variable = "PYTHONHOME=/nonexistent".into()),
            failing_python(|trouble| trouble.for_login_alone = true),
            SocketFindings::NoRoom(Text::verbatim("/nonexistent")),
            SocketFindings::Broken(Text::verbatim("No space left on device")),
            with(0, "simple\tfiles\tmissing\t/opt/socket/01-simples\tclient-book.py"),
            with(1, "sequential\tfiles\tdenied\t/home/ana/socket/02-sequencial"),
            with(2, "thread\tsetup\terror\t[Errno 28] No space left on device"),
            with(2, "thread\tstart\tshadowed\tsocket.py\tended-at-once\tserver-thread.py\tImportError"),
            with(0, "simple\tstart\tended-at-once\tserver-book.py\tSyntaxError: invalid syntax"),
            with(0, "simple\tend\tstill-running\tserver-book.py\t2"),
            with(1, "sequential\twait\tsecond-answered\t'second*'"),
            with(1, "sequential\tfree\tno-answer\t'second'\t2"),
            with(2, "thread\ttogether\tno-answer\t'client 2'\t2"),
            with(2, "thread\tfree\tstill-open"),
            with(2, "thread\tsurvive\tended\tserver-thread.py\tConnectionResetError"),
            with(2, "nonsense"),
            SocketFindings::Reports(Vec::new()),
        ];
        let verdicts: Vec<_> = cases
            .iter()
            .map(|findings| {
                let again = if findings.worth_another_try() { " (worth another try)" } else { "" };
                judge(&host, "/opt/socket", findings, None).sample(again)
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
