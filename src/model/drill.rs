//! A failover drill: what is taken out of service, what was seen meanwhile, and what came of it.
//!
//! Times are counted from the first request of the drill, by the laptop's clock.

use std::time::Duration;

use serde::Serialize;

use super::check::CheckStatus;
use super::failure::Failure;
use super::host_id::HostId;
use super::text::Text;

/// How a web host is taken out of service. The name in JSON is that on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DrillMode {
    /// Its web server is stopped, and HAProxy has to find out.
    Stop,
    /// HAProxy is told to send it nothing (maintenance).
    #[serde(rename = "maint")]
    Maintenance,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    pub cluster: String,
    pub balancer: HostId,
    /// The web host that is taken out.
    pub host: HostId,
    /// All web hosts behind the balancer, in the order of the inventory.
    pub servers: Vec<HostId>,
    pub mode: DrillMode,
}

impl Drill {
    /// The place among the servers of the one that is taken out.
    pub fn victim(&self) -> Option<usize> {
        self.servers.iter().position(|server| *server == self.host)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub sent: Duration,
    /// How long its answer took, or was waited for.
    pub took: Duration,
    /// The place of the server that answered, or why there was no answer.
    pub answer: Result<usize, Text>,
}

/// The moments of a drill, as far as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// The order to take it out was given.
    pub leaving: Option<Duration>,
    /// It was carried out.
    pub left: Option<Duration>,
    /// The order to bring it back was given.
    pub returning: Option<Duration>,
    /// The service ran again, or HAProxy had taken the order.
    pub returned: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// In the order in which they were sent.
    pub samples: Vec<Sample>,
    /// Changes in HAProxy's own word for the victim: whether it gets requests.
    pub rotation: Vec<(Duration, bool)>,
    pub marks: Marks,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measured {
    pub requests: usize,
    /// Those without a sound answer.
    pub lost: usize,
    /// What the first of those met.
    pub first_loss: Option<Text>,
    /// The longest time without any sound answer.
    pub longest_gap: Duration,
    /// From the order to take it out until the order to bring it back.
    pub outage: Option<Duration>,
    /// From the order to take it out until HAProxy had it out and it answered no more.
    pub out_after: Option<Duration>,
    /// From when it ran again until HAProxy had it back, and it answered where it had answered before.
    pub back_after: Option<Duration>,
    pub answers: Vec<usize>,
    /// Answers of each server while the victim was out.
    pub answers_while_out: Vec<usize>,
    pub lost_while_out: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrillEnd {
    /// It was judged; `Skip` where the cluster was not fit for a drill, and nothing was taken out.
    Judged {
        status: CheckStatus,
        /// What was seen, and for a failure what was expected.
        detail: Text,
        hint: Option<Text>,
    },
    /// Something failed on a host or on the way to it.
    Broken { host: HostId, failure: Failure, log_tail: Vec<Text> },
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DrillsOutcome {
    pub drills: Vec<DrillOutcome>,
    /// Whether Ctrl-C ended it early.
    pub interrupted: bool,
    pub duration: Duration,
}

/// The drill of one cluster, with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillOutcome {
    pub drill: Drill,
    pub timeline: Timeline,
    /// The figures; `None` where nothing was taken out.
    pub measured: Option<Measured>,
    pub end: DrillEnd,
}
