//! Why something failed on a host, or on the way to it.

use serde::Serialize;
use strum::IntoStaticStr;

use super::text::Text;

/// Why a host failed: what happened, and what to do next. The message holds nothing that differs between hosts
/// with the same cause, so that reports can group them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub kind: FailureKind,
    pub message: Text,
    /// What to do next, one or more lines.
    pub hint: Option<Text>,
}

/// Causes of failure. The name in JSON is `kind` in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum FailureKind {
    /// Name resolution on the laptop failed.
    Resolve,
    /// TCP connect failed or timed out.
    Connect,
    /// sshd was reached but the handshake did not finish.
    Handshake,
    /// The host key changed, is revoked, or is unknown under `strict`.
    HostKey,
    Login,
    /// The connection was lost after login.
    Lost,
    /// The jump host could not be passed.
    Jump,
    Become,
    /// The host is not one that we support, or lacks what a remote program needs.
    Unsupported,
    /// Something would stop the changes midway; it was found before the first.
    Preflight,
    Busy,
    Packages,
    /// A file could not be written or did not validate.
    File,
    /// A service did not come up; what stood before was put back where it could be.
    Service,
    /// A command of a practice did not do what it is for.
    Command,
    Timeout,
    Interrupted,
    /// The remote side did not answer as agreed.
    Protocol,
}

impl FailureKind {
    /// Whether the host counts as unreachable rather than failed.
    pub fn is_unreachable(self) -> bool {
        matches!(
            self,
            Self::Resolve
                | Self::Connect
                | Self::Handshake
                | Self::HostKey
                | Self::Login
                | Self::Lost
                | Self::Jump
        )
    }
}
