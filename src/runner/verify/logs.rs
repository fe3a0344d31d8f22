//! The last lines of the service behind a failed check: one bounded execution on a host that has one.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use crate::model::{Check, CheckKind, CheckStatus, HostId, Service, Text};
use crate::remote::{LogSource, ServiceLog, logs};

use super::super::conversation::Conversation;
use super::super::host_log::HostLog;
use super::Subject;

/// Reading has tighter limits of its own on the host.
const LIMIT: Duration = Duration::from_secs(20);

/// Adds to failed checks the logs that may explain them, each as soon as it is read: what is read by then stays where
/// this is dropped. A log that cannot be read is no failure of its own.
pub async fn read_logs(checks: &mut [Check], subjects: &[Subject<'_>], forks: usize) {
    let asked = subjects.iter().filter_map(|subject| {
        let session = subject.session.get()?.as_deref().ok()?;
        if subject.root_refusal.get().is_some() {
            return None;
        }
        let sources = sources(subject, checks);
        (!sources.is_empty()).then_some((subject, session, sources))
    });
    let asked: Vec<_> = asked.collect();
    let mut reading = stream::iter(asked)
        .map(async |(subject, session, sources)| {
            let mut log = HostLog::default();
            let program = logs(&sources, subject.credentials).ok()?;
            let logs = Conversation::new(session, Some(LIMIT), &mut log).ask(program).await.ok()?;
            Some((&subject.host.id, logs))
        })
        .buffer_unordered(forks);
    while let Some(read) = reading.next().await {
        let Some((host, logs)) = read else { continue };
        for check in checks.iter_mut().filter(|check| is_failed(check, host)) {
            let tail = tail(check, &logs);
            check.log_tail.extend(tail);
        }
    }
}

fn is_failed(check: &Check, host: &HostId) -> bool {
    check.host == *host && check.status == CheckStatus::Fail
}

/// The logs that may explain the failed checks of a host.
fn sources<'a>(subject: &'a Subject<'_>, checks: &[Check]) -> Vec<LogSource<'a>> {
    let failed = || checks.iter().filter(|check| is_failed(check, &subject.host.id));
    let explains = |service: &&Service| failed().any(|check| check.services.contains(&service.name));
    let services = subject.expectation.services.iter().filter(explains);
    services.map(|Service { name, log, .. }| LogSource { service: name, file: log.as_deref() }).collect()
}

/// What of the logs belongs to a check. Why a service does not run, its journal tells best.
fn tail(check: &Check, logs: &BTreeMap<String, ServiceLog>) -> Vec<Text> {
    let logs = check.services.iter().filter_map(|service| logs.get(service));
    let of_journal = |log: &ServiceLog| check.kind == CheckKind::SERVICE || log.file.is_empty();
    let lines = logs.flat_map(|log| if of_journal(log) { &log.journal } else { &log.file });
    lines.map(|line| Text::verbatim(without_preface(line))).collect()
}

/// A line of Apache's error log without what comes before it says what is wrong: there is not room for both.
fn without_preface(line: &str) -> &str {
    let behind = line.find("[client ").and_then(|at| line[at..].split_once("] "));
    behind.map_or(line, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::Verdict;

    #[test]
    fn each_check_gets_the_log_that_helps() {
        let log = |journal: &[&str], file: &[&str]| ServiceLog {
            journal: journal.iter().map(|line| (*line).to_owned()).collect(),
            file: file.iter().map(|line| (*line).to_owned()).collect(),
        };
        let logs = BTreeMap::from([
            ("apache2".to_owned(), log(&["Stopped apache2"], &["AH00169: caught SIGTERM"])),
            ("haproxy".to_owned(), log(&["Server backend_servers/web02 is DOWN"], &[])),
        ]);
        let host = HostId::new("ana", "web01");
        let tail_of = |kind, service: Option<&str>| {
            let [seen, expected, next] = ["less", "more", "look"].map(Text::verbatim);
            let verdict = Verdict::fail(seen, expected, next);
            let verdict = service.into_iter().fold(verdict, Verdict::about);
            let tail = tail(&verdict.into_check(kind, host.clone(), Duration::ZERO), &logs);
            tail.iter().map(|line| line.english().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(tail_of(CheckKind::SERVICE, Some("apache2")), ["Stopped apache2"]);
        assert_eq!(tail_of(CheckKind::HTTP, Some("apache2")), ["AH00169: caught SIGTERM"]);
        assert_eq!(tail_of(CheckKind::STATS, Some("haproxy")), ["Server backend_servers/web02 is DOWN"]);
        assert_eq!(tail_of(CheckKind::SOCKET, None), Vec::<String>::new());
    }

    #[test]
    fn what_comes_before_the_words_of_apache_is_left_out() {
        let line = "[Mon Nov 30 21:00:00.1 2026] [authz_core:error] [pid 7:tid 8] [client 10.0.0.5:4242] AH01630: client \
                    denied by server configuration: /srv/";
        assert_eq!(without_preface(line), "AH01630: client denied by server configuration: /srv/");
        let other = "Nov 30 21:00:00 systemd[1]: Started apache2";
        assert_eq!(without_preface(other), other);
        assert_eq!(without_preface("[client"), "[client");
    }
}
