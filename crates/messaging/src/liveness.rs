//! Whether a consumer makes progress, measured beside it.

use crate::bus::Bus;
use crate::delivery::Settling;
use async_nats::jetstream::consumer::Info;
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::sleep;

/// A lag that grows for this long means that the consumer does not keep up, or does not work.
pub const LAG_GROWTH_LIMIT: Duration = Duration::from_secs(30);

/// Between two measures: a consumer that is gone is noticed by it in two seconds, at the cost of two
/// small requests.
const INTERVAL: Duration = Duration::from_secs(2);

/// What a consumer and its monitor tell each other.
pub(crate) struct Shared {
    pub(crate) settling: Arc<Settling>,
    pub(crate) lost: Notify,
    state: Mutex<State>,
}

struct State {
    /// Stream and consumer, once attached.
    target: Option<(String, String)>,
    trouble: Option<(String, Instant)>,
    lag: u64,
    head: u64,
    growth: Growth,
    measured: Option<Instant>,
}

impl Shared {
    pub(crate) fn new(settling: Arc<Settling>) -> Arc<Self> {
        let state = State {
            target: None,
            trouble: Some(("not attached yet".to_owned(), Instant::now())),
            lag: 0,
            head: 0,
            growth: Growth::default(),
            measured: None,
        };
        Arc::new(Self {
            settling,
            lost: Notify::new(),
            state: Mutex::new(state),
        })
    }

    pub(crate) fn attached(&self, stream: &str, consumer: &str, head: u64) {
        self.with(|state| {
            state.target = Some((stream.to_owned(), consumer.to_owned()));
            state.head = head;
            state.trouble = None;
        });
    }

    pub(crate) fn detached(&self, trouble: &str) {
        self.with(|state| {
            state.target = None;
            let since = state
                .trouble
                .as_ref()
                .map_or_else(Instant::now, |(_, since)| *since);
            state.trouble = Some((trouble.to_owned(), since));
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A look at a consumer's progress, for a health check or a metric; cheap to clone and to read.
#[derive(Clone)]
pub struct Liveness {
    pub(crate) shared: Arc<Shared>,
}

impl fmt::Debug for Liveness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Liveness").field(&self.measure()).finish()
    }
}

/// How far a consumer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Why there is no consumer at the moment, and since when.
    pub trouble: Option<(String, Duration)>,
    /// Messages that wait or are not settled.
    pub lag: u64,
    /// For how long the lag has not gone down.
    pub growing_for: Duration,
    /// Every message up to this sequence is settled, as far as this process knows; see
    /// [`crate::DataConsumer::position_after`].
    pub floor: u64,
    /// The last sequence of the stream.
    pub head: u64,
    /// How old these figures are; none if there are none, because the [`Monitor`] does not run.
    pub age: Option<Duration>,
}

impl Liveness {
    /// How far the consumer is.
    pub fn measure(&self) -> Measure {
        let floor = self.shared.settling.with_floor(|floor| floor.settled());
        self.shared.with(|state| Measure {
            trouble: state
                .trouble
                .as_ref()
                .map(|(trouble, since)| (trouble.clone(), since.elapsed())),
            lag: state.lag,
            growing_for: state.growth.since.map_or(Duration::ZERO, |since| since.elapsed()),
            floor,
            head: state.head,
            age: state.measured.map(|measured| measured.elapsed()),
        })
    }

    /// Whether there is a consumer that makes progress; if not, a sentence for `/health/ready`.
    ///
    /// # Errors
    /// The consumer is gone, its lag has grown for [`LAG_GROWTH_LIMIT`], or nobody measures it.
    pub fn check(&self) -> Result<(), String> {
        let measure = self.measure();
        if let Some((trouble, since)) = measure.trouble {
            return Err(format!("no consumer for {since:.0?}: {trouble}"));
        }
        if measure.growing_for >= LAG_GROWTH_LIMIT {
            return Err(format!(
                "{} messages wait, and more for {:.0?}",
                measure.lag, measure.growing_for
            ));
        }
        match measure.age {
            Some(age) if age >= LAG_GROWTH_LIMIT => Err(format!("not measured for {age:.0?}")),
            Some(_) | None => Ok(()),
        }
    }
}

/// Measures a consumer beside it, and wakes it when the server no longer knows it.
#[must_use = "a consumer that nobody measures cannot say that it hangs: spawn `run`"]
pub struct Monitor {
    pub(crate) bus: Bus,
    pub(crate) shared: Arc<Shared>,
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}

impl Monitor {
    /// Measures for ever; to be spawned beside the loop that reads the consumer, and dropped with it.
    pub async fn run(self) {
        loop {
            sleep(INTERVAL).await;
            self.bus.connected().await;
            let target = self.shared.with(|state| state.target.clone());
            if let Some((stream, consumer)) = target {
                self.measure(&stream, &consumer).await;
            }
        }
    }

    async fn measure(&self, stream: &str, consumer: &str) {
        // The head first: what the consumer has then settled includes it, if nothing is pending.
        let Ok(stream) = self.bus.jetstream().get_stream(stream).await else {
            // Its end, if it is one, is the consumer's end too.
            return;
        };
        let head = stream.cached_info().state.last_sequence;
        match stream.consumer_info(consumer).await {
            Ok(info) => self.take(head, &info),
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => self.shared.lost.notify_one(),
            Err(error) => tracing::debug!(%error, "the consumer could not be measured"),
        }
    }

    fn take(&self, head: u64, info: &Info) {
        let lag = lag(info);
        let settled = settled(info, head);
        self.shared.settling.with_floor(|floor| floor.raise(settled));
        self.shared.with(|state| {
            state.head = head;
            state.lag = lag;
            state.measured = Some(Instant::now());
            state.growth.sample(Instant::now(), lag, settled);
        });
    }
}

/// Messages that wait or are not settled.
fn lag(info: &Info) -> u64 {
    info.num_pending + info.num_ack_pending as u64
}

/// Up to where everything is settled, by a consumer that was asked after the stream's head was read: all
/// of it, if nothing is left, also where the stream no longer has what it once had.
pub(crate) fn settled(info: &Info, head: u64) -> u64 {
    if lag(info) == 0 {
        head
    } else {
        info.ack_floor.stream_sequence
    }
}

/// For how long the lag has not gone down.
#[derive(Debug, Default)]
struct Growth {
    since: Option<Instant>,
    lag: u64,
    settled: u64,
}

impl Growth {
    fn sample(&mut self, now: Instant, lag: u64, settled: u64) {
        let steady = lag == self.lag && settled > self.settled;
        if lag == 0 || lag < self.lag || steady {
            self.since = None;
        } else {
            self.since.get_or_insert(now);
        }
        self.lag = lag;
        self.settled = settled;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_a_lag_that_does_not_go_down() {
        let start = Instant::now();
        let second = |n: u64| start + Duration::from_secs(n);
        let mut growth = Growth::default();
        growth.sample(second(0), 0, 10);
        assert_eq!(growth.since, None);
        growth.sample(second(2), 5, 10);
        growth.sample(second(4), 7, 12);
        assert_eq!(
            growth.since,
            Some(second(2)),
            "it grows although some are settled"
        );
        growth.sample(second(6), 7, 12);
        assert_eq!(growth.since, Some(second(2)), "nothing moves at all");
        growth.sample(second(8), 7, 20);
        assert_eq!(growth.since, None, "steady is not growing");
        growth.sample(second(10), 9, 21);
        growth.sample(second(12), 8, 22);
        assert_eq!(growth.since, None, "it went down");
    }
}
