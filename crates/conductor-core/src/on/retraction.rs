//! Data are withdrawn, and with them what was made from them.
//!
//! What a product was made from is recorded with it, so a withdrawal reaches exactly the products that it
//! concerns, whatever the graph is by now: the mandatory dependants, theirs, and the runs that are at them. The
//! optional ones follow the graph's policy when they are settled.

use crate::observation::{Turn, stop};
use crate::{Arrival, Command, Datum, Reason, Run};
use domain::{InputRef, ProductName, Revision, RunState, Version};

impl Turn<'_> {
    /// A withdrawal that comes before its datum is remembered: with a version as that datum, without one as a
    /// note at the cell.
    pub(crate) fn on_retraction(&mut self, arrival: &Arrival) {
        let product = &arrival.product;
        let version = arrival.announcement.version;
        let source = arrival.source.clone();
        let entry = self.entry(product);
        let withdrawn = entry.retract(None, |datum| {
            version.is_none_or(|version| datum.source == source && datum.version == Some(version))
        });
        match version {
            None if entry.data().is_empty() => entry.edit_cell(|cell| cell.withdrawn = true),
            Some(_) if withdrawn.is_empty() && self.known(arrival).is_none() => {
                let mut datum = self.datum(arrival, Revision::FIRST);
                datum.retract(None);
                let entry = self.entry(product);
                datum.revision = Revision(entry.data().len() as u64 + 1);
                entry.push_datum(datum);
            }
            None | Some(_) => {}
        }
        let mut touched = vec![product.clone()];
        let mut ahead = withdrawn;
        while let Some(datum) = ahead.pop() {
            for product in self.dependants_of(&datum) {
                ahead.extend(self.withdraw_with(&product, &datum));
                touched.push(product);
            }
        }
        for product in touched {
            self.settle(&product, None);
        }
    }

    /// The SDB heard that a version was withdrawn.
    pub(crate) fn on_retraction_told(&mut self, product: &ProductName, version: Version) {
        self.entry(product).note_told(version);
    }

    /// The mandatory input that was withdrawn and that the datum was made from all the same.
    pub(super) fn withdrawn_input(&self, datum: &Datum) -> Option<ProductName> {
        let view = self.view();
        let mut made_from = datum.made_from.iter();
        let input = made_from.find(|input| self.needs(&datum.product, input) && view.is_withdrawn(input))?;
        Some(input.product.clone())
    }

    /// The cells that have a datum or a run under way from this datum, as a mandatory input.
    fn dependants_of(&self, datum: &Datum) -> Vec<ProductName> {
        let used = |product: &ProductName, inputs: &[InputRef]| {
            let mut inputs = inputs.iter();
            inputs.any(|input| datum.is_meant_by(input) && self.needs(product, input))
        };
        let concerned = |product: &&ProductName| {
            let mut data = self.observation.data(product).iter();
            data.any(|made| !made.retracted && used(product, &made.made_from))
                || self
                    .observation
                    .run(product)
                    .is_some_and(|run| run.state.holds_slot() && used(product, &run.inputs))
        };
        let products = self.observation.entries.keys();
        products.filter(concerned).cloned().collect()
    }

    /// Withdraws what was made from this datum, and cancels the run that is at it. What is with the SDB is
    /// withdrawn there, too.
    fn withdraw_with(&mut self, product: &ProductName, cause: &Datum) -> Vec<Datum> {
        let from_it = |made: &Datum| made.made_from.iter().any(|input| cause.is_meant_by(input));
        let withdrawn = self.entry(product).retract(Some(&cause.product), from_it);
        self.commands.extend(withdrawn.iter().filter_map(told_of));
        let given =
            |run: &Run| run.state.holds_slot() && run.inputs.iter().any(|input| cause.is_meant_by(input));
        if self.observation.run(product).is_some_and(given) {
            self.end_run(product, RunState::Cancelled);
            self.commands.extend(self.observation.run(product).map(stop));
        }
        withdrawn
    }

    /// Whether an input is mandatory for a product. What the graph does not know any more was, as far as
    /// anybody can tell.
    fn needs(&self, product: &ProductName, input: &InputRef) -> bool {
        let optional = self.recipe(product).map_or(&[][..], |recipe| &recipe.optional);
        let mut optional = optional.iter();
        !optional.any(|id| *self.graph.name(*id) == input.product)
    }
}

/// What the SDB is to hear of a withdrawn datum.
pub(crate) fn told_of(datum: &Datum) -> Option<Command> {
    let version = datum.version.filter(|_| datum.untold)?;
    Some(Command::Retract {
        product: datum.product.clone(),
        version,
        reason: Reason::to_string(&datum.why_retracted()),
    })
}
