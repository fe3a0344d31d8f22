//! One answer for everybody who asks for a file at the same moment: from the cache, after asking the mirror whether
//! it still holds, or while it arrives.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, SystemTime};

use http_cache_semantics::{AfterResponse, BeforeRequest, CacheOptions, CachePolicy};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};
use hyper::{Method, Request, StatusCode};
use reqwest::Response;
use tokio::sync::watch;

use super::content::{Content, Head, Seat};
use super::download::{Download, Sink};
use super::host::HostState;
use super::mirror_file::MirrorFile;
use super::pilot::Pilot;
use super::refusal::Refusal;
use super::shared::{Answer, Flight, Shared, lock};
use super::store::Meta;
use super::upstream;
use crate::model::text;

/// A file that the mirror confirmed this recently is good for the neighbours too, whatever the HTTP rules say: apt
/// asks for revalidation with each request, and some mirrors give nothing to revalidate with.
const CONFIRMED_FOR: Duration = Duration::from_secs(300);

impl Shared {
    /// Finds a file: joins whoever asked for it already, or asks.
    pub async fn obtain(
        self: &Arc<Self>,
        host: &Arc<HostState>,
        target: MirrorFile,
        refetch: bool,
    ) -> Result<(Content, Seat), Refusal> {
        loop {
            let (mut answer, seat) = self.join(host, target.clone(), refetch)?;
            let settled = answer
                .wait_for(|answer| !matches!(answer, Answer::Pending))
                .await
                .map(|answer| answer.clone());
            match settled {
                Ok(Answer::Ready(content)) => return Ok((content, seat)),
                // Whoever asked first may not download any more; that binds nobody else.
                Ok(Answer::Refused(refusal))
                    if refusal.status == StatusCode::TOO_MANY_REQUESTS && host.may_download() => {}
                Ok(Answer::Refused(refusal)) => return Err(refusal),
                Ok(Answer::Pending) | Err(_) => {
                    let reason = text!(en: "the run is ending", pt: "a execução está terminando");
                    return Err(Refusal::upstream(reason));
                }
            }
        }
    }

    fn join(
        self: &Arc<Self>,
        host: &Arc<HostState>,
        target: MirrorFile,
        refetch: bool,
    ) -> Result<(watch::Receiver<Answer>, Seat), Refusal> {
        let key = target.key();
        let mut flights = lock(&self.flights);
        if let Some(flight) = flights.get(&key) {
            return Ok((flight.answer.clone(), Seat::take(&flight.waiting)));
        }
        let place = host.take_off()?;
        let (sender, answer) = watch::channel(Answer::Pending);
        let waiting = Arc::new(AtomicUsize::new(0));
        let seat = Seat::take(&waiting);
        flights.insert(key.clone(), Flight { answer: answer.clone(), waiting: Arc::clone(&waiting) });
        let pilot = Pilot {
            relay: Arc::clone(self),
            target,
            key,
            host: Arc::clone(host),
            refetch,
            answer: sender,
            waiting,
            _place: place,
        };
        // The task belongs to the file, not to who asked first: that one may leave.
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(pilot.fly()));
        Ok((answer, seat))
    }
}

impl Pilot {
    /// Finds the answer, and where it is a download, sees it through.
    pub async fn fly(self) {
        match self.find().await {
            Ok(None) => {}
            Ok(Some((content, download))) => {
                self.answer.send_replace(Answer::Ready(content));
                download.run(&self).await;
            }
            Err(refusal) => {
                // Who comes from here on asks anew.
                self.relay.land(&self.key, &self.waiting);
                self.answer.send_replace(Answer::Refused(refusal));
            }
        }
    }

    /// Answers from the cache itself and returns nothing, or returns the download that must follow.
    async fn find(&self) -> Result<Option<(Content, Download)>, Refusal> {
        let stored = self.stored().await;
        let mut conditions = HeaderMap::new();
        if let Some((_, meta)) = &stored
            && !self.refetch
        {
            if self.target.immutable || self.relay.is_confirmed(&self.key, CONFIRMED_FOR) {
                self.serve(stored);
                return Ok(None);
            }
            match meta.policy.before_request(&plain_request(&self.target), SystemTime::now()) {
                BeforeRequest::Fresh(_) => {
                    self.serve(stored);
                    return Ok(None);
                }
                BeforeRequest::Stale { request, matches: true } => conditions = request.headers,
                BeforeRequest::Stale { .. } => {}
            }
        }
        let response = match self.relay.ask(&self.host, &Method::GET, &self.target, &conditions).await {
            Ok(response) => response,
            Err(refusal) => return self.fall_back(stored, refusal),
        };
        match response.status() {
            StatusCode::OK => self.receive(response).map(Some),
            StatusCode::NOT_MODIFIED => {
                let Some((file, meta)) = stored else {
                    return Err(Refusal::upstream(text!(
                        en: "the mirror answered 304 to an unconditional request",
                        pt: "o espelho respondeu 304 a uma requisição sem condições",
                    )));
                };
                let meta = Meta { policy: confirmed(&meta, &self.target, &conditions, &response), ..meta };
                self.relay.confirm(&self.key);
                // Not noting the confirmation costs a request the next time, no more.
                let _ = self.relay.store.describe(&self.key, &meta);
                self.serve(Some((file, meta)));
                Ok(None)
            }
            status => {
                let refusal = self.relay.upstream.refusal(&response);
                if status.is_server_error() { self.fall_back(stored, refusal) } else { Err(refusal) }
            }
        }
    }

    async fn stored(&self) -> Option<(std::fs::File, Meta)> {
        let (relay, key, url) = (Arc::clone(&self.relay), self.key.clone(), self.target.url.to_string());
        tokio::task::spawn_blocking(move || relay.store.get(&key, &url)).await.ok().flatten()
    }

    fn serve(&self, stored: Option<(std::fs::File, Meta)>) {
        if let Some((file, meta)) = stored {
            self.answer.send_replace(Answer::Ready(Content::whole(file, meta.head)));
        }
    }

    /// Without a way to the mirror an index of yesterday is better than none: apt judges its age itself.
    fn fall_back(
        &self,
        stored: Option<(std::fs::File, Meta)>,
        refusal: Refusal,
    ) -> Result<Option<(Content, Download)>, Refusal> {
        if stored.is_none() || self.refetch || refusal.status == StatusCode::FORBIDDEN {
            return Err(refusal);
        }
        let origin = upstream::origin(&self.target.url);
        let reason = &refusal.reason;
        self.relay.note(text!(
            en: "{origin} can't be asked ({reason}); the cache's copies are served",
            pt: "não dá para perguntar a {origin} ({reason}); servem-se as cópias do cache", reason
        ));
        self.serve(stored);
        Ok(None)
    }

    fn receive(&self, response: Response) -> Result<(Content, Download), Refusal> {
        let text = |name: HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let length = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let head = Head {
            length,
            content_type: text(CONTENT_TYPE),
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        };
        if length.is_some_and(|length| length > self.host.limits.file) {
            return Err(Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                text!(
                    en: "the file is larger than the relay's limit",
                    pt: "o arquivo é maior do que o limite do proxy de pacotes",
                ),
            ));
        }
        if !self.has_room(length.unwrap_or_default()) {
            return Err(self.relay.disk_full());
        }
        let failed = |error: std::io::Error| self.relay.cache_failure(&error);
        let (file, path) = self.relay.store.begin().map_err(failed)?.into_parts();
        let file = Arc::new(file);
        let (content, arrival) = Content::arriving(Arc::clone(&file), head.clone());
        let sink = Sink::new(file, path);
        let policy = policy(&self.target, &response);
        Ok((content, Download { response, head, policy, arrival, sink }))
    }
}

/// The request that the cache's rules are applied to. What apt sends itself (always `max-age=0` for an index) is left
/// out: it would send each VM of a class to the mirror.
fn plain_request(target: &MirrorFile) -> Request<()> {
    let mut request = Request::new(());
    if let Ok(uri) = target.url.as_str().parse() {
        *request.uri_mut() = uri;
    }
    request
}

fn policy(target: &MirrorFile, response: &Response) -> CachePolicy {
    let mut answer = hyper::Response::new(());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    // No guesses from a file's age: an index of a stable release is old and changes all the same.
    let options = CacheOptions { shared: false, cache_heuristic: 0.0, ..CacheOptions::default() };
    CachePolicy::new_options(&plain_request(target), &answer, SystemTime::now(), options)
}

fn confirmed(meta: &Meta, target: &MirrorFile, conditions: &HeaderMap, response: &Response) -> CachePolicy {
    let mut request = plain_request(target);
    *request.headers_mut() = conditions.clone();
    let mut answer = hyper::Response::new(());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    // A 304 may leave out the validators that it confirms.
    for (name, value) in [(ETAG, &meta.head.etag), (LAST_MODIFIED, &meta.head.last_modified)] {
        if let Some(value) = value.as_ref().and_then(|value| value.parse().ok()) {
            answer.headers_mut().entry(name).or_insert(value);
        }
    }
    match meta.policy.after_response(&request, &answer, SystemTime::now()) {
        AfterResponse::NotModified(policy, _) => policy,
        AfterResponse::Modified(..) => meta.policy.clone(),
    }
}
