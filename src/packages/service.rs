//! One connection of a VM: HTTP/1.1 in, files or refusals out.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::content::Head;
use super::delivery::{DeliveredBytes, Delivery};
use super::host::HostState;
use super::place::Place;
use super::range::Part;
use super::refusal::Refusal;
use super::shared::Shared;
use super::stream::Movement;
use super::tunnel;
use crate::model::text;

const HEAD_SIZE: usize = 16 * 1024;
const HEADERS: usize = 64;

type Answer = UnsyncBoxBody<Bytes, io::Error>;

/// Serves a connection until either side closes it.
pub(super) async fn serve<S>(relay: Arc<Shared>, host: Arc<HostState>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let place = host.places.take();
    let movement = Movement::default();
    let stream = movement.of(stream);
    let (closed, silence) = (host.closed.clone(), host.limits.silence);
    let tunnels = Tunnels { tasks: TaskTracker::new(), closed: closed.child_token() };
    // However this function ends, its tunnels end with it.
    let _hang_up = tunnels.closed.clone().drop_guard();
    let service =
        service_fn(|request| answer(Arc::clone(&relay), Arc::clone(&host), &place, tunnels.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(host.limits.head)
        .max_buf_size(HEAD_SIZE)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let work = async {
        // A peer that breaks off, or breaks the protocol, has had its answer.
        let _ = connection.await;
        tunnels.tasks.close();
        tunnels.tasks.wait().await;
    };
    tokio::select! {
        () = work => {}
        () = closed.cancelled() => {}
        () = place.gives_way.cancelled() => {}
        () = movement.stopped(silence) => {}
    }
}

#[derive(Clone)]
struct Tunnels {
    tasks: TaskTracker,
    closed: CancellationToken,
}

async fn answer(
    relay: Arc<Shared>,
    host: Arc<HostState>,
    place: &Place,
    tunnels: Tunnels,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let known = host.authenticate(request.headers()).and_then(|()| place.make_known());
    let answered = match known {
        Err(refusal) => Err(refusal),
        Ok(()) if request.method() == Method::CONNECT => {
            connect(relay, Arc::clone(&host), tunnels, request).await
        }
        Ok(()) => file(&relay, &host, &request).await,
    };
    Ok(answered.unwrap_or_else(|refusal| {
        host.refuse(refusal).response().map(|body| body.map_err(|never| match never {}).boxed_unsync())
    }))
}

async fn connect(
    relay: Arc<Shared>,
    host: Arc<HostState>,
    tunnels: Tunnels,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Refusal> {
    let slot = host.enter()?;
    let mirror = tunnel::open(&relay, &host, request.uri()).await?;
    let client = hyper::upgrade::on(request);
    tunnels.tasks.spawn(tunnel::pass(relay, host, client, mirror, slot, tunnels.closed.clone()));
    Ok(Response::new(empty()))
}

async fn file(
    relay: &Arc<Shared>,
    host: &Arc<HostState>,
    request: &Request<Incoming>,
) -> Result<Response<Answer>, Refusal> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            text!(en: "only GET and HEAD are served", pt: "só se atende a GET e HEAD"),
        ));
    }
    if !request.body().is_end_stream() {
        return Err(Refusal::malformed(text!(
            en: "a request for a file has no body",
            pt: "uma requisição de arquivo não tem corpo",
        )));
    }
    let delivery = Delivery::prepare(relay, host, request.uri(), request.headers()).await?;
    if delivery.part == Part::Unsatisfiable {
        return Ok(unsatisfiable(&delivery.content.head));
    }
    let mut response = Response::new(empty());
    describe(&mut response, &delivery.content.head, delivery.part);
    if request.method() == Method::GET && delivery.part != Part::NotModified {
        *response.body_mut() = body(delivery.begin());
    }
    Ok(response)
}

fn describe(response: &mut Response<Answer>, head: &Head, part: Part) {
    let mut set = |name: HeaderName, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    };
    set(LAST_MODIFIED, head.last_modified.as_deref());
    set(ETAG, head.etag.as_deref());
    set(ACCEPT_RANGES, Some("bytes"));
    match part {
        Part::NotModified => *response.status_mut() = StatusCode::NOT_MODIFIED,
        Part::Range(from, to) => {
            set(CONTENT_TYPE, head.content_type.as_deref());
            set(CONTENT_LENGTH, Some(&(to - from).to_string()));
            let total = head.length.unwrap_or_default();
            set(CONTENT_RANGE, Some(&format!("bytes {from}-{}/{total}", to - 1)));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        _ => {
            set(CONTENT_TYPE, head.content_type.as_deref());
            set(CONTENT_LENGTH, head.length.map(|length| length.to_string()).as_deref());
        }
    }
}

fn unsatisfiable(head: &Head) -> Response<Answer> {
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    let range = format!("bytes */{}", head.length.unwrap_or_default());
    if let Ok(range) = HeaderValue::from_str(&range) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

fn empty() -> Answer {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

fn body(bytes: DeliveredBytes) -> Answer {
    let chunks = stream::try_unfold(bytes, |mut bytes| async move {
        let piece = bytes.next().await.map_err(io::Error::other)?;
        Ok((!piece.is_empty()).then_some((Frame::data(piece), bytes)))
    });
    StreamBody::new(chunks).boxed_unsync()
}
