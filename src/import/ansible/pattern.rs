//! `web[01:03].example.org:2222`: hosts alike in one line.

use crate::document::range::{Pattern, Range};

/// More hosts of one line are no class.
const LIMIT: usize = 10_000;

/// The names that a pattern stands for, and the number behind it as it is written; `None` where they are too many.
pub fn expand(written: &str) -> Option<(Vec<String>, Option<&str>)> {
    let (hosts, port) = split_port(written);
    let pattern = Pattern::parse(hosts);
    let lengths: Vec<usize> = pattern.ranges().map(Range::length).collect();
    let count = lengths.iter().try_fold(1_usize, |count, length| count.checked_mul(*length))?;
    if count > LIMIT {
        return None;
    }
    let names = (0..count).map(|number| {
        // The last range counts fastest.
        let mut steps = count;
        let mut rest = number;
        pattern.fill(|range| {
            steps /= range.length();
            let position = rest / steps;
            rest %= steps;
            range.item(position)
        })
    });
    Some((names.collect(), port))
}

/// A port behind a name, or behind an IPv6 address in brackets.
fn split_port(written: &str) -> (&str, Option<&str>) {
    let Some((hosts, port)) = written.rsplit_once(':') else { return (written, None) };
    let mut depth = 0_usize;
    let mut has_colon = false;
    for sign in hosts.chars() {
        match sign {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => has_colon = true,
            _ => {}
        }
    }
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && depth == 0 && !has_colon && !hosts.is_empty() {
        (hosts, Some(port))
    } else {
        (written, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_hosts() {
        for (written, expected) in [
            ("web", "web"),
            ("web[01:03]", "web01 web02 web03"),
            ("[a:c].example.org", "a.example.org b.example.org c.example.org"),
            ("r[1:2]-[a:b]", "r1-a r1-b r2-a r2-b"),
            ("10.0.0.[1:9:4]", "10.0.0.1 10.0.0.5 10.0.0.9"),
            ("web:2222", "web :2222"),
            ("web:70000", "web :70000"),
            ("web:", "web:"),
            ("web[1:2]:2222", "web1 web2 :2222"),
            ("[2001:db8::1]:22", "[2001:db8::1] :22"),
            ("2001:db8::1", "2001:db8::1"),
            ("web[3:1]", "web[3:1]"),
        ] {
            let (mut names, port) = expand(written).unwrap();
            names.extend(port.map(|port| format!(":{port}")));
            assert_eq!(names.join(" "), expected, "{written}");
        }
        assert_eq!(expand("[1:999][1:999]"), None);
        assert_eq!(expand("[0:999999999][0:999999999][0:999999999]"), None);
    }
}
