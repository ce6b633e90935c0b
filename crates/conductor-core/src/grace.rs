//! The wait of a cell that could be made: for inputs that are being made or re-made (`wait_in_progress`), and
//! for optional ones that may still come (`wait_optional`).

use crate::Cell;
use crate::entry::Entry;
use crate::view::View;
use crate::vigil::later;
use domain::{CellState, ProductName};
use jiff::Timestamp;
use product_graph::{NodeId, Recipe};

/// What a cell waits for, and until when. Each optional input is in one of the two lists: in that whose end
/// is the later.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wait {
    /// The inputs that are being made or re-made, the mandatory ones first; those are waited for without end.
    pub(crate) inputs: Vec<ProductName>,
    /// Until when the optional ones among them are waited for, if there are such.
    pub(crate) until: Option<Timestamp>,
    /// Optional inputs that may still come.
    pub(crate) awaited: Vec<ProductName>,
    /// Until when they are waited for, if there are such.
    pub(crate) awaited_until: Option<Timestamp>,
}

impl View<'_> {
    /// The wait of a cell whose mandatory inputs are there, if it has something to wait for. Both times count
    /// from when they are first needed, and are then the cell's.
    pub(crate) fn wait(self, entry: Option<&Entry>, recipe: &Recipe, now: Timestamp) -> Option<Wait> {
        let cell = entry.map(Entry::cell);
        let known = |of: fn(&Cell) -> Option<Timestamp>| cell.and_then(of);
        let until = known(|cell| cell.grace_until).unwrap_or_else(|| later(now, recipe.wait_in_progress));
        let awaited_until =
            known(|cell| cell.optional_until).unwrap_or_else(|| later(now, recipe.wait_optional));
        let again = entry.and_then(Entry::available).is_some();
        let coming = |id: NodeId| {
            if again {
                self.coming_again(id)
            } else {
                self.coming(id)
            }
        };
        let mandatory = recipe.mandatory.iter().copied().filter(|id| coming(*id));
        let mut inputs = self.names(mandatory);
        let (mut in_progress, mut awaited) = (Vec::new(), Vec::new());
        for id in recipe.optional.iter().copied() {
            let comes = until > now && coming(id);
            if self.may_come(id) && awaited_until > now && !(comes && until >= awaited_until) {
                awaited.push(id);
            } else if comes {
                in_progress.push(id);
            }
        }
        let wait = Wait {
            until: (!in_progress.is_empty()).then_some(until),
            awaited_until: (!awaited.is_empty()).then_some(awaited_until),
            awaited: self.names(awaited),
            inputs: {
                inputs.extend(self.names(in_progress));
                inputs
            },
        };
        (!wait.inputs.is_empty() || !wait.awaited.is_empty()).then_some(wait)
    }

    /// Whether an input is not there and nothing says that it will not come.
    fn may_come(self, id: NodeId) -> bool {
        let given_up = |entry: &Entry| {
            let cell = entry.cell();
            cell.absent
                || cell.cancelled.is_some()
                || matches!(cell.state, CellState::Failed | CellState::Retracted)
        };
        self.available(id).is_none() && !self.entry(id).is_some_and(given_up)
    }
}
