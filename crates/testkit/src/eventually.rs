//! Waiting for a condition instead of for a time.

use std::panic::Location;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// Between two looks at the condition: short beside what a test waits for, long beside a look.
const INTERVAL: Duration = Duration::from_millis(10);

/// Waits until the condition holds, and panics with the caller's line if it does not in time.
///
/// ```no_run
/// # async fn example(mut nats: testkit::Nats) {
/// use std::time::Duration;
/// testkit::eventually(Duration::from_secs(5), async || !nats.is_running()).await;
/// # }
/// ```
#[track_caller]
pub fn eventually(deadline: Duration, mut condition: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    eventually_some(deadline, async move || condition().await.then_some(()))
}

/// Waits until there is something, and gives it; panics with the caller's line if not in time.
#[track_caller]
pub fn eventually_some<T>(
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> impl Future<Output = T> {
    let caller = Location::caller();
    async move {
        let end = Instant::now() + deadline;
        loop {
            match timeout_at(end, condition()).await {
                Ok(Some(found)) => return found,
                Ok(None) if Instant::now() < end => sleep(INTERVAL).await,
                Ok(None) => panic!("{caller}: still not so after {deadline:?}"),
                Err(elapsed) => panic!(
                    "{caller}: still not so after {deadline:?}; the condition itself hangs ({elapsed})"
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_late_is_awaited() {
        let mut looks = 0;
        let found = eventually_some(Duration::from_secs(1), async || {
            looks += 1;
            (looks == 5).then_some("there")
        });
        assert_eq!(found.await, "there");
    }

    #[tokio::test]
    #[should_panic(expected = "eventually.rs")]
    async fn what_never_comes_names_the_line_that_waited() {
        eventually(Duration::from_millis(50), async || false).await;
    }
}
