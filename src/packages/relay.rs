//! The relay of a run: what all VMs share. Owns the cache, the way to the mirrors, the flights under way and the
//! counts; a VM's own part is in `host`, one connection of it in `service`.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use etcetera::BaseStrategy as _;
use hyper::Uri;
use hyper::header::{CACHE_CONTROL, HeaderMap, HeaderValue, IF_MODIFIED_SINCE};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::address::Networks;
use super::delivery::Delivery;
use super::host::{HostState, Limits};
use super::mirror_file;
use super::names::{Allowed, Names};
use super::refusal::Refusal;
use super::shared::{Shared, lock};
use super::sources::Sources;
use super::store::{self, Store};
use super::upstream::Upstream;
use crate::error::{Error, Result};
use crate::model::{HostId, Text, text};

const DEFAULT_SIZE_LIMIT: u64 = 10 << 30;

#[derive(Debug, Clone)]
pub struct RelayOptions {
    /// Where files are kept; default `provision/packages` in the user's cache folder.
    pub cache_dir: Option<PathBuf>,
    /// How large the cache may be between runs, in bytes; a run may exceed it.
    pub size_limit: u64,
    /// Mirrors that may be asked although their address is private, by name.
    pub mirrors_allowed: Vec<String>,
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
        Error::machine(text!(
            en: "the cache folder of packages is unknown",
            pt: "a pasta do cache de pacotes não é conhecida",
        ))
        .because(error)
        .hint(text!(en: "set HOME or XDG_CACHE_HOME", pt: "defina HOME ou XDG_CACHE_HOME"))
    })?;
    Ok(folders.cache_dir().join("provision").join("packages"))
}

/// Serves package files to the VMs of one run. A clone is the same relay; with the last one all downloads stop.
#[derive(Debug, Clone)]
pub struct PackageRelay {
    pub(super) shared: Arc<Shared>,
    hosts: Arc<Mutex<Vec<Arc<HostState>>>>,
    limits: Limits,
    size_limit: u64,
    /// Ends the downloads, which hold `shared`.
    _stop: Arc<DropGuard>,
}

/// A VM's leave to use the relay. Dropping it makes its token void and ends its connections.
#[derive(Debug)]
pub struct Admission {
    pub(super) host: Arc<HostState>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    /// Bytes of files served to VMs.
    pub served_bytes: u64,
    /// Bytes of files that crossed the laptop's uplink.
    pub downloaded_bytes: u64,
    /// Files served to VMs, counted once for each answer.
    pub files: u64,
    pub upstream_requests: u64,
    /// VMs that were served.
    pub hosts: usize,
}

impl PackageRelay {
    /// Opens the cache and prepares the way to the mirrors. Nothing is downloaded yet.
    pub fn new(options: RelayOptions) -> Result<Self> {
        let RelayOptions { cache_dir, size_limit, mirrors_allowed, limits } = options;
        let folder = cache_dir.map_or_else(default_cache_dir, Ok)?;
        let failed = |error: io::Error| {
            Error::file(text!(
                en: "the package cache {folder} can't be used",
                pt: "o cache de pacotes {folder} não pode ser usado", folder = folder.display()
            ))
            .because(error)
            .hint(text!(
                en: "check that you may write there and that its disk is not full",
                pt: "confira se você pode escrever ali e se o disco não está cheio",
            ))
        };
        store::shrink(&folder, size_limit).map_err(failed)?;
        let store = Store::open(&folder).map_err(failed)?;
        let allowed = Allowed::new(mirrors_allowed.iter().map(String::as_str));
        let upstream = Upstream::new(Names::new(allowed, Networks::of_this_machine()));
        let stop = CancellationToken::new();
        Ok(Self {
            shared: Arc::new(Shared::new(folder, store, upstream, stop.clone())),
            hosts: Arc::default(),
            limits,
            size_limit,
            _stop: Arc::new(stop.drop_guard()),
        })
    }

    /// Lets a VM in, to what its own apt sources name and no more.
    pub fn admit(&self, host: &HostId, sources: Sources) -> Admission {
        let host = Arc::new(HostState::new(host.clone(), sources, self.limits.clone()));
        lock(&self.hosts).push(Arc::clone(&host));
        Admission { host }
    }

    /// Serves HTTP on one connection of an admitted VM until either side closes it. The future owns all it needs.
    pub fn serve<S>(&self, admission: &Admission, stream: S) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        super::service::serve(Arc::clone(&self.shared), Arc::clone(&admission.host), stream)
    }

    /// Finds a file for an admitted VM that asks in another way than over a connection. `since` is the HTTP date of
    /// the copy that it has; `fresh` keeps what the cache has from it.
    pub async fn obtain(
        &self,
        admission: &Admission,
        url: &str,
        since: Option<&str>,
        fresh: bool,
    ) -> Result<Delivery, Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(since) = since.and_then(|since| HeaderValue::from_str(since).ok()) {
            headers.insert(IF_MODIFIED_SINCE, since);
        }
        if fresh {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        let prepare = async {
            let uri: Uri = mirror_file::parse(url)?;
            Delivery::prepare(&self.shared, &admission.host, &uri, &headers).await
        };
        prepare.await.map_err(|refusal| admission.host.refuse(refusal))
    }

    /// Takes a VM's word that a file it was served was bad: apt's own hash said so. What its complaints name, and
    /// where they name nothing of it all that it was served, is dropped from the cache and downloaded again when
    /// somebody asks; returns how many files those were.
    pub async fn distrust(&self, admission: &Admission, complaints: Vec<String>) -> usize {
        let served = admission.host.take_served();
        let shared = Arc::clone(&self.shared);
        // It does not panic, and a runtime that ends takes the cache's user with it.
        tokio::task::spawn_blocking(move || shared.distrust(&served, &complaints)).await.unwrap_or_default()
    }

    pub fn counters(&self) -> Counters {
        let hosts = lock(&self.hosts);
        let sum = |count: fn(&HostState) -> &AtomicU64| {
            hosts.iter().map(|host| count(host).load(Ordering::Relaxed)).sum::<u64>()
        };
        let served = hosts.iter().filter(|host| host.served.load(Ordering::Relaxed) > 0);
        Counters {
            served_bytes: sum(|host| &host.served),
            downloaded_bytes: self.shared.downloaded.load(Ordering::Relaxed),
            files: sum(|host| &host.files),
            upstream_requests: self.shared.upstream.sent.load(Ordering::Relaxed),
            hosts: served.map(|host| &host.id).collect::<BTreeSet<_>>().len(),
        }
    }

    /// What the user should know, each thing once: a full disk, a mirror that does not answer. Text of mirrors in it
    /// must be cleaned before it is printed.
    pub fn take_notes(&self) -> Vec<Text> {
        self.shared.take_notes()
    }

    /// Brings the cache back to its size at the end of a run; returns the bytes freed.
    pub async fn tidy(&self) -> Result<u64> {
        let (folder, limit) = (self.shared.folder.clone(), self.size_limit);
        let shrunk = tokio::task::spawn_blocking(move || store::shrink(&folder, limit)).await;
        shrunk.map_err(io::Error::other).flatten().map_err(|error| {
            Error::file(text!(
                en: "the package cache {folder} can't be cleaned",
                pt: "o cache de pacotes {folder} não pôde ser limpo", folder = self.shared.folder.display()
            ))
            .because(error)
        })
    }
}

impl Admission {
    /// What apt is given as `Acquire::http::Proxy`, with the port that the VM's end of the forward has.
    pub fn proxy_url(&self, port: u16) -> String {
        self.host.proxy_url(port)
    }

    /// Why this VM was last refused a file, by the number with which it was told so.
    pub fn reason(&self, number: u32) -> Option<Text> {
        self.host.reason(number)
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.host.closed.cancel();
    }
}
