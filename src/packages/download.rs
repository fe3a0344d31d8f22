//! A file on its way from a mirror into the cache, readable while it arrives.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use base16ct::lower::encode_string;
use futures_util::FutureExt as _;
use http_cache_semantics::CachePolicy;
use hyper::header::{CONTENT_RANGE, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use hyper::{Method, StatusCode};
use reqwest::Response;
use sha2::{Digest, Sha256};
use tempfile::TempPath;

use super::content::{Arrival, Head};
use super::pilot::Pilot;
use super::store::Meta;
use super::upstream;
use crate::model::{Text, text};

/// A download that nobody waits for any more goes on to its end if no more than this is missing.
const WORTH_FINISHING: u64 = 16 << 20;
/// Bytes collected for one write.
const WRITE_SIZE: usize = 256 * 1024;
/// How often a broken download is taken up where it broke.
const RESUMES: usize = 3;

pub(super) struct Download {
    pub response: Response,
    pub head: Head,
    pub policy: CachePolicy,
    pub arrival: Arrival,
    pub sink: Sink,
}

impl Download {
    pub async fn run(self, pilot: &Pilot) {
        let Self { response, head, policy, arrival, mut sink } = self;
        let limit = pilot.host.limits.request_time;
        let filled = tokio::time::timeout(limit, sink.fill(response, &head, &arrival, pilot)).await;
        let end = match filled {
            Ok(Ok(())) => sink.keep(pilot, head, policy).await,
            Ok(Err(broken)) => Err(broken),
            Err(_) => {
                let seconds = limit.as_secs();
                let reason = text!(en: "it took longer than {seconds} s", pt: "demorou mais de {seconds} s");
                Err(Broken::Because(reason))
            }
        };
        let end = end.map_err(|broken| match broken {
            Broken::Unwanted => {
                text!(en: "nobody waits for it any more", pt: "ninguém mais espera por este arquivo")
            }
            Broken::Because(reason) => {
                let url = &pilot.target.url;
                pilot.relay.note(text!(
                    en: "{url} was not downloaded: {reason}",
                    pt: "{url} não foi baixado: {reason}", reason
                ));
                reason
            }
        });
        // Who comes from here on asks anew, and does not join a download that failed.
        pilot.relay.land(&pilot.key, &pilot.waiting);
        arrival.finish(end);
    }
}

/// Why a download did not end well.
enum Broken {
    /// All who waited for it have left, which is nobody's fault.
    Unwanted,
    /// The mirror, the disk or a limit.
    Because(Text),
}

/// Whether bytes come fast enough. A mirror that drips never falls silent, and would hold a class up for an hour.
struct Pace {
    least: u64,
    period: Duration,
    since: Instant,
    before: u64,
}

impl Pace {
    fn start((least, period): (u64, Duration)) -> Self {
        Self { least, period, since: Instant::now(), before: 0 }
    }

    /// Looks at how many bytes have come until now.
    fn holds(&mut self, written: u64) -> bool {
        if self.since.elapsed() < self.period {
            return true;
        }
        let is_kept = written - self.before >= self.least;
        (self.since, self.before) = (Instant::now(), written);
        is_kept
    }
}

/// The bytes of a download, in a file that its readers share.
pub(super) struct Sink {
    file: Arc<File>,
    /// Where it lies until it is kept.
    path: TempPath,
    hasher: Sha256,
    written: u64,
}

impl Sink {
    pub fn new(file: Arc<File>, path: TempPath) -> Self {
        Self { file, path, hasher: Sha256::new(), written: 0 }
    }

    /// Receives all bytes. A download that breaks is taken up again where the mirror can do that.
    async fn fill(
        &mut self,
        mut response: Response,
        head: &Head,
        arrival: &Arrival,
        pilot: &Pilot,
    ) -> Result<(), Broken> {
        let mut resumes = 0;
        let mut pace = Pace::start(pilot.host.limits.pace);
        loop {
            let broken = match self.receive(&mut response, head, arrival, pilot, &mut pace).await? {
                None if head.length.is_none_or(|length| length == self.written) => return Ok(()),
                None => text!(
                    en: "the mirror sent less than it announced",
                    pt: "o espelho enviou menos do que anunciou",
                ),
                Some(error) => pilot.relay.upstream.failure(&pilot.target.url, &error).reason,
            };
            resumes += 1;
            if resumes > RESUMES {
                return Err(Broken::Because(broken));
            }
            response = self.resume(head, pilot).await.ok_or(Broken::Because(broken))?;
        }
    }

    /// Receives until the end of an answer, or until it breaks.
    async fn receive(
        &mut self,
        response: &mut Response,
        head: &Head,
        arrival: &Arrival,
        pilot: &Pilot,
        pace: &mut Pace,
    ) -> Result<Option<reqwest::Error>, Broken> {
        let mut ended = None;
        while ended.is_none() {
            let mut buffer = Vec::new();
            let mut next = Some(response.chunk().await);
            // Whatever is there already goes into the same write.
            while let Some(chunk) = next.take() {
                match chunk {
                    Ok(Some(bytes)) => buffer.extend_from_slice(&bytes),
                    Ok(None) => ended = Some(None),
                    Err(error) => ended = Some(Some(error)),
                }
                if ended.is_none() && buffer.len() < WRITE_SIZE {
                    next = response.chunk().now_or_never();
                }
            }
            if !buffer.is_empty() {
                self.write(buffer, head, pilot).await?;
                arrival.advance(self.written);
            }
            if ended.is_none() && !pace.holds(self.written) {
                let origin = upstream::origin(&pilot.target.url);
                return Err(Broken::Because(text!(
                    en: "{origin} is far too slow",
                    pt: "{origin} é lento demais",
                )));
            }
            let missing = head.length.map_or(u64::MAX, |length| length.saturating_sub(self.written));
            if ended.is_none()
                && (missing > WORTH_FINISHING || !pilot.host.may_finish_unwanted())
                && pilot.relay.land_unwanted(&pilot.key, &pilot.waiting)
            {
                return Err(Broken::Unwanted);
            }
        }
        Ok(ended.flatten())
    }

    async fn write(&mut self, buffer: Vec<u8>, head: &Head, pilot: &Pilot) -> Result<(), Broken> {
        let length = buffer.len() as u64;
        let after = self.written + length;
        if head.length.is_some_and(|announced| after > announced) {
            return Err(Broken::Because(text!(
                en: "the mirror sent more than it announced",
                pt: "o espelho enviou mais do que anunciou",
            )));
        }
        if after > pilot.host.limits.file {
            return Err(Broken::Because(text!(
                en: "it is larger than the relay's limit",
                pt: "o arquivo é maior do que o limite do proxy de pacotes",
            )));
        }
        // Others write to this disk too, and not every mirror says beforehand how much will come.
        if !pilot.has_room(length) {
            return Err(Broken::Because(pilot.relay.disk_full().reason));
        }
        pilot.host.downloaded.fetch_add(length, Ordering::Relaxed);
        pilot.relay.downloaded.fetch_add(length, Ordering::Relaxed);
        let (file, mut hasher, position) = (Arc::clone(&self.file), self.hasher.clone(), self.written);
        let written = tokio::task::spawn_blocking(move || {
            hasher.update(&buffer);
            file.write_all_at(&buffer, position).map(|()| hasher)
        });
        match written.await.map_err(io::Error::other).flatten() {
            Ok(hasher) => {
                self.hasher = hasher;
                self.written = after;
                Ok(())
            }
            Err(error) => Err(Broken::Because(pilot.relay.cache_failure(&error).reason)),
        }
    }

    /// Asks for the rest, if the mirror can promise that it is the rest of the same file.
    async fn resume(&self, head: &Head, pilot: &Pilot) -> Option<Response> {
        let strong = head.etag.as_ref().filter(|etag| !etag.starts_with("W/"));
        let validator = strong.or(head.last_modified.as_ref())?;
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(&format!("bytes={}-", self.written)).ok()?);
        headers.insert(IF_RANGE, HeaderValue::from_str(validator).ok()?);
        let response = pilot.relay.ask(&pilot.host, &Method::GET, &pilot.target, &headers).await.ok()?;
        let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
        let continues = range.starts_with(&format!("bytes {}-", self.written));
        (response.status() == StatusCode::PARTIAL_CONTENT && continues).then_some(response)
    }

    async fn keep(self, pilot: &Pilot, head: Head, policy: CachePolicy) -> Result<(), Broken> {
        let sha256 = encode_string(&self.hasher.finalize());
        if pilot.target.promised_sha256().is_some_and(|promised| promised != sha256) {
            return Err(Broken::Because(text!(
                en: "its content is not what its name promises",
                pt: "o conteúdo não é o que o nome do arquivo promete",
            )));
        }
        let meta = Meta {
            url: pilot.target.url.to_string(),
            sha256,
            head: Head { length: Some(self.written), ..head },
            policy,
        };
        let (relay, key) = (Arc::clone(&pilot.relay), pilot.key.clone());
        let kept = tokio::task::spawn_blocking(move || relay.store.put(&key, &self.file, self.path, &meta));
        match kept.await.map_err(io::Error::other).flatten() {
            Ok(()) => {
                pilot.relay.confirm(&pilot.key);
                Ok(())
            }
            // The readers have it all the same.
            Err(error) => {
                pilot.relay.cache_failure(&error);
                Ok(())
            }
        }
    }
}
