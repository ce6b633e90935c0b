//! How much comes in, and how much was lost.

use jiff::Timestamp;

/// The rate is that of so many whole seconds: it is calm, and follows a burst in time.
const WINDOW_SECONDS: usize = 5;

/// How much comes in, and how much was lost.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    messages: u64,
    lost: u64,
    losses: u64,
    unreadable: u64,
    heard_at: Option<Timestamp>,
    /// Messages of this second and of those before it, the newest first.
    seconds: [u64; WINDOW_SECONDS + 1],
    second: i64,
}

impl Counters {
    /// Messages since the start.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Messages that are known to be lost; there were losses of unknown size too if [`Counters::losses`] is larger
    /// than what explains it.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// How often something was lost.
    pub fn losses(&self) -> u64 {
        self.losses
    }

    /// Messages that could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// When the last message or answer of the conductor came.
    pub fn heard_at(&self) -> Option<Timestamp> {
        self.heard_at
    }

    /// Messages per second.
    pub fn rate(&self, now: Timestamp) -> u64 {
        let passed = usize::try_from(now.as_second() - self.second).unwrap_or(0);
        let whole = (1..=WINDOW_SECONDS).filter_map(|age| self.seconds.get(age.checked_sub(passed)?));
        whole.sum::<u64>().div_ceil(WINDOW_SECONDS as u64)
    }

    pub(super) fn message(&mut self, now: Timestamp) {
        self.heard(now);
        self.messages += 1;
        let passed = now.as_second() - self.second;
        if passed > 0 {
            let all = self.seconds.len();
            let by = usize::try_from(passed).unwrap_or(usize::MAX).min(all);
            self.seconds.rotate_right(by % all);
            self.seconds[..by].fill(0);
            self.second = now.as_second();
        }
        self.seconds[0] += 1;
    }

    pub(super) fn heard(&mut self, now: Timestamp) {
        self.heard_at = Some(now);
    }

    pub(super) fn unread(&mut self) {
        self.unreadable += 1;
    }

    pub(super) fn lose(&mut self, messages: Option<u64>) {
        self.losses += 1;
        self.lost += messages.unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_rate_is_that_of_the_last_whole_seconds_and_falls_in_silence() {
        let mut counters = Counters::default();
        for second in 100..110 {
            for _ in 0..41 {
                counters.message(at(second));
            }
        }
        assert_eq!(counters.rate(at(110)), 41);
        assert_eq!(counters.rate(at(112)), 25);
        assert_eq!(counters.rate(at(120)), 0);
        assert_eq!(counters.messages(), 410);
    }

    #[test]
    fn a_clock_that_goes_back_breaks_nothing() {
        let mut counters = Counters::default();
        counters.message(at(100));
        counters.message(at(90));
        assert_eq!(counters.rate(at(90)), 0);
        assert_eq!(counters.rate(at(101)), 1);
    }
}
