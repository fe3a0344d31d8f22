//! The relay over real sockets: a mirror on loopback, VMs that talk HTTP through in-memory connections.

mod abuse;
mod bypass;
mod neighbours;
mod serving;
mod upkeep;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{HeaderMap, HeaderName};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::{Admission, PackageRelay, RelayOptions, sources};
use crate::model::HostId;

type MirrorBody = BoxBody<Bytes, std::io::Error>;
type Handler = dyn Fn(Request<Incoming>, usize) -> BoxFuture<'static, Response<MirrorBody>> + Send + Sync;

/// A mirror on loopback that notes what it is asked; its task ends with the test's runtime.
struct Mirror {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<(String, HeaderMap)>>>,
}

impl Mirror {
    /// The handler gets each request, and how often the same path was asked for before.
    async fn start<F>(handler: impl Fn(Request<Incoming>, usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response<MirrorBody>> + Send + 'static,
    {
        Self::start_on(Ipv4Addr::LOCALHOST.into(), handler).await
    }

    async fn start_on<F>(
        address: IpAddr,
        handler: impl Fn(Request<Incoming>, usize) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response<MirrorBody>> + Send + 'static,
    {
        let handler: Arc<Handler> = Arc::new(move |request, before| Box::pin(handler(request, before)));
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<(String, HeaderMap)>>> = Arc::default();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                let service = service_fn(move |request: Request<Incoming>| {
                    let path = request.uri().path().to_owned();
                    let mut log = log.lock().unwrap();
                    let before = log.iter().filter(|(asked, _)| *asked == path).count();
                    log.push((path, request.headers().clone()));
                    let answer = handler(request, before);
                    async move { Ok::<_, std::convert::Infallible>(answer.await) }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, asked }
    }

    /// Always the same body, with these headers.
    async fn of(body: &'static [u8], headers: &'static [(&str, &str)]) -> Self {
        Self::start(move |_, _| async move { answer(StatusCode::OK, body, headers) }).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/debian/{path}", self.address)
    }

    fn count(&self, path: &str) -> usize {
        let path = format!("/debian/{path}");
        self.asked.lock().unwrap().iter().filter(|(asked, _)| *asked == path).count()
    }
}

fn answer(status: StatusCode, body: impl Into<Bytes>, headers: &[(&str, &str)]) -> Response<MirrorBody> {
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed();
    with_headers(status, body, headers)
}

fn with_headers(status: StatusCode, body: MirrorBody, headers: &[(&str, &str)]) -> Response<MirrorBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// A body of `chunks` pieces, each after a pause; breaks off after `chunks` if told.
fn drip(piece: &'static [u8], chunks: usize, pause: Duration, breaks: bool) -> MirrorBody {
    let pieces = stream::unfold(0, move |sent| async move {
        if sent == chunks {
            return breaks.then(|| (Err(std::io::Error::other("the mirror breaks off")), sent + 1));
        }
        if sent > chunks {
            return None;
        }
        tokio::time::sleep(pause).await;
        Some((Ok(Frame::data(Bytes::from_static(piece))), sent + 1))
    });
    StreamBody::new(pieces).boxed()
}

/// A relay with a cache folder of its own that may ask the mirror on loopback.
struct Rig {
    relay: PackageRelay,
    cache: Arc<tempfile::TempDir>,
    source: String,
}

impl Rig {
    fn new(mirror: &Mirror) -> Self {
        Self::with(mirror, Arc::new(tempfile::tempdir().unwrap()), |_| {})
    }

    fn with(mirror: &Mirror, cache: Arc<tempfile::TempDir>, set: impl FnOnce(&mut RelayOptions)) -> Self {
        let mut options = RelayOptions {
            cache_dir: Some(cache.path().join("packages")),
            mirrors_allowed: vec![mirror.address.to_string()],
            ..RelayOptions::default()
        };
        set(&mut options);
        let source = format!("deb {} x main\n", mirror.url(""));
        Self { relay: PackageRelay::new(options).unwrap(), cache, source }
    }

    fn admit(&self, host: &str) -> Admission {
        self.relay.admit(&HostId::new("default", host), sources(&self.source.as_str().into()))
    }

    async fn vm(&self, host: &str) -> Vm {
        let admission = self.admit(host);
        let requests = self.connect(&admission).await;
        Vm { admission, requests }
    }

    async fn connect(&self, admission: &Admission) -> SendRequest<Empty<Bytes>> {
        let (near, far) = tokio::io::duplex(64 * 1024);
        tokio::spawn(self.relay.serve(admission, far));
        let (requests, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near)).await.unwrap();
        tokio::spawn(connection.with_upgrades());
        requests
    }

    /// Waits until no download is under way.
    async fn settle(&self) {
        tokio::time::timeout(Duration::from_secs(60), async {
            while !self.relay.shared.flights.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
    }
}

/// A VM with one connection to the relay.
struct Vm {
    admission: Admission,
    requests: SendRequest<Empty<Bytes>>,
}

impl Vm {
    fn request(&self, method: &str, url: &str, headers: &[(&str, &str)]) -> Request<Empty<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header("Host", "ignored.example")
            .header("Proxy-Authorization", basic(&format!("run:{}", self.admission.host.token)));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Empty::new()).unwrap()
    }

    async fn ask(&mut self, method: &str, url: &str, headers: &[(&str, &str)]) -> Response<Incoming> {
        self.requests.ready().await.unwrap();
        let request = self.request(method, url, headers);
        self.requests.send_request(request).await.unwrap()
    }

    async fn get(&mut self, url: &str) -> (StatusCode, Bytes) {
        let response = self.ask("GET", url, &[]).await;
        (response.status(), response.into_body().collect().await.unwrap().to_bytes())
    }
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}
