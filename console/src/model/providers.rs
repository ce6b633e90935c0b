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

    /// Takes in a change. A provider that the graph does not know is not on the board.
    pub(super) fn hear(&mut self, now: Timestamp, said: ProviderActivity) -> Dirty {
        let Some(view) = self.0.get_mut(&said.provider) else {
            return Dirty::default();
        };
        view.state = said.state;
        view.in_flight = said.in_flight;
        view.queued = said.queued;
        view.by = said.by;
        view.note = said.note;
        view.seen_at = view.seen_at.max(said.at.or(Some(now)));
        Dirty::of(Part::Providers)
    }
}
