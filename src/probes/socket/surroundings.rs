//! What keeps programs of students from running, or from reaching each other, whatever the lab's files are like.

use crate::model::{CheckStatus, PythonFact, Standpoint, loopback, text};

use super::super::target::Target;
use super::super::verdict::Verdict;

/// The verdict where python3 is not there, or fails.
pub fn without_python(host: &Target, python: &PythonFact) -> Verdict {
    let seen = python.fault().unwrap_or_default();
    let next = python.mend().unwrap_or_else(|| {
        host.mended_by_apply(|_, apply| text!(en: "{apply} installs it", pt: "{apply} o instala"))
    });
    let expected = text!(en: "python3 for the socket lab", pt: "python3 para a prática de sockets");
    Verdict::fail(seen, expected, next)
}

/// A verdict with what the private copy does not meet: `server` is the name that clients of the lab connect to.
pub fn explain(host: &Target, verdict: Verdict, server: Option<&str>, standpoint: &Standpoint) -> Verdict {
    match verdict.status {
        CheckStatus::Fail => {
            if let Some(up) = host.without_loopback() {
                return Verdict { hint: Some(up), ..verdict };
            }
            verdict
        }
        CheckStatus::Pass => {
            let misled = server.and_then(|server| loopback::misled(server, standpoint.leads_to(server)));
            let Some((seen, mend)) = misled else { return verdict };
            let expected = text!(
                en: "SERVER of constCS.py to lead clients to their server",
                pt: "que SERVER de constCS.py leve os clientes ao seu servidor",
            );
            Verdict::fail(seen, expected, mend)
        }
        CheckStatus::Skip => verdict,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::{HostId, Text};
    use crate::probes::Ground;

    /// Who cannot speak at all is told so first.
    #[test]
    fn a_name_that_leads_astray_fails_what_passed() {
        let host = Target::new(&HostId::new("ana", "web01"), Path::new("inventory.yaml"));
        let pass = || Verdict::pass(Text::verbatim("they speak"));
        let fail = || Verdict::fail(Text::verbatim("silent"), Text::default(), Text::verbatim("look"));
        let leading = |address: &str| Standpoint {
            names: [("localhost".to_owned(), vec![address.parse().unwrap()])].into(),
            ..Standpoint::default()
        };
        let (right, wrong) = (leading("127.0.0.1"), leading("10.0.0.9"));
        assert_eq!(explain(&host, pass(), Some("localhost"), &right), pass());
        assert_eq!(explain(&host, pass(), None, &wrong), pass());
        assert_eq!(explain(&host, fail(), Some("localhost"), &wrong), fail());
        let down = host.on(Ground { without_loopback: true, ..Ground::default() });
        let verdicts = [
            explain(&host, pass(), Some("localhost"), &wrong),
            explain(&host, pass(), Some("web02.lab"), &wrong),
            explain(&down, fail(), Some("localhost"), &right),
        ];
        insta::assert_snapshot!(verdicts.map(|verdict| verdict.sample("")).join("\n"));
    }
}
