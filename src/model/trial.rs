//! What came of a command by which a practice is probed.

use std::time::Duration;

use super::host_text::HostText;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// `None` where it took longer than it may, and was ended.
    pub status: Option<u8>,
    /// The end of what it printed, on standard output and standard error.
    pub printed: HostText,
    pub took: Duration,
}
