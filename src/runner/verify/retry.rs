//! Asks again until a probe passes or its time is up: services take a moment to come up.

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

/// One try: its verdict, and whether another one makes sense.
pub struct Attempt {
    /// What it concluded.
    pub verdict: Verdict,
    /// Nothing will change by asking again.
    pub is_final: bool,
}

/// Asks until a try passes or the time is up; gives the last verdict and the time that all tries took together.
/// At most as many tries as `gate` allows run at once; nobody holds a place there while pausing.
pub async fn until_passed(
    retry: Retry,
    gate: &Semaphore,
    mut ask: impl AsyncFnMut() -> Attempt,
) -> (Verdict, Duration) {
    let mut pause = Pause::new(retry);
    let mut started = None;
    loop {
        let permit = gate.acquire().await;
        let started = *started.get_or_insert_with(Instant::now);
        let attempt = ask().await;
        drop(permit);
        if attempt.verdict.passed() || attempt.is_final || !pause.wait().await {
            return (attempt.verdict, started.elapsed());
        }
    }
}

/// The pauses between tries.
pub struct Pause {
    retry: Retry,
    deadline: Option<Instant>,
}

impl Pause {
    /// The time begins to run at the end of the first try.
    pub fn new(retry: Retry) -> Self {
        Self { retry, deadline: None }
    }

    /// Waits for the next try; `false` where there is no time for one.
    pub async fn wait(&mut self) -> bool {
        let now = Instant::now();
        let deadline = *self.deadline.get_or_insert(now + self.retry.timeout);
        if now + self.retry.sleep > deadline || self.retry.timeout.is_zero() {
            return false;
        }
        sleep(self.retry.sleep).await;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn tries(timeout: Duration, pass_at: usize, final_at: usize) -> (usize, bool) {
        let retry = Retry { timeout, sleep: Duration::from_millis(10) };
        let gate = Semaphore::new(1);
        let mut tries = 0;
        let (verdict, _) = until_passed(retry, &gate, async || {
            tries += 1;
            let verdict =
                if tries >= pass_at { Verdict::pass("good") } else { Verdict::fail("bad", "good", "wait") };
            Attempt { verdict, is_final: tries >= final_at }
        })
        .await;
        (tries, verdict.passed())
    }

    #[tokio::test]
    async fn asks_until_it_passes_or_time_is_up() {
        let long = Duration::from_secs(60);
        assert_eq!(tries(long, 1, 99).await, (1, true));
        assert_eq!(tries(long, 3, 99).await, (3, true));
        assert_eq!(tries(long, 99, 2).await, (2, false));
        assert_eq!(tries(Duration::ZERO, 99, 99).await, (1, false));
        let (tries, passed) = tries(Duration::from_millis(45), 99, 99).await;
        assert!((2..=5).contains(&tries) && !passed, "{tries}");
    }
}
