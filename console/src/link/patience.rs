//! How long to wait before the next try.

use std::time::Duration;

/// A screen that is cut off for a night should find back in seconds.
const LONGEST: Duration = Duration::from_secs(5);
const SHORTEST: Duration = Duration::from_millis(250);

/// Doubles from a quarter of a second to five seconds, with up to a quarter more, so that the consoles of a control
/// room do not come back in step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience(Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(SHORTEST)
    }
}

impl Patience {
    /// How long to wait now.
    pub(super) fn next(&mut self) -> Duration {
        let now = self.0;
        self.0 = (now * 2).min(LONGEST);
        now + now.mul_f64(rand::random_range(0.0..0.25))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_to_five_seconds() {
        let mut patience = Patience::default();
        assert!(patience.next() < Duration::from_millis(313));
        for _ in 0..10 {
            patience.next();
        }
        let longest = patience.next();
        assert!(
            longest >= LONGEST && longest < LONGEST.mul_f64(1.25),
            "{longest:?}"
        );
    }
}
