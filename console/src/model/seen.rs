//! Who has seen why something failed, by fingerprint, as far as the conductor told it.

use api::conductor::AcknowledgementView;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The acknowledgements that hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(BTreeMap<String, AcknowledgementView>);

impl Seen {
    /// What the conductor says of a fingerprint: nobody has seen it, or somebody has. Says whether that is news.
    pub(super) fn told(&mut self, fingerprint: &str, seen: Option<&AcknowledgementView>) -> bool {
        match seen {
            Some(seen) if self.0.get(fingerprint) == Some(seen) => false,
            Some(seen) => {
                self.0.insert(fingerprint.to_owned(), seen.clone());
                true
            }
            None => self.0.remove(fingerprint).is_some(),
        }
    }

    /// Who has seen it.
    pub(super) fn by(&self, fingerprint: &str) -> Option<&AcknowledgementView> {
        self.0.get(fingerprint)
    }

    /// Forgets those that are over. Says whether there were any.
    pub(super) fn end(&mut self, now: Timestamp) -> bool {
        let before = self.0.len();
        self.0.retain(|_, seen| seen.until > now);
        self.0.len() < before
    }
}
