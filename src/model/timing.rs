//! Where the time of a run went, host by host.

use std::time::Duration;

use super::check::Check;
use super::host_id::HostId;
use super::probe::CheckKind;
use super::resource::ResourceId;

/// What a host was busy with, in the order in which each ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostTiming {
    pub host: HostId,
    pub spans: Vec<Span>,
}

/// One thing that took time. Moments count from the beginning of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub phase: Phase,
    pub from: Duration,
    pub to: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Up to the login; that included where the two can't be told apart.
    Connect,
    Login,
    /// How the host is.
    Look,
    /// Which changes follow from that.
    Plan,
    Change(ResourceId),
    /// For other hosts.
    Wait,
    Probe(CheckKind),
}

impl Phase {
    /// What kind of thing it is, as documents name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Login => "login",
            Self::Look => "look",
            Self::Plan => "plan",
            Self::Change(_) => "change",
            Self::Wait => "wait",
            Self::Probe(_) => "probe",
        }
    }

    /// What is changed, or which probe it is.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Change(resource) => Some(resource.as_str()),
            Self::Probe(kind) => Some(kind.as_str()),
            _ => None,
        }
    }
}

impl HostTiming {
    /// How long the host itself was busy: what it did at one moment counts once, and waiting for others does not.
    pub fn busy(&self) -> Duration {
        let mut spans: Vec<_> = self.spans.iter().filter(|span| span.phase != Phase::Wait).collect();
        spans.sort_by_key(|span| span.from);
        let (mut busy, mut until) = (Duration::ZERO, Duration::ZERO);
        for span in spans {
            busy += span.to.saturating_sub(span.from.max(until));
            until = until.max(span.to);
        }
        busy
    }

    /// When it was done.
    pub fn end(&self) -> Duration {
        self.spans.iter().map(|span| span.to).max().unwrap_or_default()
    }

    /// How long a phase took, all its parts together.
    pub fn took(&self, phase: &Phase) -> Duration {
        self.spans.iter().filter(|span| span.phase == *phase).map(Span::took).sum()
    }

    /// What it was busy with, each once, in the order in which it came to it.
    pub fn phases(&self) -> Vec<&Phase> {
        let mut phases: Vec<&Phase> = Vec::new();
        for span in &self.spans {
            if !phases.contains(&&span.phase) {
                phases.push(&span.phase);
            }
        }
        phases
    }
}

impl Span {
    /// A check that has just been settled.
    pub fn of_check(check: &Check, now: Duration) -> Self {
        Self { phase: Phase::Probe(check.kind), from: now.saturating_sub(check.duration), to: now }
    }

    pub fn took(&self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

/// The host that took longest, where that was much longer than usual, and what made the difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slowest<'a> {
    pub host: &'a HostId,
    pub busy: Duration,
    /// Of all hosts.
    pub median: Duration,
    pub phase: &'a Phase,
    pub took: Duration,
    /// What the same phase takes on half of the hosts at most.
    pub usual: Duration,
}

impl<'a> Slowest<'a> {
    /// Who took more than twice the median, if anybody did.
    pub fn among(timings: &'a [HostTiming]) -> Option<Self> {
        let slowest = timings.iter().max_by_key(|timing| timing.busy())?;
        let (busy, median) = (slowest.busy(), median(timings.iter().map(HostTiming::busy)));
        let usual = |phase: &Phase| median_of(timings, phase);
        let own = slowest.phases().into_iter().filter(|phase| **phase != Phase::Wait);
        let phase = own.max_by_key(|phase| slowest.took(phase).saturating_sub(usual(phase)))?;
        let (took, usual) = (slowest.took(phase), usual(phase));
        (busy > 2 * median).then_some(Self { host: &slowest.host, busy, median, phase, took, usual })
    }
}

fn median_of(timings: &[HostTiming], phase: &Phase) -> Duration {
    median(timings.iter().map(|timing| timing.took(phase)))
}

/// The lower of the two in the middle, so that one of two hosts can be slow.
fn median(values: impl Iterator<Item = Duration>) -> Duration {
    let mut values: Vec<Duration> = values.collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(host: &str, spans: &[(Phase, u64, u64)]) -> HostTiming {
        let span = |(phase, from, to): &(Phase, u64, u64)| Span {
            phase: phase.clone(),
            from: Duration::from_secs(*from),
            to: Duration::from_secs(*to),
        };
        HostTiming { host: HostId::new("default", host), spans: spans.iter().map(span).collect() }
    }

    #[test]
    fn what_goes_on_at_one_time_counts_once_and_waiting_does_not() {
        let spans = [
            (Phase::Connect, 1, 2),
            (Phase::Wait, 2, 7),
            (Phase::Probe(CheckKind::SSH), 7, 9),
            (Phase::Probe(CheckKind::HTTP), 8, 10),
        ];
        let timing = timing("web01", &spans);
        assert_eq!((timing.busy(), timing.end()), (Duration::from_secs(4), Duration::from_secs(10)));
    }

    #[test]
    fn the_slowest_host_is_named_with_what_made_the_difference() {
        let package = Phase::Change(ResourceId::new("package:apache2"));
        let usual =
            |host| timing(host, &[(Phase::Connect, 0, 1), (Phase::Look, 1, 3), (package.clone(), 3, 10)]);
        let slow = timing("web03", &[(Phase::Connect, 0, 3), (Phase::Look, 3, 5), (package.clone(), 5, 40)]);
        let timings = [usual("web01"), usual("web02"), slow];
        let slowest = Slowest::among(&timings).unwrap();
        assert_eq!((slowest.host.as_str(), slowest.phase), ("web03", &package));
        assert_eq!(
            [slowest.busy, slowest.median, slowest.took, slowest.usual].map(|time| time.as_secs()),
            [40, 10, 35, 7]
        );
        assert_eq!(Slowest::among(&timings[..2]), None);
        assert_eq!(Slowest::among(&[]), None);
    }
}
