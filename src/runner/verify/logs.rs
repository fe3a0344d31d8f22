//! The last lines of the service behind a failed check: one bounded execution on a host that has one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use crate::model::{Check, CheckKind, CheckStatus, Failure, HostId, Role};
use crate::remote::{Credentials, LogReader, LogSource, Nonce, ServiceLog, logs};
use crate::transport::{Output, Session};

use super::Subject;

/// Reading has tighter limits of its own on the host.
const LIMIT: Duration = Duration::from_secs(20);

const APACHE: LogSource<'_> = LogSource { service: "apache2", file: "/var/log/apache2/error.log" };
const HAPROXY: LogSource<'_> = LogSource { service: "haproxy", file: "/var/log/haproxy.log" };

/// Checks whose failure a log may explain.
pub type Wanted = BTreeSet<(HostId, CheckKind)>;

/// Adds the logs to failed checks, each as soon as it is read. A log that cannot be read is no failure of its own.
pub async fn fill(checks: &mut [Check], wanted: &Wanted, subjects: &[Subject<'_>], forks: usize) {
    let asked = subjects.iter().filter_map(|subject| {
        let session = subject.session.get()?.as_deref().ok()?;
        let sources = sources(subject, checks, wanted);
        (!sources.is_empty()).then_some((subject, session, sources))
    });
    let asked: Vec<_> = asked.collect();
    let mut reading = stream::iter(asked)
        .map(async |(subject, session, sources)| {
            let reading = read(session, &sources, subject.credentials);
            let logs = tokio::time::timeout(LIMIT, reading).await.ok()?.ok()?;
            Some((&subject.host.id, logs))
        })
        .buffer_unordered(forks);
    while let Some(read) = reading.next().await {
        let Some((host, logs)) = read else { continue };
        for check in checks.iter_mut().filter(|check| check.host == *host && is_wanted(check, wanted)) {
            check.log_tail = tail(check, &logs);
        }
    }
}

fn is_wanted(check: &Check, wanted: &Wanted) -> bool {
    check.status == CheckStatus::Fail && wanted.contains(&(check.host.clone(), check.kind))
}

/// The logs that the failed checks of a host may want.
fn sources<'a>(subject: &Subject<'_>, checks: &[Check], wanted: &Wanted) -> Vec<LogSource<'a>> {
    let of_host = |check: &&Check| check.host == subject.host.id && is_wanted(check, wanted);
    let kinds: BTreeSet<_> = checks.iter().filter(of_host).map(|check| check.kind).collect();
    let service = kinds.contains(&CheckKind::Service);
    let web = kinds.contains(&CheckKind::Http) || service && subject.host.has(Role::Web);
    let balancer = kinds.contains(&CheckKind::Balance)
        || kinds.contains(&CheckKind::Stats)
        || service && subject.host.has(Role::Balancer);
    [(web, APACHE), (balancer, HAPROXY)]
        .into_iter()
        .filter_map(|(needed, source)| needed.then_some(source))
        .collect()
}

async fn read(
    session: &Session,
    sources: &[LogSource<'_>],
    credentials: Credentials<'_>,
) -> Result<BTreeMap<String, ServiceLog>, Failure> {
    let nonce = Nonce::new(rand::random());
    let invocation = logs(sources, credentials, &nonce)?;
    let mut reader = LogReader::new(&nonce);
    let mut execution = session.exec(invocation.command, invocation.input).await?;
    while let Some(output) = execution.next().await {
        if let Output::Stdout(bytes) = output {
            reader.feed(&bytes)?;
        }
    }
    reader.finish()
}

/// What of the logs belongs to a check.
fn tail(check: &Check, logs: &BTreeMap<String, ServiceLog>) -> Vec<String> {
    let of = |source: LogSource<'_>| logs.get(source.service).cloned().unwrap_or_default();
    let own_words = |log: ServiceLog| if log.file.is_empty() { log.journal } else { log.file };
    match check.kind {
        // It names the services that do not run.
        CheckKind::Service => [APACHE, HAPROXY]
            .into_iter()
            .filter(|source| check.detail.english().contains(source.service))
            .flat_map(|source| of(source).journal)
            .collect(),
        CheckKind::Http => own_words(of(APACHE)),
        CheckKind::Balance | CheckKind::Stats => own_words(of(HAPROXY)),
        CheckKind::Ssh | CheckKind::Socket => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;
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
        let tail_of = |kind, seen| {
            let [seen, expected, next] = [seen, "more", "look"].map(Text::verbatim);
            let verdict = Verdict::fail(seen, expected, next);
            tail(&verdict.into_check(kind, host.clone(), Duration::ZERO), &logs)
        };
        assert_eq!(tail_of(CheckKind::Service, "apache2 is inactive"), ["Stopped apache2"]);
        assert_eq!(tail_of(CheckKind::Http, "HTTP 500"), ["AH00169: caught SIGTERM"]);
        assert_eq!(tail_of(CheckKind::Stats, "web02 is DOWN"), ["Server backend_servers/web02 is DOWN"]);
        assert_eq!(tail_of(CheckKind::Socket, "no answer"), Vec::<String>::new());
    }
}
