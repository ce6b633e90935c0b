//! When a frame is due: keys draw at once, data so often that eyes and lines can follow.

use std::time::{Duration, Instant};

/// Between two frames of data on a terminal of this machine: nobody reads faster, and every frame costs.
const LOCAL: Duration = Duration::from_millis(66);
/// Between two frames of data over ssh.
const REMOTE: Duration = Duration::from_millis(100);

/// Remembers whether something is to be drawn, and since when nothing was.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    drawn: Option<Instant>,
    is_stale: bool,
}

impl Pace {
    /// A screen that shows nothing yet.
    pub(super) fn new(remote: bool) -> Self {
        Self {
            gap: if remote { REMOTE } else { LOCAL },
            drawn: None,
            is_stale: true,
        }
    }

    /// What is on the screen is not what is.
    pub(super) fn stale(&mut self) {
        self.is_stale = true;
    }

    /// A key was pressed, whose effect must be seen now.
    pub(super) fn hurry(&mut self) {
        self.is_stale = true;
        self.drawn = None;
    }

    /// What is on the screen is what is.
    pub(super) fn drawn(&mut self, now: Instant) {
        self.is_stale = false;
        self.drawn = Some(now);
    }

    /// When to draw; never if nothing changed.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        self.is_stale
            .then(|| self.drawn.map_or(now, |drawn| (drawn + self.gap).max(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_new_is_never_drawn_and_data_not_too_often() {
        let start = Instant::now();
        let later = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::new(true);
        assert_eq!(pace.due(start), Some(start));
        pace.drawn(start);
        assert_eq!(pace.due(later(500)), None);
        pace.stale();
        assert_eq!(pace.due(later(10)), Some(later(100)));
        assert_eq!(pace.due(later(500)), Some(later(500)));
        pace.hurry();
        assert_eq!(pace.due(later(10)), Some(later(10)));
    }
}
