//! Why a probe may fail through no fault of its own: another probe's failure explains all that it saw.

use std::collections::BTreeMap;

use crate::model::{CheckKind, HostId, ResourceId, Text, text};

/// A failed probe that explains what another one saw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    pub kind: CheckKind,
    pub host: HostId,
    /// Whether that the run failed there explains the probe itself, which then is not judged.
    pub is_setback: bool,
}

/// By web host, why nobody can expect it to answer.
pub type Causes = BTreeMap<HostId, Cause>;

/// Why a host is not as the run before the probes was to make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setback {
    /// This change failed.
    Change(ResourceId),
    /// It was refused before its first change, or nobody knows how the one under way ended: why.
    Failure(Text),
}

/// Why two web hosts show each other's page, where the probe of each found a wrong one. Then it is the inventory that
/// exchanged them, and HAProxy has what was right before.
pub fn exchanged<'a>(causes: &'a Causes, one: &HostId, other: &HostId) -> Option<[&'a Cause; 2]> {
    let of_page = |host| causes.get(host).filter(|cause| cause.kind == CheckKind::HTTP);
    Some([of_page(one)?, of_page(other)?])
}

impl Setback {
    /// Whether it may be why such a probe fails. A service concerns no program that students start.
    pub fn explains(&self, kind: CheckKind) -> bool {
        match self {
            _ if kind == CheckKind::SSH => false,
            Self::Change(change) => kind != CheckKind::SOCKET || !change.is_service(),
            Self::Failure(_) => true,
        }
    }
}

impl Cause {
    pub fn new(kind: CheckKind, host: &HostId) -> Self {
        Self { kind, host: host.clone(), is_setback: false }
    }

    /// What failed in words: `http of ana/web01`.
    pub fn describe(&self) -> Text {
        let (kind, host) = (if self.is_setback { "apply" } else { self.kind.as_str() }, &self.host);
        text!(en: "{kind} of {host}", pt: "{kind} em {host}")
    }
}
