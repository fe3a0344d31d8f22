//! What the clones of a relay and the tasks of its downloads share: the cache, the way to the mirrors, and the table
//! of flights that makes one download of many requests.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::HeaderMap;
use hyper::{Method, StatusCode};
use reqwest::{Response, Url};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::content::Content;
use super::host::HostState;
use super::mirror_file::MirrorFile;
use super::path::normal_path;
use super::refusal::Refusal;
use super::store::Store;
use super::upstream::Upstream;
use crate::model::{Text, text};

/// Most different notes of a run: VMs can cause them.
const NOTES: usize = 100;

#[derive(Debug, Clone)]
pub(super) enum Answer {
    Pending,
    Ready(Content),
    /// There will be no file.
    Refused(Refusal),
}

/// A request for a file that others may join.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub answer: watch::Receiver<Answer>,
    pub waiting: Arc<AtomicUsize>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub store: Store,
    pub upstream: Upstream,
    pub downloaded: AtomicU64,
    pub folder: PathBuf,
    pub flights: Mutex<HashMap<String, Flight>>,
    confirmed: Mutex<HashMap<String, Instant>>,
    notes: Mutex<Notes>,
    pub stop: CancellationToken,
}

#[derive(Debug, Default)]
struct Notes {
    told: HashSet<Text>,
    fresh: Vec<Text>,
}

impl Shared {
    /// `stop` ends all downloads.
    pub fn new(folder: PathBuf, store: Store, upstream: Upstream, stop: CancellationToken) -> Self {
        Self {
            store,
            upstream,
            downloaded: AtomicU64::new(0),
            folder,
            flights: Mutex::default(),
            confirmed: Mutex::default(),
            notes: Mutex::default(),
            stop,
        }
    }

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

    pub async fn ask(
        &self,
        host: &HostState,
        method: &Method,
        target: &MirrorFile,
        headers: &HeaderMap,
    ) -> Result<Response, Refusal> {
        if !host.may_download() {
            return Err(Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                text!(
                    en: "this VM has reached its limit of downloads",
                    pt: "esta VM atingiu o seu limite de downloads",
                ),
            ));
        }
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

    /// Forgets those of some files that complaints name by URL, or all where none is named; returns how many.
    pub fn distrust(&self, keys: &HashSet<String>, complaints: &[String]) -> usize {
        let named: HashSet<String> =
            complaints.iter().flat_map(|words| words.split_whitespace()).filter_map(place).collect();
        let is_named = |key: &&String| {
            self.store.url(key).and_then(|url| place(&url)).is_some_and(|place| named.contains(&place))
        };
        let bad: Vec<&String> = keys.iter().filter(is_named).collect();
        let bad = if bad.is_empty() { keys.iter().collect() } else { bad };
        for key in &bad {
            self.store.remove(key);
            lock(&self.confirmed).remove(*key);
        }
        bad.len()
    }

    /// Tells the user something, once.
    pub fn note(&self, note: Text) {
        let mut notes = lock(&self.notes);
        if notes.told.len() < NOTES && notes.told.insert(note.clone()) {
            notes.fresh.push(note);
        }
    }

    /// What there is to tell since the last call.
    pub fn take_notes(&self) -> Vec<Text> {
        lock(&self.notes).fresh.drain(..).collect()
    }

    /// The disk has no room for a file. The VM is not told where: that is the user's own affair.
    pub fn disk_full(&self) -> Refusal {
        let folder = self.folder.display();
        self.note(text!(
            en: "the laptop's disk is full: free some space for {folder}",
            pt: "o disco do notebook está cheio: libere espaço para {folder}",
        ));
        let reason = text!(en: "the laptop's disk is full", pt: "o disco do notebook está cheio");
        Refusal::new(StatusCode::INSUFFICIENT_STORAGE, reason)
    }

    pub fn cache_failure(&self, error: &io::Error) -> Refusal {
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return self.disk_full();
        }
        let folder = self.folder.display();
        self.note(text!(
            en: "the package cache {folder} can't be written: {error}",
            pt: "não foi possível gravar no cache de pacotes {folder}: {error}",
        ));
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            text!(
                en: "the laptop's package cache can't be written",
                pt: "não é possível gravar no cache de pacotes do notebook",
            ),
        )
    }
}

/// Host and path of a URL, in one spelling. A source that is https for the laptop may be http for a VM.
fn place(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(format!("{}{}", url.host_str()?, normal_path(url.path()).ok()?))
}

/// Locks a table of which no change can be half made.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
