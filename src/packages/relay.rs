//! The relay of a run: what all VMs share. Owns the cache, the way to the mirrors, the flights under way and the
//! counts; a VM's own part is in `host`, one connection of it in `service`.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use etcetera::BaseStrategy as _;
use hyper::header::HeaderMap;
use hyper::{Method, StatusCode};
use reqwest::Response;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::address::Networks;
use super::content::{Content, Seat};
use super::flight::{Answer, Flight, Pilot};
use super::host::{HostState, Limits};
use super::names::{Allowed, Names};
use super::refusal::Refusal;
use super::sources::Sources;
use super::store::{self, Store};
use super::target::Target;
use super::upstream::Upstream;
use crate::error::{Error, Result};
use crate::model::HostId;

/// How large the cache may be between runs.
const DEFAULT_SIZE_LIMIT: u64 = 10 << 30;
/// Most different notes of a run: VMs can cause them.
const NOTES: usize = 100;

/// How a relay is made.
#[derive(Debug, Clone)]
pub struct RelayOptions {
    /// Where files are kept; default `provision/packages` in the user's cache folder.
    pub cache_dir: Option<PathBuf>,
    /// How large the cache may be between runs, in bytes; a run may exceed it.
    pub size_limit: u64,
    /// Mirrors that may be asked although their address is private, by name.
    pub mirrors_allowed: Vec<String>,
    /// For each VM.
    pub limits: Limits,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            cache_dir: None,
            size_limit: DEFAULT_SIZE_LIMIT,
            mirrors_allowed: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// The cache folder that is used where the user names none.
pub fn default_cache_dir() -> Result<PathBuf> {
    let folders = etcetera::choose_base_strategy().map_err(|error| {
        Error::new("the cache folder of packages is unknown")
            .because(error)
            .hint("set HOME or XDG_CACHE_HOME")
    })?;
    Ok(folders.cache_dir().join("provision").join("packages"))
}

/// Serves package files to the VMs of one run. A clone is the same relay; with the last one all downloads stop.
#[derive(Debug, Clone)]
pub struct PackageRelay {
    inner: Arc<Inner>,
    /// Ends the downloads, which hold `inner`.
    _stop: Arc<DropGuard>,
}

/// A VM's leave to use the relay. Dropping it makes its token void and ends its connections.
#[derive(Debug)]
pub struct Admission {
    host: Arc<HostState>,
}

/// What was served to whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    /// Bytes of files served to VMs.
    pub served_bytes: u64,
    /// Bytes of files that crossed the laptop's uplink.
    pub downloaded_bytes: u64,
    /// Files served to VMs, counted once for each answer.
    pub files: u64,
    /// Requests that left the laptop.
    pub upstream_requests: u64,
    /// Of each VM that was served.
    pub hosts: BTreeMap<HostId, HostCounters>,
}

/// What was served to one VM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostCounters {
    /// Bytes of files served to it.
    pub served_bytes: u64,
    /// Bytes downloaded because it was the first to ask.
    pub downloaded_bytes: u64,
    /// Files served to it.
    pub files: u64,
}

impl PackageRelay {
    /// Opens the cache and prepares the way to the mirrors. Nothing is downloaded yet.
    pub fn new(options: RelayOptions) -> Result<Self> {
        let RelayOptions { cache_dir, size_limit, mirrors_allowed, limits } = options;
        let folder = cache_dir.map_or_else(default_cache_dir, Ok)?;
        let failed = |error: io::Error| {
            Error::new(format!("the package cache {} can't be used", folder.display()))
                .because(error)
                .hint("check that you may write there and that its disk is not full")
        };
        store::shrink(&folder, size_limit).map_err(failed)?;
        let store = Store::open(&folder).map_err(failed)?;
        let allowed = Allowed::new(mirrors_allowed.iter().map(String::as_str));
        let upstream = Upstream::new(Names::new(allowed, Networks::of_this_machine()))?;
        let stop = CancellationToken::new();
        let inner = Inner {
            store,
            upstream,
            folder,
            size_limit,
            limits,
            downloaded: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            flights: Mutex::default(),
            confirmed: Mutex::default(),
            hosts: Mutex::default(),
            notes: Mutex::default(),
            stop: stop.clone(),
        };
        Ok(Self { inner: Arc::new(inner), _stop: Arc::new(stop.drop_guard()) })
    }

    /// Lets a VM in, to what its own apt sources name and no more.
    pub fn admit(&self, host: &HostId, sources: Sources) -> Admission {
        let host = Arc::new(HostState::new(host.clone(), sources, self.inner.limits.clone()));
        lock(&self.inner.hosts).push(Arc::clone(&host));
        Admission { host }
    }

    /// Serves HTTP on one connection of an admitted VM until either side closes it. The future owns all it needs.
    pub fn serve<S>(&self, admission: &Admission, stream: S) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        super::service::serve(Arc::clone(&self.inner), Arc::clone(&admission.host), stream)
    }

    /// Takes a VM's word that a file it was served was bad: apt's own hash said so. Whatever that VM was served is
    /// dropped from the cache and downloaded again when somebody asks; returns how many files those were.
    pub async fn distrust(&self, admission: &Admission) -> usize {
        let keys = admission.host.take_served();
        let count = keys.len();
        let inner = Arc::clone(&self.inner);
        let removal = tokio::task::spawn_blocking(move || {
            for key in keys {
                inner.store.remove(&key);
                lock(&inner.confirmed).remove(&key);
            }
        });
        // It does not panic, and a runtime that ends takes the cache's user with it.
        let _ = removal.await;
        count
    }

    /// What was served until now.
    pub fn counters(&self) -> Counters {
        let mut counters = Counters {
            downloaded_bytes: self.inner.downloaded.load(Ordering::Relaxed),
            upstream_requests: self.inner.asked.load(Ordering::Relaxed),
            ..Counters::default()
        };
        for host in lock(&self.inner.hosts).iter() {
            let entry = counters.hosts.entry(host.id.clone()).or_default();
            let (served, files) = (host.served.load(Ordering::Relaxed), host.files.load(Ordering::Relaxed));
            entry.served_bytes += served;
            entry.downloaded_bytes += host.downloaded.load(Ordering::Relaxed);
            entry.files += files;
            counters.served_bytes += served;
            counters.files += files;
        }
        counters.hosts.retain(|_, host| host.files > 0);
        counters
    }

    /// What the user should know, each thing once: a full disk, a mirror that does not answer. Text of mirrors in it
    /// must be cleaned before it is printed.
    pub fn take_notes(&self) -> Vec<String> {
        lock(&self.inner.notes).fresh.drain(..).collect()
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        lock(&self.inner.flights).is_empty()
    }

    /// Brings the cache back to its size at the end of a run; returns the bytes freed.
    pub async fn tidy(&self) -> Result<u64> {
        let (folder, limit) = (self.inner.folder.clone(), self.inner.size_limit);
        let shrunk = tokio::task::spawn_blocking(move || store::shrink(&folder, limit)).await;
        shrunk.map_err(io::Error::other).flatten().map_err(|error| {
            Error::new(format!("the package cache {} can't be cleaned", self.inner.folder.display()))
                .because(error)
        })
    }
}

impl Admission {
    /// What apt is given as `Acquire::http::Proxy`, with the port that the VM's end of the forward has.
    pub fn proxy_url(&self, port: u16) -> String {
        self.host.proxy_url(port)
    }

    /// The secret in that URL.
    pub fn token(&self) -> &str {
        self.host.token()
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.host.closed.cancel();
    }
}

/// What the clones of a relay and its tasks share.
#[derive(Debug)]
pub(super) struct Inner {
    pub store: Store,
    pub upstream: Upstream,
    pub downloaded: AtomicU64,
    folder: PathBuf,
    size_limit: u64,
    limits: Limits,
    asked: AtomicU64,
    flights: Mutex<HashMap<String, Flight>>,
    confirmed: Mutex<HashMap<String, Instant>>,
    hosts: Mutex<Vec<Arc<HostState>>>,
    notes: Mutex<Notes>,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct Notes {
    told: std::collections::HashSet<String>,
    fresh: Vec<String>,
}

impl Inner {
    /// Finds a file: joins whoever asked for it already, or asks.
    pub async fn obtain(
        self: &Arc<Self>,
        host: &Arc<HostState>,
        target: Target,
        refetch: bool,
    ) -> Result<(Content, Seat), Refusal> {
        let (mut answer, seat) = self.join(host, target, refetch);
        loop {
            match answer.borrow_and_update().clone() {
                Answer::Ready(content) => return Ok((content, seat)),
                Answer::Refused(refusal) => return Err(refusal),
                Answer::Pending => {}
            }
            if answer.changed().await.is_err() {
                return Err(Refusal::upstream("the run is ending"));
            }
        }
    }

    fn join(
        self: &Arc<Self>,
        host: &Arc<HostState>,
        target: Target,
        refetch: bool,
    ) -> (watch::Receiver<Answer>, Seat) {
        let key = target.key();
        let mut flights = lock(&self.flights);
        if let Some(flight) = flights.get(&key) {
            return (flight.answer.clone(), Seat::take(&flight.waiting));
        }
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
        };
        // The task belongs to the file, not to who asked first: that one may leave.
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(pilot.fly()));
        (answer, seat)
    }

    /// A flight is over.
    pub fn land(&self, key: &str, waiting: &Arc<AtomicUsize>) {
        let mut flights = lock(&self.flights);
        if flights.get(key).is_some_and(|flight| Arc::ptr_eq(&flight.waiting, waiting)) {
            flights.remove(key);
        }
    }

    /// Ends a flight if nobody waits for it; says whether that was so.
    pub fn land_unwanted(&self, key: &str, waiting: &Arc<AtomicUsize>) -> bool {
        let mut flights = lock(&self.flights);
        let unwanted = waiting.load(Ordering::SeqCst) == 0;
        if unwanted {
            flights.remove(key);
        }
        unwanted
    }

    /// Sends a request to a mirror.
    pub async fn ask(
        &self,
        host: &HostState,
        method: &Method,
        target: &Target,
        headers: &HeaderMap,
    ) -> Result<Response, Refusal> {
        if host.downloaded.load(Ordering::Relaxed) >= host.limits.downloaded {
            return Err(Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "this VM has reached its limit of downloads",
            ));
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let asked = self.upstream.ask(method, &target.url, headers).await;
        if let Err(refusal) = &asked
            && refusal.status.is_server_error()
        {
            self.note(refusal.reason.clone());
        }
        asked
    }

    /// Remembers that a mirror stands by a file.
    pub fn confirm(&self, key: &str) {
        lock(&self.confirmed).insert(key.to_owned(), Instant::now());
    }

    /// Whether a mirror stood by a file during this run, at most so long ago.
    pub fn is_confirmed(&self, key: &str, within: Duration) -> bool {
        lock(&self.confirmed).get(key).is_some_and(|since| since.elapsed() < within)
    }

    /// Tells the user something, once.
    pub fn note(&self, note: String) {
        let mut notes = lock(&self.notes);
        if notes.told.len() < NOTES && notes.told.insert(note.clone()) {
            notes.fresh.push(note);
        }
    }

    /// The disk has no room for a file.
    pub fn disk_full(&self) -> Refusal {
        let reason = format!("the laptop's disk is full, no room in {}", self.folder.display());
        self.note(format!("{reason}: free some space there"));
        Refusal::new(StatusCode::INSUFFICIENT_STORAGE, reason)
    }

    /// The cache can't be written.
    pub fn cache_failure(&self, error: &io::Error) -> Refusal {
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return self.disk_full();
        }
        let reason =
            format!("the laptop's package cache {} can't be written: {error}", self.folder.display());
        self.note(reason.clone());
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, reason)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is done under these locks leaves a value half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
