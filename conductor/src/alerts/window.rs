//! How long what happens is collected before anybody is called.

use jiff::{SignedDuration, Timestamp};

/// When nothing has changed for so long, what has is told.
const QUIET: SignedDuration = SignedDuration::from_secs(2);

/// And it is told after so long at the latest: the pipeline that fails once a second all night must call too,
/// and who is called needs longer than that to get up.
const LONGEST: SignedDuration = SignedDuration::from_secs(30);

/// The time in which changes are collected; closed while there are none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    /// When the first and the last change came.
    open: Option<(Timestamp, Timestamp)>,
}

impl Window {
    /// Something changed.
    pub(super) fn touch(&mut self, now: Timestamp) {
        let first = self.open.map_or(now, |(first, _)| first);
        self.open = Some((first, now));
    }

    /// When what was collected is told.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        let (first, last) = self.open?;
        Some((last + QUIET).min(first + LONGEST))
    }

    /// It is told.
    pub(super) fn close(&mut self) {
        self.open = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_quiet_and_does_not_stay_open_for_ever() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut window = Window::default();
        assert_eq!(window.ends(), None);
        window.touch(at(100));
        assert_eq!(window.ends(), Some(at(102)));
        for second in 101..200 {
            window.touch(at(second));
        }
        assert_eq!(window.ends(), Some(at(130)));
        window.close();
        window.touch(at(200));
        assert_eq!(window.ends(), Some(at(202)));
    }
}
