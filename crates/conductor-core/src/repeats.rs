//! Repeats are gathered: a product that is there is not made again at once for each newer input, but after a
//! fixed time for all that came meanwhile.

use crate::Reason;
use crate::entry::Entry;
use crate::observation::Turn;
use crate::view::View;
use crate::vigil::later;
use domain::{CellState, InputRef, ProductName};
use jiff::Timestamp;
use product_graph::Recipe;

/// What a cell gathers before it is made again, and until when.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gathering {
    /// The inputs that are newer than those of its product.
    pub(crate) inputs: Vec<InputRef>,
    /// Since when its product is there.
    pub(crate) made_at: Timestamp,
    /// When it is made again.
    pub(crate) until: Timestamp,
}

impl View<'_> {
    /// What is gathered for a cell whose product is to be made again. The time counts from when the run that made
    /// the product was queued, and is then the cell's: each repeat finds the same end. A run that waits in its
    /// queue takes what comes by itself, and a product that no run of ours made tells no such time.
    pub(crate) fn gathering(
        self,
        entry: &Entry,
        recipe: &Recipe,
        newer: &[ProductName],
        now: Timestamp,
    ) -> Option<Gathering> {
        let made_at = entry.available()?.at;
        if entry.open_run().is_some() {
            return None;
        }
        let until = entry.cell().repeats_until.or_else(|| {
            let queued_at = entry.maker()?.queued_at;
            // Whatever the clocks say, never for longer than the whole time.
            Some(later(queued_at, recipe.wait_repeats).min(later(now, recipe.wait_repeats)))
        })?;
        let (inputs, _) = self.inputs_now(&entry.cell().product);
        (until > now).then(|| Gathering {
            inputs: inputs
                .into_iter()
                .filter(|input| newer.contains(&input.product))
                .collect(),
            made_at,
            until,
        })
    }
}

impl Gathering {
    /// Why the cell is not made again yet.
    pub(crate) fn into_reason(self) -> Reason {
        let Self {
            inputs,
            made_at,
            until,
        } = self;
        Reason::Repeats {
            inputs,
            made_at,
            until,
        }
    }
}

impl Turn<'_> {
    pub(crate) fn show_gathering(&mut self, product: &ProductName, gathering: Gathering) {
        let until = gathering.until;
        self.show(product, CellState::Grace, gathering.into_reason());
        let entry = self.entry(product);
        if entry.cell().repeats_until != Some(until) {
            entry.edit_cell(|cell| cell.repeats_until = Some(until));
        }
    }
}

impl Entry {
    /// Whether it only gathers repeats: its product stands, and nothing of it is on its way yet.
    pub(crate) fn gathers(&self) -> bool {
        self.cell().state == CellState::Grace && matches!(self.cell().reason, Some(Reason::Repeats { .. }))
    }
}
