//! Whether what can hurt is allowed at the moment.

use crate::keys::Danger;
use jiff::{SignedDuration, Timestamp};

/// How long it stays allowed: long enough for an intervention, too short for a coffee.
pub const ARMED_FOR: SignedDuration = SignedDuration::from_mins(10);

const READONLY: &str = "this console was started with --readonly";

/// What this console may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Arming {
    /// `--readonly`: it looks, and nothing else, whatever is pressed.
    pub readonly: bool,
    until: Option<Timestamp>,
}

impl Arming {
    /// A console that is not armed, and cannot be if it is read-only.
    pub fn new(readonly: bool) -> Self {
        Self {
            readonly,
            until: None,
        }
    }

    /// Allows what can hurt, for a while.
    ///
    /// # Errors
    /// The console is read-only; the text says so.
    pub fn arm(&mut self, now: Timestamp) -> Result<(), &'static str> {
        if self.readonly {
            return Err(READONLY);
        }
        self.until = now.checked_add(ARMED_FOR).ok();
        Ok(())
    }

    /// Forbids it again.
    pub fn disarm(&mut self) {
        self.until = None;
    }

    /// How long it is still allowed.
    pub fn left(&self, now: Timestamp) -> Option<SignedDuration> {
        let left = self.until?.duration_since(now);
        left.is_positive().then_some(left)
    }

    /// Why something so dangerous may not be done now.
    pub fn why_not(&self, danger: Danger, now: Timestamp) -> Option<&'static str> {
        if danger >= Danger::Acts && self.readonly {
            return Some(READONLY);
        }
        if danger >= Danger::Harms && self.left(now).is_none() {
            return Some("it can hurt: :rw allows it for 10 minutes");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn what_can_hurt_is_allowed_for_a_while() {
        let mut arming = Arming::new(false);
        assert_eq!(arming.why_not(Danger::Acts, NOW), None);
        assert!(arming.why_not(Danger::Harms, NOW).is_some());
        arming.arm(NOW).unwrap();
        assert_eq!(arming.why_not(Danger::Harms, NOW), None);
        assert!(arming.why_not(Danger::Harms, NOW + ARMED_FOR).is_some());
        arming.disarm();
        assert!(arming.why_not(Danger::Harms, NOW).is_some());
    }

    #[test]
    fn a_read_only_console_does_nothing() {
        let mut arming = Arming::new(true);
        assert!(arming.arm(NOW).is_err());
        assert_eq!(arming.why_not(Danger::Looks, NOW), None);
        assert!(arming.why_not(Danger::Acts, NOW).is_some());
    }
}
