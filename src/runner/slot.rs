//! What a host takes while it is worked on. Waiting is no work: many hosts are visited at once, as most of them wait for
//! the network, and few are changed at once.

use std::pin::pin;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Hosts that are visited at once for each that is changed: a class of 200 is one wave at 30 forks.
const VISITS_FOR_EACH_FORK: usize = 8;

/// Files that the tool has open besides its connections, at most.
const OTHER_FILES: usize = 64;

/// A host that is not entered by then leaves its place to others: more than a login takes from an ocean away.
const MOMENT: Duration = Duration::from_secs(2);

/// How many hosts are at work.
pub(super) struct Room {
    places: Semaphore,
    forks: Semaphore,
}

/// A host's place, and its fork where it has one.
pub(super) struct Slot<'a> {
    room: &'a Room,
    place: Option<SemaphorePermit<'a>>,
    fork: Option<SemaphorePermit<'a>>,
}

impl Room {
    pub(super) fn new(forks: usize) -> Self {
        Self { places: Semaphore::new(visits(forks)), forks: Semaphore::new(forks.max(1)) }
    }
}

/// How many hosts are visited at once. One fork means that one host is worked on after the other.
pub(super) fn visits(forks: usize) -> usize {
    let files = getrlimit(Resource::Nofile)
        .current
        .map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
    visits_with(forks, files)
}

fn visits_with(forks: usize, files: usize) -> usize {
    if forks <= 1 {
        return 1;
    }
    // A host that is entered late left its place to another one, and its connection is open as well.
    let connections = files.saturating_sub(OTHER_FILES) / 2;
    (forks * VISITS_FOR_EACH_FORK).min(connections).max(1)
}

impl<'a> Slot<'a> {
    /// Waits for a place.
    pub(super) async fn take(room: &'a Room) -> Self {
        // Nobody closes the semaphores.
        Self { room, place: room.places.acquire().await.ok(), fork: None }
    }

    /// Whether the host may be changed; takes a fork that nobody has.
    pub(super) fn has_fork(&mut self) -> bool {
        self.fork = self.fork.take().or_else(|| self.room.forks.try_acquire().ok());
        self.fork.is_some()
    }

    /// Waits until the host may be changed.
    pub(super) async fn take_fork(&mut self) {
        if self.fork.is_none() {
            self.fork = self.room.forks.acquire().await.ok();
        }
    }

    /// Leaves all to others.
    pub(super) fn leave(&mut self) {
        (self.place, self.fork) = (None, None);
    }

    /// The same while something is awaited. It takes no place again: that would come behind all hosts not yet visited.
    pub(super) async fn leave_for<T>(&mut self, other: impl Future<Output = T>) -> T {
        let had_fork = self.fork.is_some();
        self.leave();
        let result = other.await;
        if had_fork {
            self.take_fork().await;
        }
        result
    }

    /// Leaves its place for good where something takes longer than a moment.
    pub(super) async fn hurry<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = pin!(other);
        if let Ok(result) = tokio::time::timeout(MOMENT, &mut other).await {
            return result;
        }
        self.place = None;
        other.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_visited_at_once_as_far_as_files_can_be_open() {
        assert!(visits_with(30, 1024) >= 200);
        assert_eq!(visits_with(1, 1024), 1);
        assert_eq!(visits_with(30, 256), 96);
        assert_eq!(visits_with(10_000, 70), 3);
        assert_eq!(visits_with(2, 0), 1);
    }

    #[tokio::test]
    async fn who_does_not_answer_keeps_nobody_waiting() {
        let room = Room { places: Semaphore::new(1), forks: Semaphore::new(1) };
        let (answer, answered) = tokio::sync::oneshot::channel();
        let silent = async {
            let mut slot = Slot::take(&room).await;
            slot.hurry(answered).await.unwrap();
            slot.place.is_some()
        };
        let other = async {
            let slot = Slot::take(&room).await;
            answer.send(()).unwrap();
            slot.place.is_some()
        };
        assert_eq!(tokio::join!(silent, other), (false, true));
    }
}
