//! A byte stream that shows whether it moves, so that a peer that stands still can be hung up on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::{InspectReader, InspectWriter};

/// How many bytes a stream has moved, either way.
#[derive(Debug, Clone, Default)]
pub(super) struct Movement(Arc<AtomicU64>);

impl Movement {
    /// The stream, whose bytes are counted from now on.
    pub fn of<S: AsyncRead + AsyncWrite>(&self, stream: S) -> impl AsyncRead + AsyncWrite + use<S> {
        let [read, written] = [self.clone(), self.clone()];
        let stream = InspectReader::new(stream, move |bytes: &[u8]| read.add(bytes));
        InspectWriter::new(stream, move |bytes: &[u8]| written.add(bytes))
    }

    fn add(&self, bytes: &[u8]) {
        self.0.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }

    /// Returns when nothing has moved for a whole period.
    pub async fn stopped(&self, period: Duration) {
        let mut before = None;
        loop {
            let now = self.0.load(Ordering::Relaxed);
            if before == Some(now) {
                return;
            }
            before = Some(now);
            tokio::time::sleep(period).await;
        }
    }
}
