//! Compares the clock of a host with ours, while a conversation goes on.

use std::time::SystemTime;

use crate::model::clock;

/// Remembers when the host was asked, and when it had answered.
pub(super) struct Clock {
    asked: SystemTime,
    skew: Option<i64>,
}

impl Clock {
    /// To be called before the host can read its clock.
    pub(super) fn start() -> Self {
        Self { asked: SystemTime::now(), skew: None }
    }

    /// To be called after each piece of output, with what the host read, in seconds since 1970; the first counts.
    pub(super) fn compare(&mut self, host: Option<u64>) {
        if self.skew.is_none() {
            self.skew = host.map(|host| clock::skew(host, self.asked, SystemTime::now()));
        }
    }

    /// Seconds by which the host is ahead at the least, negative where it is behind; 0 where it read no clock.
    pub(super) fn skew(&self) -> i64 {
        self.skew.unwrap_or_default()
    }
}
