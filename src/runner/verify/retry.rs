//! Asks again until a probe passes or its time is up: services take a moment to come up.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use crate::probes::Verdict;

/// How long and how often to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// A failing probe gets this long before it counts (`--retry-timeout`).
    pub timeout: Duration,
    /// Pause between two tries (`--sleep`).
    pub sleep: Duration,
}

impl Retry {
    /// The same, but what fails has failed.
    pub fn never(self) -> Self {
        Self { timeout: Duration::ZERO, ..self }
    }
}

/// One try: its verdict, and whether another one makes sense.
pub struct Attempt {
    pub verdict: Verdict,
    /// Nothing will change by asking again.
    pub is_final: bool,
}

impl Attempt {
    /// Whether its verdict stands, whatever time is left.
    pub fn is_settled(&self) -> bool {
        self.is_final || !self.verdict.failed()
    }
}

/// The time that a failing probe has.
#[derive(Debug)]
pub struct Window {
    retry: Retry,
    state: Cell<State>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Opens with the first failure.
    Waiting,
    /// Without end, until it is opened.
    Held,
    Until(Instant),
}

impl Window {
    /// Opens at the end of the first try, where that failed.
    pub fn new(retry: Retry) -> Self {
        Self { retry, state: Cell::new(State::Waiting) }
    }

    /// Stays open while what the probe depends on is not known; [`Self::open`] gives it an end.
    pub fn held(retry: Retry) -> Self {
        Self { retry, state: Cell::new(State::Held) }
    }

    /// Open since a moment that may be past: windows of probes that depend on each other overlap.
    pub fn since(retry: Retry, moment: Instant) -> Self {
        let window = Self::held(retry);
        window.open(moment);
        window
    }

    /// Lets the time begin at a moment, which may be past.
    pub fn open(&self, moment: Instant) {
        self.state.set(State::Until(moment + self.retry.timeout));
    }

    /// Waits for the next try; `false` where there is no time for one.
    pub async fn wait(&self) -> bool {
        if matches!(self.state.get(), State::Waiting) {
            self.open(Instant::now());
        }
        let is_over =
            || matches!(self.state.get(), State::Until(end) if Instant::now() + self.retry.sleep > end);
        if self.retry.timeout.is_zero() || is_over() {
            return false;
        }
        sleep(self.retry.sleep).await;
        true
    }
}

/// Asks until a try does not fail or the time is up; gives the last verdict and the time that all tries took
/// together. At most as many tries as `gate` allows run at once; nobody holds a place there while pausing.
pub async fn until_settled(
    window: &Window,
    gate: &Semaphore,
    mut ask: impl AsyncFnMut() -> Attempt,
) -> (Verdict, Duration) {
    let mut started = None;
    loop {
        let permit = gate.acquire().await;
        let started = *started.get_or_insert_with(Instant::now);
        let attempt = ask().await;
        drop(permit);
        if attempt.is_settled() || !window.wait().await {
            return (attempt.verdict, started.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    async fn tries(window: Window, pass_at: usize, final_at: usize) -> (usize, bool) {
        let gate = Semaphore::new(1);
        let mut tries = 0;
        let (verdict, _) = until_settled(&window, &gate, async || {
            tries += 1;
            let [good, bad, wait] = ["good", "bad", "wait"].map(Text::verbatim);
            let verdict = if tries >= pass_at { Verdict::pass(good) } else { Verdict::fail(bad, good, wait) };
            Attempt { verdict, is_final: tries >= final_at }
        })
        .await;
        (tries, verdict.passed())
    }

    fn retry(timeout: Duration) -> Retry {
        Retry { timeout, sleep: Duration::from_millis(10) }
    }

    #[tokio::test]
    async fn asks_until_it_passes_or_time_is_up() {
        let long = retry(Duration::from_secs(60));
        assert_eq!(tries(Window::new(long), 1, 99).await, (1, true));
        assert_eq!(tries(Window::new(long), 3, 99).await, (3, true));
        assert_eq!(tries(Window::new(long), 99, 2).await, (2, false));
        assert_eq!(tries(Window::new(long.never()), 99, 99).await, (1, false));
        let (tries, passed) = tries(Window::new(retry(Duration::from_millis(45))), 99, 99).await;
        assert!((2..=5).contains(&tries) && !passed, "{tries}");
    }

    #[tokio::test]
    async fn windows_of_dependent_probes_overlap() {
        let short = retry(Duration::from_millis(30));
        let opened = Instant::now();
        sleep(Duration::from_millis(40)).await;
        assert_eq!(tries(Window::since(short, opened), 99, 99).await, (1, false));
        // Without an end, until what it depends on is known.
        assert_eq!(tries(Window::held(short), 9, 99).await, (9, true));
    }
}
