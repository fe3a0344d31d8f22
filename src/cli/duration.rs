//! Times on the command line, such as `10s`.

use std::time::Duration;

/// Nobody waits longer for a host, and moments beyond it can be counted.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a time of at most a day.
pub fn parse(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration > LONGEST { Err("choose at most 24h".to_owned()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_and_an_end() {
        assert_eq!(parse("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("24h"), Ok(LONGEST));
        assert_eq!(parse("300000000000y"), Err("choose at most 24h".to_owned()));
        assert!(parse("10").is_err_and(|error| error.contains("unit")));
    }
}
