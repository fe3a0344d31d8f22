//! The places of a VM's connections. Anybody on a VM can open one: those that have not shown the token give way to each
//! other, and take nothing from those that have.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hyper::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::refusal::Refusal;
use crate::model::text;

#[derive(Debug)]
pub(super) struct Places {
    known: Arc<Semaphore>,
    most_strangers: usize,
    /// Those that have not shown the token, each with what ends it, the oldest first.
    strangers: Mutex<BTreeMap<u64, CancellationToken>>,
    opened: AtomicU64,
}

/// One connection's place, as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    /// Cancelled when it has to give way.
    pub gives_way: CancellationToken,
    known: OnceLock<OwnedSemaphorePermit>,
}

impl Places {
    /// Places for so many connections that have shown the token, and for so many that have not.
    pub fn new(known: usize, most_strangers: usize) -> Arc<Self> {
        Arc::new(Self {
            known: Arc::new(Semaphore::new(known)),
            most_strangers,
            strangers: Mutex::default(),
            opened: AtomicU64::new(0),
        })
    }

    /// A place for a new connection. The oldest that said nothing makes room.
    pub fn take(self: &Arc<Self>) -> Place {
        let (number, gives_way) = (self.opened.fetch_add(1, Ordering::Relaxed), CancellationToken::new());
        let mut strangers = self.strangers();
        strangers.insert(number, gives_way.clone());
        if strangers.len() > self.most_strangers
            && let Some((_, oldest)) = strangers.pop_first()
        {
            oldest.cancel();
        }
        Place { places: Arc::clone(self), number, gives_way, known: OnceLock::new() }
    }

    fn strangers(&self) -> MutexGuard<'_, BTreeMap<u64, CancellationToken>> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Takes note that the connection has shown the token.
    pub fn make_known(&self) -> Result<(), Refusal> {
        if self.known.get().is_some() {
            return Ok(());
        }
        let permit = Arc::clone(&self.places.known).try_acquire_owned().map_err(|_| {
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                text!(
                    en: "this VM has too many connections at the same moment",
                    pt: "esta VM tem conexões demais ao mesmo tempo",
                ),
            )
        })?;
        self.places.strangers().remove(&self.number);
        // A connection has one request at a time.
        let _ = self.known.set(permit);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.strangers().remove(&self.number);
    }
}
