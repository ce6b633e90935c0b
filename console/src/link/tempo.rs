//! The time of what is shown: the wall's, or that of a recorded night.

use jiff::{SignedDuration, Timestamp};
use service_kit::Clock;

/// A clock that may begin at another time and go faster.
#[derive(Debug, Clone, Copy)]
pub struct Tempo {
    clock: Clock,
    from: Timestamp,
    speed: f64,
}

impl From<Clock> for Tempo {
    fn from(clock: Clock) -> Self {
        Self {
            clock,
            from: clock.started_at(),
            speed: 1.0,
        }
    }
}

impl Tempo {
    /// Begins now, at that time.
    pub fn at(from: Timestamp, speed: f64) -> Self {
        Self {
            clock: Clock::start_at(from),
            from,
            speed,
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let passed = self.clock.now().duration_since(self.from).as_secs_f64() * self.speed;
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::MAX);
        self.from.checked_add(passed).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_night_has_its_own_time_and_pace() {
        let from = "2026-02-25T01:00:00Z".parse().unwrap();
        let tempo = Tempo::at(from, 1e9);
        let first = tempo.now();
        assert!(first >= from);
        while tempo.now().duration_since(from) < SignedDuration::from_hours(1) {}
    }
}
