//! One file for one VM: judged by the policy and held to that VM's limits, in whatever way it travels there.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, HeaderMap};
use hyper::{StatusCode, Uri};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::content::{Content, Seat};
use super::host::{HostState, served_enough};
use super::mirror_file::MirrorFile;
use super::range::{Part, part};
use super::refusal::Refusal;
use super::shared::Shared;
use crate::model::text;

/// A file that a VM may have, before its bytes. Holds one of the VM's slots for requests.
#[derive(Debug)]
pub struct Delivery {
    /// What of the file the VM asked for.
    pub(super) part: Part,
    pub(super) content: Content,
    key: String,
    until: Instant,
    host: Arc<HostState>,
    _seat: Seat,
    _slot: OwnedSemaphorePermit,
}

impl Delivery {
    /// Finds the file that a request names, in the cache or at its mirror.
    pub(super) async fn prepare(
        relay: &Arc<Shared>,
        host: &Arc<HostState>,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Self, Refusal> {
        let slot = host.enter()?;
        let target = MirrorFile::of_request(uri, &host.sources)?;
        let key = target.key();
        let limit = host.limits.request_time;
        let until = Instant::now() + limit;
        let obtained = relay.obtain(host, target, asks_for_fresh(headers));
        let (content, seat) = tokio::time::timeout(limit, obtained).await.map_err(|_| {
            let seconds = limit.as_secs();
            let reason = text!(en: "no answer within {seconds} s", pt: "sem resposta em {seconds} s");
            Refusal::new(StatusCode::GATEWAY_TIMEOUT, reason)
        })??;
        let part = part(headers, &content.head);
        if part == Part::PreconditionFailed {
            return Err(Refusal::new(
                StatusCode::PRECONDITION_FAILED,
                text!(en: "this condition is not supported", pt: "esta condição não é suportada"),
            ));
        }
        Ok(Self { part, content, key, until, host: Arc::clone(host), _seat: seat, _slot: slot })
    }

    /// Whether the VM has the file already, as it is.
    pub fn is_unchanged(&self) -> bool {
        self.part == Part::NotModified
    }

    /// The size of the file in bytes; unknown while it arrives from a mirror that does not say.
    pub fn length(&self) -> Option<u64> {
        self.content.head.length
    }

    /// When the file was changed, in the words of its mirror. Must be cleaned before it is passed on.
    pub fn last_modified(&self) -> Option<&str> {
        self.content.head.last_modified.as_deref()
    }

    /// The bytes of the part that was asked for.
    pub fn begin(self) -> DeliveredBytes {
        let (position, end) = match self.part {
            Part::Range(from, to) => (from, Some(to)),
            Part::Whole => (0, self.content.head.length),
            Part::NotModified | Part::Unsatisfiable | Part::PreconditionFailed => (0, Some(0)),
        };
        self.host.remember(self.key.clone());
        DeliveredBytes { delivery: self, position, end }
    }
}

/// The bytes of a [`Delivery`], as far as they have arrived.
#[derive(Debug)]
pub struct DeliveredBytes {
    delivery: Delivery,
    position: u64,
    end: Option<u64>,
}

impl DeliveredBytes {
    /// The next bytes, a bounded number; empty at the end. Waits for bytes that are still to come.
    pub async fn next(&mut self) -> Result<Bytes, Refusal> {
        let read = self.read().await;
        read.map_err(|refusal| self.delivery.host.refuse(refusal))
    }

    async fn read(&mut self) -> Result<Bytes, Refusal> {
        let Delivery { content, until, host, .. } = &mut self.delivery;
        let read = tokio::time::timeout_at(*until, content.read(self.position, self.end)).await;
        let bytes =
            read.map_err(|_| Refusal::upstream(text!(en: "it took too long", pt: "demorou demais")))??;
        let length = bytes.len() as u64;
        self.position += length;
        if host.served.fetch_add(length, Ordering::Relaxed) >= host.limits.served && length > 0 {
            return Err(served_enough());
        }
        Ok(bytes)
    }
}

/// `Cache-Control: no-cache`, as apt sends it when it is told to distrust proxies. Its everyday `max-age=0` is not
/// meant: see `flight`.
fn asks_for_fresh(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|directive| directive.trim().eq_ignore_ascii_case("no-cache"))
}
