//! Who waits for whom in a run: a host that stands in front of others follows them, once they are ready, and they keep
//! what it still uses until it has followed. Nobody else waits.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::model::{Host, HostId, Unready};

/// So long all hosts behind another one are waited for, once the last of them was begun. Then it follows those that are
/// ready, and later the others.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far all hosts of a run are.
pub(super) struct Order<'a> {
    /// The hosts of each cluster.
    clusters: HashMap<&'a str, Vec<&'a Host>>,
    /// Hosts that this run leaves alone. Nobody waits for them, and what they use is kept.
    others: &'a [&'a Host],
    stations: watch::Sender<Stations>,
    patience: Duration,
}

type Stations = HashMap<HostId, Station>;

/// How far a host is.
#[derive(Debug, Default)]
struct Station {
    begun: Option<Instant>,
    was_reached: bool,
    /// It is as those in front of it should use it.
    is_ready: bool,
    has_ended: bool,
    /// The hosts behind it that it uses as the inventory says.
    follows: BTreeSet<HostId>,
    /// It uses no host any more that is not behind it.
    has_followed: bool,
}

/// A host among those of its cluster. When it is dropped, nobody waits for it any more.
pub(super) struct Turns<'a> {
    order: &'a Order<'a>,
    host: HostId,
    /// The hosts that it stands in front of.
    behind: Vec<HostId>,
    /// The hosts in front of it.
    before: Vec<HostId>,
    /// Those in front of others of its cluster, which may still use what it had.
    fronts: Vec<HostId>,
    /// Those in front of it that this run leaves alone.
    others: Vec<HostId>,
    /// Those in front of others of its cluster.
    other_fronts: Vec<HostId>,
}

/// How far the hosts behind another one are.
pub(super) struct Behind {
    pub(super) ready: BTreeSet<HostId>,
    pub(super) unready: BTreeMap<HostId, Unready>,
    /// Whether that is their last word.
    pub(super) is_settled: bool,
}

impl<'a> Order<'a> {
    pub(super) fn new(hosts: &'a [&'a Host], others: &'a [&'a Host]) -> Self {
        let mut clusters: HashMap<_, Vec<_>> = HashMap::new();
        for host in hosts {
            clusters.entry(host.cluster.as_str()).or_default().push(*host);
        }
        let stations = hosts.iter().map(|host| (host.id.clone(), Station::default())).collect();
        Self { clusters, others, stations: watch::Sender::new(stations), patience: PATIENCE }
    }

    /// Work on a host begins.
    pub(super) fn begin(&'a self, host: &Host) -> Turns<'a> {
        let ids = |are: &dyn Fn(&Host) -> bool| -> Vec<HostId> {
            let members = self.clusters.get(host.cluster.as_str()).into_iter().flatten();
            members.filter(|other| are(other)).map(|other| other.id.clone()).collect()
        };
        let others = |are: &dyn Fn(&Host) -> bool| -> Vec<HostId> {
            self.others.iter().filter(|other| are(other)).map(|other| other.id.clone()).collect()
        };
        let turns = Turns {
            order: self,
            host: host.id.clone(),
            behind: ids(&|other| fronts(host, other)),
            before: ids(&|other| fronts(other, host)),
            fronts: ids(&|other| other.id != host.id && is_front(other, &host.cluster)),
            others: others(&|other| fronts(other, host)),
            other_fronts: others(&|other| is_front(other, &host.cluster)),
        };
        turns.begins();
        turns
    }
}

fn fronts(front: &Host, host: &Host) -> bool {
    let mut roles = front.roles.iter().filter_map(|role| role.fronts());
    front.cluster == host.cluster && roles.any(|role| host.role(role).is_some())
}

fn is_front(host: &Host, cluster: &str) -> bool {
    host.cluster == cluster && host.roles.iter().any(|role| role.fronts().is_some())
}

impl Turns<'_> {
    fn note(&self, note: impl FnOnce(&mut Station)) {
        self.order.stations.send_modify(|stations| note(stations.entry(self.host.clone()).or_default()));
    }

    /// Work on it goes on, so that others may count on it soon.
    pub(super) fn begins(&self) {
        self.note(|station| station.begun = Some(Instant::now()));
    }

    /// It does not go on before others are done, however long that takes.
    pub(super) fn awaits_its_turn(&self) {
        self.note(|station| station.begun = None);
    }

    pub(super) fn is_reached(&self) {
        self.note(|station| station.was_reached = true);
    }

    pub(super) fn is_ready(&self) {
        self.note(|station| station.is_ready = true);
    }

    /// It uses these hosts as the inventory says.
    pub(super) fn follows(&self, hosts: BTreeSet<HostId>) {
        self.note(|station| (station.follows, station.has_followed) = (hosts, true));
    }

    pub(super) fn follows_all(&self) {
        self.follows(self.behind.iter().cloned().collect());
    }

    /// Whether somebody stands in front of it, or did where it leaves what it was for.
    pub(super) fn is_behind(&self, leaves: bool) -> bool {
        let were = leaves && !(self.fronts.is_empty() && self.other_fronts.is_empty());
        were || !(self.before.is_empty() && self.others.is_empty())
    }

    /// Waits for the hosts behind it. After a while others than those `known` are enough.
    pub(super) async fn behind(&self, known: &BTreeSet<HostId>) -> Behind {
        let all = async {
            let mut stations = self.order.stations.subscribe();
            // The sender lives as long as the order.
            let _ = stations.wait_for(|stations| self.are_settled(stations)).await;
        };
        let some = async {
            let mut stations = self.order.stations.subscribe();
            let begun = |stations: &Stations| -> Option<Vec<Instant>> {
                self.behind.iter().map(|host| stations.get(host)?.begun).collect()
            };
            let begun = {
                let all_begun = stations.wait_for(|stations| begun(stations).is_some()).await;
                all_begun.ok().and_then(|stations| begun(&stations))
            };
            if let Some(last) = begun.iter().flatten().max() {
                tokio::time::sleep_until(*last + self.order.patience).await;
            }
            let _ = stations.wait_for(|stations| self.ready(stations) != *known).await;
        };
        tokio::select! {
            () = all => {}
            () = some => {}
        }
        let stations = self.order.stations.borrow();
        let ready = self.ready(&stations);
        let unready = self.behind.iter().filter(|host| !ready.contains(*host)).map(|host| {
            let unknown = stations.get(host).is_none_or(|station| station.has_ended && !station.was_reached);
            (host.clone(), if unknown { Unready::Unknown } else { Unready::Failed })
        });
        Behind { unready: unready.collect(), is_settled: self.are_settled(&stations), ready }
    }

    fn are_settled(&self, stations: &Stations) -> bool {
        let is_settled = |station: &Station| station.is_ready || station.has_ended;
        self.behind.iter().all(|host| stations.get(host).is_none_or(is_settled))
    }

    fn ready(&self, stations: &Stations) -> BTreeSet<HostId> {
        let is_ready = |host: &&HostId| stations.get(*host).is_some_and(|station| station.is_ready);
        self.behind.iter().filter(is_ready).cloned().collect()
    }

    /// Waits until those in front of it use it as the inventory says, and returns those that end without. Where it
    /// `leaves` what it was for, these are those that no longer use it.
    pub(super) async fn before(&self, leaves: bool) -> Vec<HostId> {
        let (before, others) =
            if leaves { (&self.fronts, &self.other_fronts) } else { (&self.before, &self.others) };
        let is_behind = |host: &HostId| self.before.contains(host);
        let strays = |stations: &Stations, is_over: &dyn Fn(&Station) -> bool| -> Vec<HostId> {
            let is_one = |host: &&HostId| {
                let station = stations.get(*host);
                station.is_some_and(|station| {
                    let follows = if is_behind(host) {
                        station.follows.contains(&self.host)
                    } else {
                        station.has_followed
                    };
                    !follows && is_over(station)
                })
            };
            before.iter().filter(is_one).cloned().collect()
        };
        let mut stations = self.order.stations.subscribe();
        // The sender lives as long as the order.
        let _ =
            stations.wait_for(|stations| strays(stations, &|station| !station.has_ended).is_empty()).await;
        let stations = stations.borrow();
        let strays = strays(&stations, &|_| true);
        others.iter().cloned().chain(strays).collect()
    }
}

impl Drop for Turns<'_> {
    fn drop(&mut self) {
        self.note(|station| station.has_ended = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::samples::host;

    const SHORT: Duration = Duration::from_millis(20);

    fn class() -> Vec<Host> {
        let all = [("lb", "balancer"), ("web01", "web"), ("web02", "web"), ("plain", "socket")];
        all.map(|(name, role)| host("ana", name, "10.0.0.1", &[role])).into()
    }

    fn names<'a>(hosts: impl IntoIterator<Item = &'a HostId>) -> Vec<&'a str> {
        hosts.into_iter().map(|host| host.as_str().trim_start_matches("ana/")).collect()
    }

    #[tokio::test]
    async fn a_balancer_waits_for_its_web_hosts_and_not_for_ever() {
        let hosts = class();
        let hosts: Vec<&Host> = hosts.iter().collect();
        let order = Order { patience: SHORT, ..Order::new(&hosts, &[]) };
        let [lb, web01, web02, plain] = [0, 1, 2, 3].map(|position| order.begin(hosts[position]));
        assert!(!lb.is_behind(false) && web01.is_behind(false) && !plain.is_behind(false));
        let nobody = BTreeSet::new();
        let began = Instant::now();
        // None of them is ready, and nothing is to be followed.
        assert!(tokio::time::timeout(SHORT * 5, lb.behind(&nobody)).await.is_err());
        web01.is_ready();
        let first = lb.behind(&nobody).await;
        assert_eq!((names(&first.ready), names(first.unready.keys())), (vec!["web01"], vec!["web02"]));
        assert!(!first.is_settled && began.elapsed() >= SHORT);
        assert_eq!(first.unready.values().collect::<Vec<_>>(), [&Unready::Failed]);
        assert!(tokio::time::timeout(SHORT * 5, lb.behind(&first.ready)).await.is_err());
        drop(web02);
        let last = lb.behind(&first.ready).await;
        assert!(last.is_settled);
        assert_eq!(last.unready.values().collect::<Vec<_>>(), [&Unready::Unknown]);
        assert!(names(&plain.before(false).await).is_empty() && plain.behind(&nobody).await.is_settled);
    }

    #[tokio::test]
    async fn a_web_host_waits_until_it_is_followed_or_never_will_be() {
        let hosts = class();
        let hosts: Vec<&Host> = hosts.iter().collect();
        let order = Order { patience: SHORT, ..Order::new(&hosts, &[]) };
        let [lb, web01, web02] = [0, 1, 2].map(|position| order.begin(hosts[position]));
        assert!(tokio::time::timeout(SHORT * 5, web01.before(false)).await.is_err());
        lb.follows([hosts[1].id.clone()].into());
        assert_eq!(names(&web01.before(false).await), Vec::<&str>::new());
        drop(lb);
        assert_eq!(names(&web02.before(false).await), ["lb"]);
    }

    #[tokio::test]
    async fn a_balancer_that_is_left_alone_is_not_waited_for() {
        let hosts = class();
        let hosts: Vec<&Host> = hosts.iter().collect();
        let (others, hosts) = hosts.split_at(1);
        let order = Order::new(hosts, others);
        let [web01, plain] = [0, 2].map(|position| order.begin(hosts[position]));
        assert!(web01.is_behind(false) && !plain.is_behind(false));
        assert_eq!(names(&web01.before(false).await), ["lb"]);
    }
}
