//! How far two clocks are apart, when one is read over a network.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds by which a host's clock is ahead of the laptop's, at the least; negative where it is behind. The host read
/// `host` (seconds since 1970) at some moment between `sent` and `received`, so that a slow network is no skew.
pub fn skew(host: u64, sent: SystemTime, received: SystemTime) -> i64 {
    let since_1970 =
        |moment: SystemTime| moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (sent, received) = (since_1970(sent), since_1970(received));
    if host > received {
        i64::try_from(host - received).unwrap_or(i64::MAX)
    } else {
        i64::try_from(sent.saturating_sub(host)).map_or(i64::MIN, |behind| -behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_round_trip_does_not_explain_is_skew() {
        let at = |seconds: f64| UNIX_EPOCH + Duration::from_secs_f64(seconds);
        for (host, sent, received, expected) in [
            (1_000, 1_000.2, 1_000.9, 0),
            (1_005, 1_000.0, 1_009.0, 0),
            (1_000, 1_000.9, 1_001.1, 0),
            (1_600, 1_000.0, 1_002.0, 598),
            (400, 1_000.0, 1_002.0, -600),
            (0, 1_000.0, 1_002.0, -1_000),
            (u64::MAX, 1_000.0, 1_002.0, i64::MAX),
        ] {
            assert_eq!(skew(host, at(sent), at(received)), expected, "{host}");
        }
    }
}
