//! A cell, as it is read.

use super::{CellId, Graph, Mark, Model, Node, Observation, cell, observation};
use api::conductor::{Eta, Expected};
use domain::{CellState, ObsId, ProductName, ProviderName};
use jiff::{SignedDuration, Timestamp};

/// A cell, as it is read.
#[derive(Debug, Clone, Copy)]
pub struct CellRef<'m> {
    pub(super) model: &'m Model,
    pub(super) observation: &'m observation::Row,
    pub(super) product: u32,
    pub(super) row: cell::Row,
}

impl<'m> CellRef<'m> {
    /// Its observation.
    pub fn observation(self) -> Observation<'m> {
        Observation::new(self.model, self.observation)
    }

    /// Its product.
    pub fn product(self) -> &'m ProductName {
        self.model.products.name(self.product)
    }

    /// Which cell it is.
    pub fn id(self) -> CellId {
        CellId {
            obs_id: ObsId::clone(&self.observation.obs_id),
            product: self.product().clone(),
        }
    }

    /// What the graph says of its product; nothing of a foreign one.
    pub fn node(self) -> Option<&'m Node> {
        let graph = self.graph()?;
        Some(&graph.nodes()[self.model.places.place(self.product)?])
    }

    /// Who makes it.
    pub fn provider(self) -> Option<&'m ProviderName> {
        self.node()?.provider.as_ref()
    }

    /// How it is.
    pub fn state(self) -> CellState {
        self.row.state
    }

    /// Since when it is so.
    pub fn since(self) -> Timestamp {
        self.row.since()
    }

    /// Rises with each change of it.
    pub fn rev(self) -> u64 {
        self.row.rev
    }

    /// Why it is not `done`, for a person.
    pub fn reason(self) -> Option<&'m str> {
        self.model.texts.get(self.row.reason())
    }

    /// What caused its latest run, in words.
    pub fn trigger(self) -> Option<&'m str> {
        self.model.texts.get(self.row.trigger())
    }

    /// Its latest run.
    pub fn run_id(self) -> Option<&'m str> {
        self.model.texts.get(self.row.run_id())
    }

    /// The attempt of that run; none before the first.
    pub fn attempt(self) -> Option<u16> {
        self.row.attempt()
    }

    /// How many attempts the run has.
    pub fn attempts(self) -> Option<u16> {
        self.row.attempts()
    }

    /// The version of its newest datum.
    pub fn version(self) -> Option<u64> {
        self.row.version()
    }

    /// When the next attempt is.
    pub fn retry_at(self) -> Option<Timestamp> {
        self.row.retry_at()
    }

    /// When its product will be there.
    pub fn eta(self) -> Option<Eta> {
        self.row.eta()
    }

    /// How long it takes at its provider.
    pub fn expected(self) -> Option<Expected> {
        self.node()?.expected
    }

    /// How far its run is, 0 to 1, if its provider says so.
    pub fn progress(self) -> Option<f64> {
        self.row.progress()
    }

    /// How long its provider has had it; nothing while it has not.
    pub fn elapsed(self, now: Timestamp) -> Option<SignedDuration> {
        let elapsed = now.duration_since(self.since()).max(SignedDuration::ZERO);
        self.row.is_running().then_some(elapsed)
    }

    /// Whether its provider has had it for longer than nearly all before it.
    pub fn is_late(self) -> bool {
        self.row.is_late
    }

    /// Whether it was made without an optional input.
    pub fn is_degraded(self) -> bool {
        self.row.is_degraded
    }

    /// Whether somebody should look at it: failed or quarantined.
    pub fn is_problem(self) -> bool {
        self.row.is_problem()
    }

    /// Of a failed one: the same for all that failed for the same cause, if the conductor told it.
    pub fn fingerprint(self) -> Option<&'m str> {
        self.model.texts.get(*self.observation.causes.get(&self.product)?)
    }

    /// Whether it changed after that moment.
    pub fn changed_since(self, mark: Mark) -> bool {
        self.row.changed > mark.0
    }

    /// The products of its observation that are not there and cannot be made without it, in the order of the graph.
    pub fn blocks(self) -> Vec<&'m ProductName> {
        let products = self.blocked();
        products
            .map(|product| self.model.products.name(product))
            .collect()
    }

    /// The same by number.
    pub(super) fn blocked(self) -> impl Iterator<Item = u32> {
        let place = self.place().filter(|_| !self.row.state.is_available());
        let places = place.map(|(graph, place)| graph.descendants(place));
        let numbers = places.into_iter().flatten();
        let numbers = numbers.filter_map(move |place| self.model.places.number(*place));
        numbers.filter(move |product| self.is_wanting(*product))
    }

    /// The products of its observation that are not there and would be made with it if it came.
    pub fn blocks_optionally(self) -> Vec<&'m ProductName> {
        let Some((graph, place)) = self.place() else {
            return vec![];
        };
        if self.row.state.is_available() {
            return vec![];
        }
        let outputs = graph.nodes()[place].o_output.iter();
        let numbers = outputs.filter_map(|place| self.model.places.number(*place));
        let wanting = numbers.filter(|product| self.is_wanting(*product));
        wanting.map(|product| self.model.products.name(product)).collect()
    }

    fn is_wanting(self, product: u32) -> bool {
        let row = self.observation.cells.get(product as usize);
        let state = row.map_or(CellState::NotExpected, |row| row.state);
        !state.is_available() && state != CellState::NotExpected
    }

    fn place(self) -> Option<(&'m Graph, usize)> {
        Some((self.graph()?, self.model.places.place(self.product)?))
    }

    fn graph(self) -> Option<&'m Graph> {
        self.model.graph()
    }
}
