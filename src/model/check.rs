//! Results of probes.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use strum::IntoStaticStr;

use super::host_id::HostId;
use super::probe::CheckKind;
use super::text::Text;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub kind: CheckKind,
    pub host: HostId,
    pub status: CheckStatus,
    /// One line: what was seen; for a failure also what was expected.
    pub detail: Text,
    pub hint: Option<Text>,
    /// How many requests each host answered, where the probe counted them.
    pub shares: Vec<(HostId, usize)>,
    /// Services whose logs may explain a failure.
    pub services: Vec<String>,
    /// The last lines of its services' logs, or of what the host said instead of answers, where they help.
    pub log_tail: Vec<Text>,
    pub duration: Duration,
}

impl Check {
    /// Whether it says that its host could not be reached.
    pub fn is_out_of_reach(&self) -> bool {
        self.kind == CheckKind::SSH && self.status == CheckStatus::Fail
    }
}

/// The columns of the probes that were asked, in the order they are shown.
pub fn kinds(checks: &[Check]) -> Vec<CheckKind> {
    let kinds: BTreeSet<_> = checks.iter().map(|check| check.kind.column()).collect();
    kinds.into_iter().collect()
}

/// From what is well to the worst, which stands for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum CheckStatus {
    Pass,
    /// Not judged, because something it needs failed before; the detail says what.
    Skip,
    Fail,
}
