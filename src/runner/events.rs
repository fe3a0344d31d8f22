//! The way of a run's events to whoever shows them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use crate::event::Event;

/// Where so many wait to be shown, what a host is doing is left out: there is newer news of it soon. All other events
/// are few, whatever a host says.
const MOST_WAITING: usize = 1_000;

/// Takes events. Clones are of the same way.
#[derive(Debug, Clone)]
pub struct EventSender {
    sender: Sender<Event>,
    waiting: Arc<AtomicUsize>,
}

/// Gives them, and ends with the last that takes them.
#[derive(Debug)]
pub struct EventReceiver {
    receiver: Receiver<Event>,
    waiting: Arc<AtomicUsize>,
}

pub fn events() -> (EventSender, EventReceiver) {
    let (sender, receiver) = mpsc::channel();
    let waiting = Arc::<AtomicUsize>::default();
    (EventSender { sender, waiting: Arc::clone(&waiting) }, EventReceiver { receiver, waiting })
}

impl EventSender {
    /// The reporter outlives the run; if it is gone, nobody listens, and the run goes on.
    pub fn send(&self, event: Event) {
        let passes = matches!(event, Event::HostProgress { .. });
        if passes && self.waiting.load(Ordering::Relaxed) >= MOST_WAITING {
            return;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _ = self.sender.send(event);
    }
}

impl EventReceiver {
    /// Those that are there already.
    pub fn try_iter(&self) -> impl Iterator<Item = Event> {
        self.receiver.try_iter().inspect(|_| self.shown())
    }

    fn shown(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Iterator for EventReceiver {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.receiver.recv().ok().inspect(|_| self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HostId, Text};

    #[test]
    fn of_hosts_that_say_more_than_is_shown_the_rest_waits_for_nobody() {
        let (events, told) = events();
        let host = HostId::new("default", "web01");
        for _ in 0..3 * MOST_WAITING {
            events.send(Event::HostProgress { host: host.clone(), doing: Text::verbatim("Unpacking") });
        }
        events.send(Event::HostStarted { host });
        drop(events);
        let told: Vec<Event> = told.collect();
        assert_eq!(told.len(), MOST_WAITING + 1);
        assert!(matches!(told.last(), Some(Event::HostStarted { .. })));
    }
}
