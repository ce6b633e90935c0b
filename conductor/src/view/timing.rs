//! What the time tells of a record: how long it takes, and whether it is late.

use crate::durations::{Durations, Sample};
use api::conductor::Expected;
use conductor_core::Run;
use domain::ProductName;
use jiff::Timestamp;
use product_graph::{ProductGraph, Recipe};

/// What records are looked at with.
#[derive(Debug, Clone, Copy)]
pub struct Timing<'a> {
    /// Who makes what.
    pub graph: &'a ProductGraph,
    /// How long it took.
    pub durations: &'a Durations,
    /// What time it is.
    pub now: Timestamp,
}

impl Timing<'_> {
    /// How long a product takes at the provider that makes it; none if nobody knows.
    pub fn of_product(&self, product: &ProductName) -> Option<Expected> {
        let sample = self.durations.sample(product, self.recipe(product)?);
        sample.as_ref().map(Sample::shown)
    }

    /// How long a run takes, and whether it is late.
    pub fn of_run(&self, run: &Run) -> (Option<Expected>, bool) {
        self.durations.of_run(run, self.recipe(&run.product), self.now)
    }

    pub(super) fn recipe(&self, product: &ProductName) -> Option<&Recipe> {
        self.graph.id(product).and_then(|id| self.graph.recipe(id))
    }
}
