//! The critical path of a product.

use super::records::Records;
use api::conductor::PathStep;
use conductor_core::{Datum, Run};
use domain::{InputRef, ProductName, Revision};
use std::collections::BTreeSet;

/// From a packet to what `run` makes: each step is the input that came last of those that the next one was made
/// from. What came before it could have come later, and nothing would have changed.
pub(super) fn critical(records: &Records<'_>, run: &Run, made: Option<&Datum>) -> Vec<PathStep> {
    let mut steps = vec![PathStep {
        product: run.product.clone(),
        at: made.map(|datum| datum.at),
    }];
    if let Some(made) = made {
        steps[0].product = made.product.clone();
    }
    let mut seen: BTreeSet<(&ProductName, Revision)> = BTreeSet::new();
    let mut next = last(records, &run.inputs);
    // Rows that name each other in a ring are nobody's doing, but a reader must come to an end.
    while let Some(datum) = next.filter(|datum| seen.insert((&datum.product, datum.revision))) {
        steps.push(PathStep {
            product: datum.product.clone(),
            at: Some(datum.at),
        });
        let inputs = records.maker(datum).map_or(&datum.made_from, |run| &run.inputs);
        next = last(records, inputs);
    }
    steps.reverse();
    steps
}

/// The input that came last; of several at one moment the first that the run names, which is a mandatory one.
fn last<'a>(records: &Records<'a>, inputs: &[InputRef]) -> Option<&'a Datum> {
    let given = inputs.iter().rev().filter_map(|input| records.given(input));
    given.max_by_key(|datum| datum.at)
}
