//! Which way packages reach a host: its own, or the laptop's relay at the end of a reverse forward, or files that are
//! uploaded.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::event::{Event, Level, Traffic};
use crate::model::{Facts, Failure, Host, HostText, Operation, PackageSource, Step, clean_line, text};
use crate::packages::{self, Admission, PackageRelay};
use crate::remote::{End, PackageWay};
use crate::transport::{ForwardError, Input, ReverseForward, Session};

use super::Runner;
use super::host_log::HostLog;
use super::upload::Upload;

/// How often is looked at what went through the relay: often enough to be seen moving.
const SAMPLING: Duration = Duration::from_millis(500);

/// A host's way to the relay, open as long as this lives.
pub(super) struct Supply {
    pub(super) admission: Arc<Admission>,
    /// `None` where sshd forbids it: then files are uploaded.
    forward: Option<Forward>,
    own_tls: Vec<HostText>,
}

struct Forward {
    /// What apt is given as its proxy.
    url: String,
    _serving: AbortOnDropHandle<()>,
}

impl Supply {
    /// In the words of the programs.
    pub(super) fn way(&self) -> PackageWay<'_> {
        self.forward.as_ref().map_or(PackageWay::Upload, |forward| PackageWay::Relay {
            url: &forward.url,
            own_tls: &self.own_tls,
        })
    }

    /// Answers what the program behind `input` asks for, where there is no forward.
    pub(super) fn upload(&self, relay: &PackageRelay, input: Input) -> Option<Upload> {
        let begin = || Upload::begin(relay.clone(), Arc::clone(&self.admission), input);
        self.forward.is_none().then(begin)
    }
}

impl Runner {
    /// Opens a way to the relay where the plan installs something and the host's own way is not to be used.
    pub(super) async fn supply(
        &self,
        host: &Host,
        session: &Session,
        facts: &Facts,
        steps: &[(usize, Step)],
    ) -> Result<Option<Supply>, Failure> {
        let own_way_fails = facts.mirror_reachable == Some(false);
        match host.packages.via {
            _ if !installs(steps.iter().map(|(_, step)| step)) => return Ok(None),
            PackageSource::Host => return Ok(None),
            PackageSource::Auto if !own_way_fails => return Ok(None),
            PackageSource::Auto => {
                self.note(
                    host,
                    Level::Info,
                    text!(
                        en: "its mirrors do not answer: packages come through this machine",
                        pt: "os espelhos dela não respondem: os pacotes passam por este computador",
                    ),
                );
            }
            PackageSource::Laptop => {}
        }
        self.relay_for(host, session, facts).await.map(Some)
    }

    /// Opens a host's way to the relay, to what its own package sources name.
    pub(super) async fn relay_for(
        &self,
        host: &Host,
        session: &Session,
        facts: &Facts,
    ) -> Result<Supply, Failure> {
        let forward = match session.reverse_forward().await {
            Ok(forward) => Some(forward),
            Err(ForwardError::Forbidden) => {
                let message = text!(
                    en: "its sshd forbids forwarding: packages are uploaded instead",
                    pt: "o sshd dela proíbe redirecionamento: os pacotes são enviados",
                );
                self.note(host, Level::Info, message);
                None
            }
            Err(ForwardError::Failed(failure)) => return Err(failure),
        };
        let sources = packages::sources(&facts.apt_sources).with_own_tls(&facts.own_tls);
        for source in sources.unsupported() {
            let source = clean_line(source, 200);
            self.note(
                host,
                Level::Detail,
                text!(
                    en: "packages of {source} cannot come through this machine",
                    pt: "pacotes de {source} não podem passar por este computador",
                ),
            );
        }
        let admission = Arc::new(self.relay.admit(&host.id, sources));
        let forward = forward.map(|forward| self.serve(&admission, forward));
        Ok(Supply { admission, forward, own_tls: facts.own_tls.clone() })
    }

    fn serve(&self, admission: &Arc<Admission>, mut forward: ReverseForward) -> Forward {
        let url = admission.proxy_url(forward.port);
        let (relay, admitted) = (self.relay.clone(), Arc::clone(admission));
        let serving = tokio::spawn(async move {
            // Dropped with this task, and with it every connection.
            let mut connections = JoinSet::new();
            while let Some(stream) = forward.accept().await {
                connections.spawn(relay.serve(&admitted, stream));
                while connections.try_join_next().is_some() {}
            }
        });
        Forward { url, _serving: AbortOnDropHandle::new(serving) }
    }

    /// Tells what goes through the relay for as long as it is polled.
    pub(super) async fn watch_packages(&self) -> Infallible {
        let mut known = self.traffic();
        loop {
            tokio::time::sleep(SAMPLING).await;
            let traffic = self.traffic();
            if traffic != known {
                self.send(Event::PackagesMoved(traffic));
                known = traffic;
            }
        }
    }

    /// Says what went through the relay, and brings its cache back to its size.
    pub async fn settle_packages(&self) {
        let traffic = self.traffic();
        if traffic.hosts > 0 {
            self.send(Event::PackagesSettled(traffic));
        }
        if let Err(error) = self.relay.tidy().await {
            self.send(Event::Note { host: None, level: Level::Warning, message: error.message });
        }
    }

    fn traffic(&self) -> Traffic {
        let counters = self.relay.counters();
        Traffic {
            served: counters.served_bytes,
            downloaded: counters.downloaded_bytes,
            hosts: counters.hosts,
        }
    }

    /// Drops what apt found damaged from the cache, unless it got a good one when it asked past the cache, and passes on
    /// what the relay has to say.
    pub(super) async fn account(&self, supply: &Supply, executed: &Result<End, Failure>, log: &HostLog) {
        let complaints: Vec<String> =
            log.lines().filter(|line| is_of_damage(line)).map(str::to_owned).collect();
        if executed.is_err() && !complaints.is_empty() {
            let dropped = self.relay.distrust(&supply.admission, complaints).await;
            self.send(Event::Note {
                host: None,
                level: Level::Warning,
                message: text!(
                    en: "apt found damaged files; {dropped} were dropped from the cache",
                    pt: "o apt achou arquivos danificados; {dropped} saíram do cache",
                ),
            });
        }
        for message in self.relay.take_notes() {
            self.send(Event::Note { host: None, level: Level::Warning, message });
        }
    }
}

/// Whether apt says that a file is not what an index promises.
fn is_of_damage(line: &str) -> bool {
    line.contains("Hash Sum mismatch") || line.contains("File has unexpected size")
}

/// Whether a plan asks apt for anything.
pub(super) fn installs<'s>(steps: impl IntoIterator<Item = &'s Step>) -> bool {
    steps
        .into_iter()
        .any(|step| matches!(step.operation, Operation::InstallPackage(_) | Operation::RepairDpkg))
}

#[cfg(test)]
mod tests {
    use crate::model::HostId;
    use crate::packages::RelayOptions;
    use crate::remote::{self, ApplyEvent, ApplyReader, Reader};

    use super::*;

    /// What is told of a host whose program says that the relay did not serve its apt.
    fn told(supply: &Supply, words: &str) -> String {
        let event = ApplyReader.answer("failed", &format!("0 apt-relay {words} ")).unwrap();
        let Some(ApplyEvent::Failed(0, failure, refusal)) = event else { panic!("{event:?}") };
        let reason = refusal.and_then(|number| supply.admission.reason(number));
        let failure = reason.map_or(failure, |reason| remote::refused_by_relay(&reason));
        format!("{}\n{}\n", failure.message.sample(), failure.hint.unwrap().sample())
    }

    #[tokio::test]
    async fn what_apt_repeats_of_the_relay_is_told_in_both_languages_and_other_words_stay() {
        let cache = tempfile::tempdir().unwrap();
        let options =
            RelayOptions { cache_dir: Some(cache.path().join("packages")), ..RelayOptions::default() };
        let relay = PackageRelay::new(options).unwrap();
        let admission =
            relay.admit(&HostId::new("default", "web01"), packages::sources(&"http://deb.example/".into()));
        let refusal =
            relay.obtain(&admission, "http://other.example/a", None, false).await.unwrap_err().line();
        let repeated = refusal.strip_prefix("403 provision: ").unwrap().to_owned();
        let supply = Supply { admission: Arc::new(admission), forward: None, own_tls: Vec::new() };
        let all = [&repeated, "the laptop's disk is full"].map(|words| told(&supply, words));
        insta::assert_snapshot!(all.concat());
    }
}
