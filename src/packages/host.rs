//! What one VM may do and has done: its token, its sources, its limits and its counts.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use hyper::header::{HeaderMap, PROXY_AUTHORIZATION};
use subtle::ConstantTimeEq as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::place::Places;
use super::refusal::Refusal;
use super::sources::Sources;
use crate::model::{HostId, Text, text};

/// The user name beside the token in the proxy's URL.
const USER: &str = "run";
/// So many different refusals are remembered: a VM can cause any number.
const REFUSALS: usize = 16;

#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at the same moment that have shown the token.
    pub connections: usize,
    /// Connections at the same moment that have not, of whoever is on the VM.
    pub strangers: usize,
    /// Requests and tunnels at the same moment.
    pub requests: usize,
    /// Requests and tunnels, all in all: what is remembered of each costs memory.
    pub asked: u64,
    /// Downloads under way because it was the first to ask, whether somebody still waits for them or not.
    pub downloads: usize,
    /// Bytes that it is served, all in all.
    pub served: u64,
    /// Bytes that are downloaded because it was the first to ask.
    pub downloaded: u64,
    pub file: u64,
    /// Bytes that are left on the laptop's disk, whatever it asks for.
    pub reserve: u64,
    pub request_time: Duration,
    /// The longest time for the head of a request, and that a connection may be idle.
    pub head: Duration,
    /// The longest time that a connection may stand still.
    pub silence: Duration,
    /// A mirror that sends fewer bytes than this in this time is given up.
    pub pace: (u64, Duration),
}

impl Default for Limits {
    fn default() -> Self {
        const GIB: u64 = 1 << 30;
        Self {
            connections: 32,
            strangers: 128,
            requests: 16,
            asked: 20_000,
            downloads: 16,
            served: 16 * GIB,
            downloaded: 8 * GIB,
            file: 4 * GIB,
            reserve: GIB / 16,
            request_time: Duration::from_secs(3600),
            head: Duration::from_secs(60),
            silence: Duration::from_secs(300),
            pace: (64 * 1024, Duration::from_secs(60)),
        }
    }
}

#[derive(Debug)]
pub(super) struct HostState {
    pub id: HostId,
    pub sources: Sources,
    pub limits: Limits,
    asked: AtomicU64,
    pub served: AtomicU64,
    pub downloaded: AtomicU64,
    pub files: AtomicU64,
    /// Ends with the admission.
    pub closed: CancellationToken,
    pub token: String,
    pub places: Arc<Places>,
    slots: Arc<Semaphore>,
    flights: Arc<Semaphore>,
    served_keys: Mutex<HashSet<String>>,
    /// What it was told of late, the newest last.
    refusals: Mutex<VecDeque<Refusal>>,
    told: AtomicU32,
}

impl HostState {
    pub fn new(id: HostId, sources: Sources, limits: Limits) -> Self {
        Self {
            id,
            sources,
            asked: AtomicU64::new(0),
            served: AtomicU64::new(0),
            downloaded: AtomicU64::new(0),
            files: AtomicU64::new(0),
            closed: CancellationToken::new(),
            token: format!("{:032x}", rand::random::<u128>()),
            places: Places::new(limits.connections, limits.strangers),
            slots: Arc::new(Semaphore::new(limits.requests)),
            flights: Arc::new(Semaphore::new(limits.downloads)),
            limits,
            served_keys: Mutex::default(),
            refusals: Mutex::default(),
            told: AtomicU32::new(0),
        }
    }

    pub fn proxy_url(&self, port: u16) -> String {
        format!("http://{USER}:{}@127.0.0.1:{port}", self.token)
    }

    /// Checks the token of a request, in a time that does not depend on how much of it is right.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let unauthorised = || {
            Refusal::new(
                StatusCode::PROXY_AUTHENTICATION_REQUIRED,
                text!(
                    en: "this relay serves only the run that opened it",
                    pt: "este proxy de pacotes só atende à execução que o abriu",
                ),
            )
        };
        if self.closed.is_cancelled() {
            return Err(unauthorised());
        }
        let mut given = headers.get_all(PROXY_AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else { return Err(unauthorised()) };
        let expected = format!("{USER}:{}", self.token);
        let decoded = value
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
            .and_then(|(_, credentials)| STANDARD.decode(credentials.trim()).ok())
            .ok_or_else(unauthorised)?;
        if bool::from(decoded.ct_eq(expected.as_bytes())) { Ok(()) } else { Err(unauthorised()) }
    }

    pub fn enter(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        if self.served.load(Ordering::Relaxed) >= self.limits.served {
            return Err(served_enough());
        }
        if self.asked.fetch_add(1, Ordering::Relaxed) >= self.limits.asked {
            return Err(Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                text!(
                    en: "this VM has reached its limit of requests",
                    pt: "esta VM atingiu o seu limite de requisições",
                ),
            ));
        }
        Arc::clone(&self.slots).try_acquire_owned().map_err(|_| {
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                text!(
                    en: "this VM has too many requests at the same moment",
                    pt: "esta VM tem requisições demais ao mesmo tempo",
                ),
            )
        })
    }

    /// A place for one more download on its account.
    pub fn take_off(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.flights).try_acquire_owned().map_err(|_| {
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                text!(
                    en: "this VM has too many downloads at the same moment",
                    pt: "esta VM tem downloads demais ao mesmo tempo",
                ),
            )
        })
    }

    /// Whether what nobody waits for may go on, on its account: only while there is room for what is waited for.
    pub fn may_finish_unwanted(&self) -> bool {
        self.flights.available_permits() > self.limits.downloads / 2
    }

    pub fn may_download(&self) -> bool {
        self.downloaded.load(Ordering::Relaxed) < self.limits.downloaded
    }

    pub fn remember(&self, key: String) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.served_keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
    }

    /// The keys of all that it was served; forgets them.
    pub fn take_served(&self) -> HashSet<String> {
        std::mem::take(&mut *self.served_keys.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Numbers what it is told instead of a file, or of its end, and remembers it.
    pub fn refuse(&self, mut refusal: Refusal) -> Refusal {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let known = refusals.iter().position(|known| known.reason == refusal.reason);
        refusal.number = match known.and_then(|at| refusals.remove(at)) {
            Some(known) => known.number,
            None => self.told.fetch_add(1, Ordering::Relaxed) + 1,
        };
        refusals.push_back(refusal.clone());
        if refusals.len() > REFUSALS {
            refusals.pop_front();
        }
        refusal
    }

    /// The reason of one that it was told of late.
    pub fn reason(&self, number: u32) -> Option<Text> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.iter().find(|refusal| refusal.number == number).map(Refusal::told)
    }
}

pub(super) fn served_enough() -> Refusal {
    Refusal::new(
        StatusCode::TOO_MANY_REQUESTS,
        text!(en: "this VM has reached its limit of bytes", pt: "esta VM atingiu o seu limite de bytes"),
    )
}
