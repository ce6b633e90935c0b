//! Data arrives, is repeated, withdrawn, or declared absent.

use super::retraction::told_of;
use crate::entry::Entry;
use crate::observation::Turn;
use crate::{Arrival, Command, Datum, Identity, Trigger};
use domain::{InputRef, ProductName, Revision, Version};
use std::collections::BTreeMap;

impl Turn<'_> {
    pub(crate) fn on_data(&mut self, arrival: &Arrival) {
        let product = arrival.product.clone();
        if arrival.announcement.retracted {
            self.on_retraction(arrival);
            return;
        } else if arrival.announcement.absent {
            self.note_absence(&product, true);
        } else if let Some(mut datum) = self.new_datum(arrival) {
            if let Some(input) = self.withdrawn_input(&datum) {
                datum.retract(Some(&input));
                self.commands.extend(told_of(&datum));
            }
            let trigger = Trigger::NewInput {
                product: product.clone(),
                revision: datum.revision,
                version: datum.version,
            };
            let named = datum.run_id.clone();
            let exported = datum.is_exported();
            self.note_absence(&product, false);
            let entry = self.entry(&product);
            entry.push_datum(datum);
            if entry.cell().withdrawn {
                entry.edit_cell(|cell| cell.withdrawn = false);
            }
            // A product that comes all the same is welcome.
            if entry.cell().cancelled.is_some() {
                entry.edit_cell(|cell| cell.cancelled = None);
            }
            self.end_run_with_product(&product, named.as_ref(), exported);
            self.settle(&product, Some(&trigger));
            return;
        }
        self.settle(&product, None);
    }

    /// What was declared absent may come all the same.
    fn note_absence(&mut self, product: &ProductName, absent: bool) {
        let entry = self.entry(product);
        let absent = absent && entry.data().is_empty();
        if entry.cell().absent != absent {
            entry.edit_cell(|cell| cell.absent = absent);
        }
    }

    /// The datum that the arrival brings, or none if it is a repeat.
    fn new_datum(&mut self, arrival: &Arrival) -> Option<Datum> {
        if let Some(known) = self.known(arrival) {
            let reused = matches!(arrival.identity, Identity::Version(_))
                && matches!((known.sha256, arrival.announcement.sha256), (Some(a), Some(b)) if a != b);
            if !reused {
                return None;
            }
            let text = format!(
                "version-reused: {} announced {} v{} again with another sha256",
                arrival.source,
                arrival.product,
                known.version.unwrap_or(Version(0))
            );
            self.commands.push(Command::Remark {
                product: arrival.product.clone(),
                text,
            });
        }
        let revision = Revision(self.entry(&arrival.product).data().len() as u64 + 1);
        Some(self.datum(arrival, revision))
    }

    /// The datum that the arrival repeats.
    pub(super) fn known(&self, arrival: &Arrival) -> Option<&Datum> {
        let data = self.observation.data(&arrival.product);
        let sha256 = arrival.announcement.sha256;
        data.iter().rev().find(|datum| {
            let same = datum.source == arrival.source && datum.identity == arrival.identity;
            same || (datum.source != arrival.source && sha256.is_some() && datum.sha256 == sha256)
        })
    }

    pub(super) fn datum(&self, arrival: &Arrival, revision: Revision) -> Datum {
        let message = &arrival.announcement;
        let data = self.observation.data(&arrival.product);
        let highest = data
            .iter()
            .filter(|datum| datum.source == arrival.source)
            .filter_map(|d| d.version)
            .max();
        Datum {
            product: arrival.product.clone(),
            revision,
            source: arrival.source.clone(),
            identity: arrival.identity.clone(),
            version: message.version,
            sha256: message.sha256,
            size: message.size,
            href: message.href.clone(),
            at: self.now,
            run_id: message.run_id.clone(),
            made_from: self.made_from(arrival),
            published_at: message.at,
            superseded: message
                .version
                .is_some_and(|version| highest.is_some_and(|highest| version < highest)),
            retracted: false,
            retracted_with: None,
            untold: false,
        }
    }

    /// What a product was made from: its record's inputs, else its run's, else what is there now.
    fn made_from(&self, arrival: &Arrival) -> Vec<InputRef> {
        if let Some(inputs) = &arrival.announcement.inputs {
            return inputs.clone();
        }
        match self.observation.run(&arrival.product) {
            Some(run) if run.state.holds_slot() => run.inputs.clone(),
            Some(_) | None => self.view().inputs_now(&arrival.product).0,
        }
    }
}

/// What caused a run for which no event is at hand (a wait ended): the input that came last.
pub(crate) fn derive_trigger(entries: &BTreeMap<ProductName, Entry>, inputs: &[InputRef]) -> Option<Trigger> {
    let data = inputs
        .iter()
        .filter_map(|input| entries.get(&input.product)?.available());
    let last = data.max_by_key(|datum| datum.at)?;
    Some(Trigger::NewInput {
        product: last.product.clone(),
        revision: last.revision,
        version: last.version,
    })
}
