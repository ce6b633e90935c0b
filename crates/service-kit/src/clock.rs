//! Time that a jump of the wall clock does not move.

use jiff::{SignedDuration, Timestamp};
use std::time::Instant;

/// Names the variable with which tests let the wall clock be wrong: in builds with debug assertions, the file that it
/// names says by how many seconds, each time that the wall clock is read.
pub const WALL_IS_OFF: &str = "ORCHESTRA_WALL_IS_OFF";

/// The wall clock as it was at start plus the monotonic time since, never below a floor.
///
/// Deadlines compare such times, so inside a process they are monotonic; across restarts the floor (the
/// ledger's last time) keeps them from going back.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    wall_at_start: Timestamp,
    start: Instant,
}

impl Clock {
    /// Starts the clock at the wall's time, or at `floor` if the wall is behind it.
    pub fn start(floor: Option<Timestamp>) -> Self {
        let wall = wall();
        Self::start_at(floor.map_or(wall, |floor| wall.max(floor)))
    }

    /// Starts the clock at a given time, such as a database server's.
    pub fn start_at(wall: Timestamp) -> Self {
        Self {
            wall_at_start: wall,
            start: Instant::now(),
        }
    }

    /// The time now. It never goes back, and stands still at the end of what a timestamp can hold.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.start.elapsed()).unwrap_or(SignedDuration::MAX);
        self.wall_at_start.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// When the clock was started: for a service, its `started_at`.
    pub fn started_at(&self) -> Timestamp {
        self.wall_at_start
    }
}

/// The time of the machine.
fn wall() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the one door to the wall clock")]
    let wall = Timestamp::now();
    #[cfg(debug_assertions)]
    let wall = wall.checked_add(off()).unwrap_or(wall);
    wall
}

#[cfg(debug_assertions)]
fn off() -> SignedDuration {
    let file = std::env::var_os(WALL_IS_OFF).filter(|file| !file.is_empty());
    let seconds = file.and_then(|file| std::fs::read_to_string(file).ok()?.trim().parse().ok());
    SignedDuration::from_secs(seconds.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_that_went_back_does_not_take_us_along() {
        let floor = "2100-01-01T00:00:00Z".parse().unwrap();
        let clock = Clock::start(Some(floor));
        assert!(clock.now() >= floor);
        assert_eq!(clock.started_at(), floor);
    }

    #[test]
    fn time_only_rises() {
        let clock = Clock::start(None);
        let (first, second) = (clock.now(), clock.now());
        assert!(second >= first);
    }
}
