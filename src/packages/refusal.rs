//! Why a request was not served, in words that apt shows: it prints the status and the reason phrase.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::ext::ReasonPhrase;
use hyper::header::{CONTENT_TYPE, HeaderValue, PROXY_AUTHENTICATE};
use hyper::{Response, StatusCode};

use crate::model::{Text, clean_line};

/// Longest reason phrase: apt shows it on one line.
const REASON_LIMIT: usize = 200;
/// What the reason phrase begins with, by which the programs know it.
const NAME: &str = "provision: ";

/// An answer other than the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {}", status.as_u16(), reason.english())]
pub struct Refusal {
    pub status: StatusCode,
    /// By which it is known again when a VM's apt repeats it; 0 until the VM is told.
    pub number: u32,
    /// One line, without the tool's name. On the wire it is English.
    pub reason: Text,
}

impl Refusal {
    pub fn new(status: StatusCode, reason: Text) -> Self {
        Self { status, number: 0, reason }
    }

    pub fn forbidden(reason: Text) -> Self {
        Self::new(StatusCode::FORBIDDEN, reason)
    }

    /// Not a request that a proxy can understand.
    pub fn malformed(reason: Text) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    /// The mirror, or the way to it, failed.
    pub fn upstream(reason: Text) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, reason)
    }

    /// The status and the reason, printable and on one line.
    pub fn line(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.phrase())
    }

    /// Number and reason as a reason phrase may hold them: printable ASCII, bounded.
    fn phrase(&self) -> String {
        let clean = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
        format!("{NAME}#{} {}", self.number, self.reason.english())
            .chars()
            .map(clean)
            .take(REASON_LIMIT)
            .collect()
    }

    pub fn told(&self) -> Text {
        self.reason.map(|words| clean_line(words, REASON_LIMIT))
    }

    pub fn response(&self) -> Response<Full<Bytes>> {
        let phrase = self.phrase();
        let mut response = Response::new(Full::new(Bytes::from(format!("{phrase}\n"))));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        if self.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            let realm = HeaderValue::from_static("Basic realm=\"provision\"");
            response.headers_mut().insert(PROXY_AUTHENTICATE, realm);
        }
        if let Ok(phrase) = ReasonPhrase::try_from(phrase) {
            response.extensions_mut().insert(phrase);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_holds_nothing_that_breaks_a_status_line() {
        let refusal =
            Refusal::forbidden(Text::verbatim("mirror \u{1b}[31m\r\nX: y é".to_owned() + &"a".repeat(500)));
        let response = refusal.response();
        let phrase = response.extensions().get::<ReasonPhrase>().unwrap().as_bytes();
        assert!(phrase.starts_with(b"provision: #0 mirror ?X: y ?aaa"));
        assert_eq!(phrase.len(), REASON_LIMIT);
    }
}
