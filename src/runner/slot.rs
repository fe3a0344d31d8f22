//! A host's place among those that are worked on at once.

use tokio::sync::{Semaphore, SemaphorePermit};

pub(super) struct Slot<'a> {
    slots: &'a Semaphore,
    permit: Option<SemaphorePermit<'a>>,
}

impl<'a> Slot<'a> {
    /// Waits for a free one.
    pub(super) async fn take(slots: &'a Semaphore) -> Self {
        // Nobody closes the semaphore.
        Self { slots, permit: slots.acquire().await.ok() }
    }

    /// Leaves it to others while something is awaited.
    pub(super) async fn leave_for<T>(&mut self, other: impl Future<Output = T>) -> T {
        self.permit = None;
        let result = other.await;
        self.permit = self.slots.acquire().await.ok();
        result
    }
}
