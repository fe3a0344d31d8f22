//! A file that clients read, whole already or still arriving. One task writes it; any number of readers follow.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::body::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::refusal::Refusal;
use crate::model::{Text, text};

const CHUNK: u64 = 128 * 1024;

/// What clients are told before the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Head {
    /// In bytes; unknown while a file arrives whose length the mirror did not say.
    pub length: Option<u64>,
    pub content_type: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Progress {
    written: u64,
    end: Option<Result<(), Text>>,
}

#[derive(Debug, Clone)]
pub(super) struct Content {
    pub head: Arc<Head>,
    file: Arc<File>,
    progress: watch::Receiver<Progress>,
}

/// The writing end of a [`Content`].
#[derive(Debug)]
pub(super) struct Arrival(watch::Sender<Progress>);

impl Content {
    pub fn whole(file: File, head: Head) -> Self {
        let written = head.length.unwrap_or_default();
        let (_, progress) = watch::channel(Progress { written, end: Some(Ok(())) });
        Self { head: Arc::new(head), file: Arc::new(file), progress }
    }

    /// A file of which nothing has arrived yet.
    pub fn arriving(file: Arc<File>, head: Head) -> (Self, Arrival) {
        let (sender, progress) = watch::channel(Progress::default());
        (Self { head: Arc::new(head), file, progress }, Arrival(sender))
    }

    /// The next bytes from a position, at most up to `until`; empty at the end. Waits for bytes that are still
    /// to come.
    pub async fn read(&mut self, position: u64, until: Option<u64>) -> Result<Bytes, Refusal> {
        loop {
            let Progress { written, end } = self.progress.borrow_and_update().clone();
            let available = until.map_or(written, |until| until.min(written));
            if position < available {
                let length = usize::try_from((available - position).min(CHUNK)).unwrap_or(usize::MAX);
                let file = Arc::clone(&self.file);
                let read = tokio::task::spawn_blocking(move || {
                    let mut buffer = vec![0; length];
                    file.read_exact_at(&mut buffer, position).map(|()| buffer)
                });
                let read = read.await.map_err(io::Error::other).flatten();
                return read
                    .map(Bytes::from)
                    .map_err(|error| Refusal::upstream(Text::verbatim(error.to_string())));
            }
            if until.is_some_and(|until| position >= until) {
                return Ok(Bytes::new());
            }
            match end {
                Some(Ok(())) => return Ok(Bytes::new()),
                Some(Err(reason)) => return Err(Refusal::upstream(reason)),
                None if self.progress.changed().await.is_err() => {
                    let reason = text!(en: "the download was given up", pt: "o download foi abandonado");
                    return Err(Refusal::upstream(reason));
                }
                None => {}
            }
        }
    }
}

impl Arrival {
    pub fn advance(&self, written: u64) {
        self.0.send_modify(|progress| progress.written = written);
    }

    pub fn finish(self, end: Result<(), Text>) {
        self.0.send_modify(|progress| progress.end = Some(end));
    }
}

/// Counts who waits for a file, so that a download that nobody wants any more can stop.
#[derive(Debug, Default)]
pub(super) struct Seat(Arc<AtomicUsize>);

impl Seat {
    /// Takes one of the seats that `taken` counts.
    pub fn take(taken: &Arc<AtomicUsize>) -> Self {
        taken.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(taken))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
