//! Conditional and partial requests, as apt sends them: it resumes files with `Range` and `If-Range`, and asks for
//! indexes with `If-Modified-Since`.

use std::time::SystemTime;

use hyper::header::{
    HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};

use super::content::Head;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// From the first byte to before the second.
    Range(u64, u64),
    /// Nothing: the client has it.
    NotModified,
    Unsatisfiable,
    PreconditionFailed,
}

pub(super) fn part(headers: &HeaderMap, head: &Head) -> Part {
    // No HTTP client for packages sends these; what they guard against is not promised here.
    if headers.contains_key(IF_MATCH) || headers.contains_key(IF_UNMODIFIED_SINCE) {
        return Part::PreconditionFailed;
    }
    if let Some(known) = text(headers, IF_NONE_MATCH) {
        let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let etag = head.etag.as_deref().map(weak);
        if known.split(',').any(|tag| tag.trim() == "*" || Some(weak(tag)) == etag) {
            return Part::NotModified;
        }
    } else if let (Some(since), Some(modified)) = (date(headers, IF_MODIFIED_SINCE), head.modified())
        && modified <= since
        && !headers.contains_key(RANGE)
    {
        return Part::NotModified;
    }
    let (Some(range), Some(length)) = (text(headers, RANGE), head.length) else { return Part::Whole };
    if let Some(condition) = text(headers, IF_RANGE) {
        let same_tag = head.etag.as_deref() == Some(condition) && !condition.starts_with("W/");
        let same_date = httpdate::parse_http_date(condition).is_ok_and(|date| head.modified() == Some(date));
        if !same_tag && !same_date {
            return Part::Whole;
        }
    }
    match bounds(range, length) {
        Some((from, to)) if from < to => Part::Range(from, to),
        Some(_) => Part::Unsatisfiable,
        None => Part::Whole,
    }
}

/// `bytes=FROM-`, `bytes=FROM-LAST` or `bytes=-COUNT`; anything else, also several ranges, is ignored.
fn bounds(range: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", count) => Some((length.saturating_sub(count.parse().ok()?), length)),
        (first, "") => Some((first.parse().ok()?, length)),
        (first, last) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then(|| (first, last.saturating_add(1).min(length)))
        }
    }
}

impl Head {
    fn modified(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.last_modified.as_deref()?).ok()
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, name)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: &str = "Sat, 10 Feb 2024 11:00:00 GMT";
    const LATER: &str = "Sun, 11 Feb 2024 11:00:00 GMT";

    fn judged(headers: &[(HeaderName, &str)]) -> Part {
        let head = Head {
            length: Some(100),
            etag: Some("\"a\"".to_owned()),
            last_modified: Some(DAY.to_owned()),
            ..Head::default()
        };
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        part(&headers.collect(), &head)
    }

    #[test]
    fn ranges() {
        for (range, expected) in [
            ("bytes=0-", Part::Range(0, 100)),
            ("bytes=40-", Part::Range(40, 100)),
            ("bytes=40-59", Part::Range(40, 60)),
            ("bytes=40-400", Part::Range(40, 100)),
            ("bytes=-10", Part::Range(90, 100)),
            ("bytes=-1000", Part::Range(0, 100)),
            ("bytes=100-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=18446744073709551615-18446744073709551615", Part::Unsatisfiable),
            ("bytes=60-40", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("lines=1-2", Part::Whole),
            ("bytes=x-", Part::Whole),
        ] {
            assert_eq!(judged(&[(RANGE, range)]), expected, "{range}");
        }
    }

    #[test]
    fn a_range_of_another_version_is_the_whole_file() {
        let range = (RANGE, "bytes=40-");
        for (condition, expected) in [
            (DAY, Part::Range(40, 100)),
            ("\"a\"", Part::Range(40, 100)),
            (LATER, Part::Whole),
            ("\"b\"", Part::Whole),
            ("W/\"a\"", Part::Whole),
        ] {
            assert_eq!(judged(&[range.clone(), (IF_RANGE, condition)]), expected, "{condition}");
        }
    }

    #[test]
    fn conditions() {
        assert_eq!(judged(&[]), Part::Whole);
        assert_eq!(judged(&[(IF_MODIFIED_SINCE, DAY)]), Part::NotModified);
        assert_eq!(judged(&[(IF_MODIFIED_SINCE, LATER)]), Part::NotModified);
        assert_eq!(judged(&[(IF_MODIFIED_SINCE, "Fri, 09 Feb 2024 11:00:00 GMT")]), Part::Whole);
        assert_eq!(judged(&[(IF_MODIFIED_SINCE, "nonsense")]), Part::Whole);
        assert_eq!(judged(&[(IF_NONE_MATCH, "\"b\", W/\"a\"")]), Part::NotModified);
        assert_eq!(judged(&[(IF_NONE_MATCH, "\"b\""), (IF_MODIFIED_SINCE, DAY)]), Part::Whole);
        assert_eq!(judged(&[(IF_MATCH, "*")]), Part::PreconditionFailed);
    }
}
