//! What a run tells its reporters while it goes on. The runner never prints; a reporter never decides.

use std::time::Duration;

use crate::model::{Action, Change, Check, CheckKind, Failure, HostId, HostStatus, ResourceId, Text};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A stage began for a number of hosts.
    StageStarted {
        stage: Stage,
        hosts: usize,
    },
    /// A host began to be worked on in the current stage.
    HostStarted {
        host: HostId,
    },
    /// What a host is doing now, short: `connecting`, `package:apache2`, `Unpacking apache2`.
    HostProgress {
        host: HostId,
        doing: Text,
    },
    /// A host has no verdict yet of a probe, the first such.
    ProbeAwaited {
        host: HostId,
        kind: CheckKind,
    },
    /// What a host needs is known, and is about to be done.
    HostPlanned {
        host: HostId,
        changes: usize,
    },
    ChangeDone {
        host: HostId,
        resource: ResourceId,
        action: Action,
        duration: Duration,
    },
    /// Something worth telling at once, e.g. a transport choice under `-v`, or a fallback.
    Note {
        host: Option<HostId>,
        level: Level,
        message: Text,
    },
    /// A host is done with the current stage.
    HostFinished {
        host: HostId,
        status: HostStatus,
        /// How many changes were made (apply) or are planned (observe).
        changes: usize,
        failure: Option<Failure>,
        /// Since `HostStarted`.
        duration: Duration,
    },
    CheckFinished(Check),
    /// More package files went through the laptop. Sent now and then while a stage runs, not for each file.
    PackagesMoved(Traffic),
    /// All package files that were wanted went through the laptop, or never will.
    PackagesSettled(Traffic),
    /// Somebody is asked at the terminal whether this may be deleted. What answers reads there.
    Asking {
        deletes: Vec<(HostId, Vec<Change>)>,
    },
    Answered,
    /// Ctrl-C was pressed once; steps under way are finished.
    Interrupting,
    StageFinished {
        stage: Stage,
        duration: Duration,
    },
}

/// A host that a round of probes still waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    pub host: HostId,
    pub kind: CheckKind,
    /// Since the round of its cluster began.
    pub elapsed: Duration,
}

/// Package files that went through the laptop since the run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Bytes that hosts were served, from the cache or while they arrived.
    pub served: u64,
    /// Bytes that crossed the laptop's uplink.
    pub downloaded: u64,
    pub hosts: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    Observe,
    Apply,
    Verify,
    Reset,
    Fetch,
    Exec,
    /// Examining the hosts before class.
    Examine,
    /// Taking a web host of each cluster out, and bringing it back.
    Drill,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Shown under `-v`.
    Detail,
    /// Shown unless `-q`.
    Info,
    Warning,
}
