//! Ctrl-C: once to finish the steps under way, twice to leave now.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Two stages of stopping. Clones share them.
#[derive(Debug, Clone)]
pub struct Interrupt {
    /// Nothing new should begin.
    pub graceful: CancellationToken,
    /// Everything should be dropped.
    pub immediate: CancellationToken,
    /// Ends with the last clone, and lets go of whatever `notice` holds.
    _listener: Arc<AbortOnDropHandle<()>>,
}

impl Interrupt {
    /// Listens to SIGINT and SIGTERM from now on. `notice` is called at the first.
    pub fn listen(notice: impl FnOnce() + Send + 'static) -> std::io::Result<Self> {
        let (graceful, immediate) = (CancellationToken::new(), CancellationToken::new());
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut terminations = signal(SignalKind::terminate())?;
        let (first, second) = (graceful.clone(), immediate.clone());
        let listener = tokio::spawn(async move {
            let mut next = async || {
                tokio::select! {
                    _ = interrupts.recv() => {}
                    _ = terminations.recv() => {}
                }
            };
            next().await;
            // Before anything ends because of it.
            notice();
            first.cancel();
            next().await;
            second.cancel();
        });
        Ok(Self { graceful, immediate, _listener: Arc::new(AbortOnDropHandle::new(listener)) })
    }

    pub fn is_stopping(&self) -> bool {
        self.graceful.is_cancelled()
    }
}

#[cfg(test)]
impl Interrupt {
    /// One that hears no signals: [`Self::press`] is its Ctrl-C.
    pub fn by_hand() -> Self {
        let (graceful, immediate) = (CancellationToken::new(), CancellationToken::new());
        let nobody = AbortOnDropHandle::new(tokio::spawn(async {}));
        Self { graceful, immediate, _listener: Arc::new(nobody) }
    }

    pub fn press(&self) {
        if self.is_stopping() { self.immediate.cancel() } else { self.graceful.cancel() }
    }
}
