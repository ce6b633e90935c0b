//! The provider board, from the snapshot and from the conductor's word of each change.

use super::{Dirty, Part};
use api::conductor::ProviderView;
use domain::{ProviderActivity, ProviderName};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The board, by name.
#[derive(Debug, Clone, Default)]
pub struct Providers(BTreeMap<ProviderName, ProviderView>);

impl Providers {
    /// One provider.
    pub fn get(&self, provider: &ProviderName) -> Option<&ProviderView> {
        self.0.get(provider)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &ProviderView> {
        self.0.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes over the board of a snapshot; who is not on it is gone.
    pub(super) fn replace(&mut self, board: Vec<ProviderView>) -> Dirty {
        self.0 = board
            .into_iter()
            .map(|view| (view.provider.clone(), view))
            .collect();
        Dirty::of(Part::Providers)
    }

    /// Whether a provider was in this state before, by the same hand: what is said again is no event.
    pub(super) fn has_heard(&self, said: &ProviderActivity) -> bool {
        let is_same =
            |view: &ProviderView| (view.state, &view.by, &view.note) == (said.state, &said.by, &said.note);
        self.get(&said.provider).is_some_and(is_same)
    }

    /// Takes in a change. A provider that the graph does not know is not on the board.
    pub(super) fn hear(&mut self, now: Timestamp, said: ProviderActivity) -> Dirty {
        let is_said_again = self.has_heard(&said);
        let Some(view) = self.0.get_mut(&said.provider) else {
            return Dirty::default();
        };
        let is_busy_as_before = (view.in_flight, view.queued) == (said.in_flight, said.queued);
        view.state = said.state;
        view.in_flight = said.in_flight;
        view.queued = said.queued;
        view.by = said.by;
        view.note = said.note;
        view.seen_at = view.seen_at.max(said.at.or(Some(now)));
        if is_said_again && is_busy_as_before {
            return Dirty::default();
        }
        Dirty::of(Part::Providers)
    }
}
