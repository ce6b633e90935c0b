//! Somebody has seen what a fingerprint stands for.

use super::Fingerprint;
use api::conductor::AcknowledgementView;
use jiff::Timestamp;

/// That somebody has seen it, and for how long that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Of what.
    pub fingerprint: Fingerprint,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// It ends by itself at this time.
    pub until: Timestamp,
    /// What is known, or done about it.
    pub note: Option<String>,
}

impl Acknowledgement {
    /// As it is shown.
    pub fn view(&self) -> AcknowledgementView {
        AcknowledgementView {
            fingerprint: self.fingerprint.to_string(),
            by: self.by.clone(),
            at: self.at,
            until: self.until,
            note: self.note.clone(),
        }
    }
}
