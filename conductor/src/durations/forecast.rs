//! When a provider's queue clears.

use super::Sample;
use api::conductor::Eta;
use jiff::{SignedDuration, Timestamp};

/// What a provider has before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Runs that it has.
    pub in_flight: u64,
    /// Runs that wait for it.
    pub queued: u64,
    /// How many it may have at a time; without a limit those that it has are all that it takes.
    pub limit: Option<u32>,
}

/// The share of a normal distribution below 1.645 standard deviations is 95 %.
const Z95: f64 = 1.645;

/// When the last run that waits will have been sent; none if nothing waits, or nobody knows how long its products
/// take. The work before it is a sum of many durations, so it is taken as normal: means and variances add up. Those
/// under way are half done on average.
#[expect(clippy::cast_precision_loss, reason = "counts of runs")]
pub fn clears(samples: &[Sample], backlog: Backlog, now: Timestamp) -> Option<Eta> {
    if backlog.queued == 0 || samples.is_empty() {
        return None;
    }
    let slots = backlog.limit.map_or(backlog.in_flight, u64::from).max(1) as f64;
    let products = samples.len() as f64;
    let moments: Vec<(f64, f64)> = samples.iter().map(Sample::moments).collect();
    let mean = moments.iter().map(|(mean, _)| mean).sum::<f64>() / products;
    // Which product it is, is part of the chance.
    let spread = |(of, variance): &(f64, f64)| variance + (of - mean).powi(2);
    let variance = moments.iter().map(spread).sum::<f64>() / products;
    // The last that waits is sent when all others of the queue have been sent and a slot came free.
    let runs = backlog.in_flight as f64 / 2.0 + backlog.queued as f64 - 1.0;
    let (work, error) = (
        runs.max(0.5) * mean / slots,
        (runs.max(0.5) * variance).sqrt() / slots,
    );
    Some(Eta {
        p50: later(now, work),
        p95: later(now, work + Z95 * error),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time far beyond any run is as good as its end"
)]
fn later(now: Timestamp, millis: f64) -> Timestamp {
    now.checked_add(SignedDuration::from_millis(millis as i64))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(in_flight: u64, queued: u64, limit: Option<u32>) -> Option<(i64, i64)> {
        let now = Timestamp::UNIX_EPOCH;
        let sample = Sample::seen([8_000, 10_000, 12_000])?;
        let backlog = Backlog {
            in_flight,
            queued,
            limit,
        };
        let eta = clears(&[sample], backlog, now)?;
        Some((eta.p50.as_second(), eta.p95.as_second()))
    }

    #[test]
    fn a_queue_clears_when_the_work_before_its_last_is_done() {
        assert_eq!(after(4, 0, Some(4)), None);
        assert_eq!(after(2, 10, Some(1)), Some((100, 108)));
        assert_eq!(after(4, 7, Some(4)), Some((20, 21)));
        // Its own 429 is the limit: it takes what it has.
        assert_eq!(after(2, 2, None), after(2, 2, Some(2)));
        let nobody_knows = Backlog {
            in_flight: 1,
            queued: 1,
            limit: None,
        };
        assert_eq!(clears(&[], nobody_knows, Timestamp::UNIX_EPOCH), None);
    }
}
