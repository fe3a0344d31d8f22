//! Results of probes.

use std::time::Duration;

use super::host::HostId;
use super::text::Text;

/// One probe's verdict on one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub kind: CheckKind,
    /// The host it is about.
    pub host: HostId,
    pub status: CheckStatus,
    /// One line: what was seen; for a failure also what was expected.
    pub detail: Text,
    /// What to do about a failure.
    pub hint: Option<Text>,
    /// How many requests each host answered, where the probe counted them.
    pub shares: Vec<(HostId, usize)>,
    /// The last lines of the service's log, where they help.
    pub log_tail: Vec<String>,
    /// How long it took.
    pub duration: Duration,
}

impl Check {
    /// Whether it says that its host could not be reached.
    pub fn is_out_of_reach(&self) -> bool {
        self.kind == CheckKind::Ssh && self.status == CheckStatus::Fail
    }
}

/// The probes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CheckKind {
    /// The host answers over SSH.
    Ssh,
    /// The services of its roles are active and enabled.
    Service,
    /// A web host serves its own page.
    Http,
    /// The balancer reaches every web host, and no other, in fair shares.
    Balance,
    /// HAProxy counts every backend as UP.
    Stats,
    /// The three socket variants speak their protocol.
    Socket,
}

impl CheckKind {
    /// All probes, in the order they are shown.
    pub const ALL: [Self; 6] =
        [Self::Ssh, Self::Service, Self::Http, Self::Balance, Self::Stats, Self::Socket];

    /// The name in JSON and on the terminal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ssh => "ssh",
            Self::Service => "service",
            Self::Http => "http",
            Self::Balance => "balance",
            Self::Stats => "stats",
            Self::Socket => "socket",
        }
    }
}

/// Verdict of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckStatus {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// Not judged, because something it needs failed before; the detail says what.
    Skip,
}

impl CheckStatus {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}
