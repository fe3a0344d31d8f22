//! Why a probe may fail through no fault of its own: another probe's failure explains all that it saw.

use std::collections::BTreeMap;

use crate::model::{CheckKind, HostId, Text, text};

/// A failed probe that explains what another one saw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    pub kind: CheckKind,
    pub host: HostId,
}

/// By web host, why nobody can expect it to answer.
pub type Causes = BTreeMap<HostId, Cause>;

/// Why two web hosts show each other's page, where the probe of each found a wrong one. Then it is the inventory that
/// exchanged them, and HAProxy has what was right before.
pub fn exchanged<'a>(causes: &'a Causes, one: &HostId, other: &HostId) -> Option<[&'a Cause; 2]> {
    let of_page = |host| causes.get(host).filter(|cause| cause.kind == CheckKind::HTTP);
    Some([of_page(one)?, of_page(other)?])
}

impl Cause {
    pub fn new(kind: CheckKind, host: &HostId) -> Self {
        Self { kind, host: host.clone() }
    }

    /// The probe in words: `http of ana/web01`.
    pub fn describe(&self) -> Text {
        let (kind, host) = (self.kind.as_str(), &self.host);
        text!(en: "{kind} of {host}", pt: "{kind} em {host}")
    }
}
