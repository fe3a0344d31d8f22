//! One HTTP request over any stream, bounded in size and time.
//!
//! Owns the exchange and which kind of answer it was. What an answer means is judged in `probes`.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, CONNECTION, HOST, HeaderMap, LOCATION, USER_AGENT, VIA};
use hyper::{Request, Response, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::probes::{Answer, Reply};

/// All headers of an answer together.
const HEADER_BYTES: usize = 16 * 1024;
const HEADER_COUNT: usize = 64;

#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub path: &'a str,
    /// For the `Host` header.
    pub authority: &'a str,
    /// Longest body that is read.
    pub size_limit: usize,
    /// Limit for the whole exchange.
    pub time_limit: Duration,
}

impl Question<'_> {
    /// The same request as bytes, for a host that asks itself.
    pub fn text(&self) -> String {
        let Question { path, authority, .. } = self;
        let agent = concat!("provision/", env!("CARGO_PKG_VERSION"));
        format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {agent}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        )
    }
}

/// Reads an answer that came by another way.
pub async fn read_bytes(bytes: &[u8], question: Question<'_>) -> Answer {
    let (ours, mut theirs) = tokio::io::duplex(HEADER_BYTES);
    let serve = async move {
        // What is asked is known; an answer counts only behind it.
        let mut asked = vec![0; HEADER_BYTES];
        let _ = theirs.read(&mut asked).await;
        let _ = theirs.write_all(bytes).await;
    };
    tokio::join!(get(ours, question), serve).0
}

/// Sends `GET` on a fresh stream and reads the whole answer. The stream ends with it.
pub async fn get(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    question: Question<'_>,
) -> Answer {
    tokio::time::timeout(question.time_limit, exchange(stream, question)).await.unwrap_or(Answer::TimedOut)
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    question: Question<'_>,
) -> Answer {
    let request = Request::get(question.path)
        .header(HOST, question.authority)
        .header(USER_AGENT, concat!("provision/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new());
    let request = match request {
        Ok(request) => request,
        Err(error) => return Answer::Invalid(error.to_string()),
    };
    let handshake = http1::Builder::new()
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_COUNT)
        .handshake(TokioIo::new(stream))
        .await;
    let (mut sender, connection) = match handshake {
        Ok(pair) => pair,
        Err(error) => return failed(&error),
    };
    // The connection does the reading, and may end before the answer was taken from it: only the answer decides.
    let drive = async {
        let _ = connection.await;
        pending::<Infallible>().await
    };
    let ask = async {
        match sender.send_request(request).await {
            Ok(response) => read(response, question.size_limit).await,
            Err(error) => failed(&error),
        }
    };
    tokio::select! {
        biased;
        answer = ask => answer,
        never = drive => match never {},
    }
}

async fn read(response: Response<Incoming>, size_limit: usize) -> Answer {
    let status = response.status().as_u16();
    let served_by = text(response.headers(), "x-served-by");
    let location = text(response.headers(), LOCATION.as_str());
    let via = text(response.headers(), VIA.as_str());
    match Limited::new(response.into_body(), size_limit).collect().await {
        Ok(body) => Answer::Reply(Reply { status, served_by, location, via, body: body.to_bytes().to_vec() }),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Answer::TooLarge,
        Err(error) => error.downcast::<hyper::Error>().map_or(Answer::Closed, |error| failed(&error)),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn failed(error: &hyper::Error) -> Answer {
    if error.is_parse() || error.is_parse_too_large() || error.is_parse_status() {
        Answer::Invalid(error.to_string())
    } else {
        // Closed midway, reset, or (where a transport shows a refusal so) closed at once.
        Answer::Closed
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};

    use super::*;

    /// Asks a server that does as `serve` says.
    async fn ask<F>(size_limit: usize, serve: impl FnOnce(DuplexStream) -> F) -> Answer
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (ours, theirs) = duplex(4096);
        let server = tokio::spawn(serve(theirs));
        let question = Question {
            path: "/",
            authority: "127.0.0.1:8080",
            size_limit,
            time_limit: Duration::from_millis(400),
        };
        let answer = get(ours, question).await;
        server.abort();
        answer
    }

    /// Asks a server that reads the request, sends these bytes and closes.
    async fn ask_bytes(bytes: &'static [u8]) -> Answer {
        ask(1000, async move |mut stream| {
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            assert!(request[..length].starts_with(b"GET / HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n"));
            stream.write_all(bytes).await.unwrap();
        })
        .await
    }

    fn reply(status: u16, body: &str) -> Answer {
        Answer::Reply(Reply { status, body: body.into(), ..Reply::default() })
    }

    #[tokio::test]
    async fn whole_answers_of_every_form() {
        assert_eq!(ask_bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await, reply(200, "hi"));
        assert_eq!(
            ask_bytes(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n")
                .await,
            reply(200, "hi")
        );
        assert_eq!(ask_bytes(b"HTTP/1.0 200 OK\r\n\r\nuntil the end").await, reply(200, "until the end"));
        assert_eq!(ask_bytes(b"HTTP/1.1 204 No Content\r\n\r\n").await, reply(204, ""));
        assert_eq!(
            ask_bytes(b"HTTP/1.1 301 M\r\nLocation: /x\r\nVia: 1.1 p\r\nX-Served-By: web01\r\nContent-Length: 0\r\n\r\n")
                .await,
            Answer::Reply(Reply {
                status: 301,
                served_by: Some("web01".to_owned()),
                location: Some("/x".to_owned()),
                via: Some("1.1 p".to_owned()),
                body: Vec::new(),
            })
        );
    }

    #[tokio::test]
    async fn an_answer_that_came_by_another_way() {
        let question =
            Question { path: "/", authority: "a", size_limit: 1000, time_limit: Duration::from_millis(400) };
        let answer = async |bytes: &[u8]| read_bytes(bytes, question).await;
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await, reply(200, "hi"));
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi").await, Answer::Closed);
        assert_eq!(answer(b"").await, Answer::Closed);
        let long = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &vec![b'x'; 100_000]].concat();
        assert_eq!(answer(&long).await, Answer::TooLarge);
        assert!(question.text().starts_with("GET / HTTP/1.1\r\nHost: a\r\n"));
    }

    #[tokio::test]
    async fn broken_answers() {
        assert_eq!(ask_bytes(b"").await, Answer::Closed);
        assert_eq!(ask_bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi").await, Answer::Closed);
        assert_eq!(ask_bytes(b"HTTP/1.1 200 OK\r\ncont").await, Answer::Closed);
        assert!(matches!(ask_bytes(b"SSH-2.0-OpenSSH_9.2\r\n").await, Answer::Invalid(_)));
        assert!(matches!(ask_bytes(b"\x16\x03\x01\x00\xff\xfe").await, Answer::Invalid(_)));
        assert!(matches!(ask_bytes(b"HTTP/1.1 999999 no\r\n\r\n").await, Answer::Invalid(_)));
    }

    #[tokio::test]
    async fn a_server_that_closes_before_the_request() {
        assert_eq!(ask(1000, async |stream| drop(stream)).await, Answer::Closed);
    }

    #[tokio::test]
    async fn a_body_without_end_is_cut() {
        let answer = ask(1000, async |mut stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
        });
        assert_eq!(answer.await, Answer::TooLarge);
    }

    #[tokio::test]
    async fn headers_without_end_are_cut() {
        let long = ask(1000, async |mut stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ").await;
            while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
        });
        assert!(matches!(long.await, Answer::Invalid(_)));
        let many = ask(1000, async |mut stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            while stream.write_all(b"x: y\r\n").await.is_ok() {}
        });
        assert!(matches!(many.await, Answer::Invalid(_)));
    }

    #[tokio::test]
    async fn slow_and_silent_servers_run_out_of_time() {
        let silent = ask(1000, async |mut stream| {
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|length| length > 0) {}
        });
        assert_eq!(silent.await, Answer::TimedOut);
        let slow = ask(1000, async |mut stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n").await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert_eq!(slow.await, Answer::TimedOut);
    }
}
