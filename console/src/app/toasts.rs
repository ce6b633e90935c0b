//! Short messages that come and go and never take the focus.

use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// More than these are no help; the oldest goes.
pub const MAX_TOASTS: usize = 8;

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Note,
    /// It was done.
    Good,
    /// It was not done.
    Bad,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// How grave.
    pub tone: Tone,
    /// What.
    pub text: String,
    until: Timestamp,
}

/// The messages that are shown, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Toasts(VecDeque<Toast>);

impl Toasts {
    /// Shows a message; the same again stays longer instead of filling the screen.
    pub fn show(&mut self, now: Timestamp, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.0.retain(|toast| toast.text != text);
        if self.0.len() == MAX_TOASTS {
            self.0.pop_front();
        }
        let until = now.checked_add(shown_for(tone)).unwrap_or(Timestamp::MAX);
        self.0.push_back(Toast { tone, text, until });
    }

    /// Takes a message away before its time: something newer says more.
    pub fn take_back(&mut self, text: &str) {
        self.0.retain(|toast| toast.text != text);
    }

    /// Takes away what was shown long enough; says whether anything was.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let before = self.0.len();
        self.0.retain(|toast| toast.until > now);
        self.0.len() != before
    }

    /// What is shown.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Toast> + ExactSizeIterator {
        self.0.iter()
    }

    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Long enough to be read; what went wrong, also by somebody who was looking elsewhere.
fn shown_for(tone: Tone) -> SignedDuration {
    match tone {
        Tone::Note | Tone::Good => SignedDuration::from_secs(5),
        Tone::Bad => SignedDuration::from_secs(15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_by_themselves_and_are_never_many() {
        let now = Timestamp::UNIX_EPOCH;
        let mut toasts = Toasts::default();
        for number in 0..20 {
            toasts.show(now, Tone::Note, format!("note {number}"));
            toasts.show(now, Tone::Note, format!("note {number}"));
        }
        assert_eq!(toasts.iter().len(), MAX_TOASTS);
        toasts.show(now, Tone::Bad, "not sent");
        assert!(toasts.expire(now + SignedDuration::from_secs(6)));
        assert_eq!(
            toasts.iter().map(|toast| &*toast.text).collect::<Vec<_>>(),
            ["not sent"]
        );
        assert!(!toasts.expire(now + SignedDuration::from_secs(6)));
        assert!(toasts.expire(now + SignedDuration::from_secs(15)) && toasts.is_empty());
    }
}
