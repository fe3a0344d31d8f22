//! Whoever sees a request for a file through, from the first who asks to the end of a download.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::host::HostState;
use super::mirror_file::MirrorFile;
use super::shared::{Answer, Shared};

/// The task behind a [`Flight`].
pub(super) struct Pilot {
    pub relay: Arc<Shared>,
    pub target: MirrorFile,
    pub key: String,
    /// Who asked first: the download counts against its limits.
    pub host: Arc<HostState>,
    /// The client does not want what the cache has.
    pub refetch: bool,
    pub answer: watch::Sender<Answer>,
    pub waiting: Arc<AtomicUsize>,
    /// Its place among the downloads of that host.
    pub _place: OwnedSemaphorePermit,
}

impl Pilot {
    /// Whether the disk takes so many bytes more.
    pub fn has_room(&self, bytes: u64) -> bool {
        let needed = self.host.limits.reserve.saturating_add(bytes);
        self.relay.store.free().is_none_or(|free| free >= needed)
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        self.relay.land(&self.key, &self.waiting);
    }
}
