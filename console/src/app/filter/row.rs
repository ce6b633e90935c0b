//! What each kind of row says to a filter.

use super::Column;
use super::column::{DEGRADED, LATE};
use crate::model::{CellRef, Event, EventKind, Failure, Model, Observation, Service};
use api::conductor::{AlertView, ProviderView, RunView};
use jiff::Timestamp;

/// A test of a text in a column.
type Test<'t> = &'t dyn Fn(Column, &str) -> bool;

/// A row that is shown or not.
pub(in crate::app) trait Row {
    /// Whether any of its texts passes.
    fn has(&self, test: Test<'_>) -> bool;

    /// When it happened, or was last otherwise; none for what is always so.
    fn at(&self) -> Option<Timestamp> {
        None
    }

    /// The cells that it is about, if it is about more than itself.
    fn cells(&self) -> Option<Box<dyn Iterator<Item = CellRef<'_>> + '_>> {
        None
    }
}

/// Whether a cell passes in any column of a cell.
pub(super) fn cell_has(cell: CellRef<'_>, test: Test<'_>) -> bool {
    test(Column::Product, cell.product().as_str())
        || test(Column::State, cell.state().as_str())
        || (cell.is_late() && test(Column::State, LATE))
        || (cell.is_degraded() && test(Column::State, DEGRADED))
        || cell
            .provider()
            .is_some_and(|provider| test(Column::Provider, provider.as_str()))
        || test(Column::Obs, &cell.observation().obs_id().to_string())
}

impl Row for CellRef<'_> {
    fn has(&self, test: Test<'_>) -> bool {
        cell_has(*self, test)
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.since())
    }
}

impl Row for Observation<'_> {
    /// Words without a column mean what wants attention in it, and not all that is done.
    fn has(&self, test: Test<'_>) -> bool {
        let wanting = (*self).cells().filter(|cell| cell.is_problem() || cell.is_late());
        test(Column::Obs, &self.obs_id().to_string())
            || self
                .burst_id()
                .is_some_and(|burst_id| test(Column::Burst, burst_id))
            || wanting
                .map(CellRef::product)
                .any(|product| test(Column::Product, product.as_str()))
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.updated_at())
    }

    fn cells(&self) -> Option<Box<dyn Iterator<Item = CellRef<'_>> + '_>> {
        Some(Box::new(Observation::cells(*self)))
    }
}

/// A failure, with the model that its cells are in.
impl Row for (&Model, &Failure) {
    fn has(&self, test: Test<'_>) -> bool {
        let (_, failure) = self;
        let mut cells = failure.cells();
        test(Column::Reason, &failure.reason)
            || failure
                .fingerprint()
                .is_some_and(|text| test(Column::Reason, text))
            || failure
                .provider
                .as_ref()
                .is_some_and(|name| test(Column::Provider, name.as_str()))
            || failure
                .acknowledged
                .as_ref()
                .is_some_and(|seen| test(Column::By, &seen.by))
            || cells.any(|cell| {
                test(Column::Product, cell.product.as_str()) || test(Column::Obs, &cell.obs_id.to_string())
            })
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.1.newest)
    }

    fn cells(&self) -> Option<Box<dyn Iterator<Item = CellRef<'_>> + '_>> {
        let (model, failure) = self;
        Some(Box::new(failure.cells().filter_map(|cell| model.cell(&cell))))
    }
}

impl Row for Service {
    fn has(&self, test: Test<'_>) -> bool {
        test(Column::Provider, self.service.as_str())
            || test(Column::State, &format!("{:?}", self.state))
            || test(Column::Reason, &self.detail)
    }
}

impl Row for Event {
    fn has(&self, test: Test<'_>) -> bool {
        let product = self.product.as_ref().map(|product| product.as_str());
        test(Column::From, self.from.as_str())
            || test(Column::State, &word(self.kind))
            || test(Column::Reason, &self.text)
            || product.is_some_and(|product| test(Column::Product, product))
            || self
                .obs_id
                .as_ref()
                .is_some_and(|obs_id| test(Column::Obs, &obs_id.to_string()))
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.at)
    }
}

/// What happened, in the word that stands in its row.
fn word(kind: EventKind) -> String {
    match kind {
        EventKind::Cell(state) => state.to_string(),
        EventKind::Run(state) => format!("{state:?}"),
        EventKind::Data
        | EventKind::Service
        | EventKind::Provider
        | EventKind::Alert
        | EventKind::Operator
        | EventKind::Rejected
        | EventKind::Console => format!("{kind:?}"),
    }
}

impl Row for RunView {
    fn has(&self, test: Test<'_>) -> bool {
        test(Column::Product, self.product.as_str())
            || test(Column::Provider, self.provider.as_str())
            || test(Column::State, self.state.as_str())
            || test(Column::Obs, &self.obs_id.to_string())
            || test(Column::Run, self.run_id.as_str())
            || self
                .reason
                .as_ref()
                .is_some_and(|text| test(Column::Reason, text))
            || self
                .trigger
                .as_ref()
                .is_some_and(|text| test(Column::Trigger, text))
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.created_at)
    }
}

impl Row for ProviderView {
    fn has(&self, test: Test<'_>) -> bool {
        test(Column::Provider, self.provider.as_str())
            || test(Column::State, &format!("{:?}", self.state))
            || self.by.as_ref().is_some_and(|by| test(Column::By, by))
            || self
                .products
                .iter()
                .any(|product| test(Column::Product, product.as_str()))
    }
}

impl Row for AlertView {
    fn has(&self, test: Test<'_>) -> bool {
        let state = match (self.cleared_at, &self.acknowledged) {
            (Some(_), _) => "over",
            (None, Some(_)) => "seen",
            (None, None) => "open",
        };
        test(Column::State, state)
            || test(Column::State, self.severity.as_str())
            || test(Column::Reason, &self.title)
            || self.targets.iter().any(|target| test(Column::Obs, target))
            || self
                .acknowledged
                .as_ref()
                .is_some_and(|seen| test(Column::By, &seen.by))
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.cleared_at.unwrap_or(self.since))
    }
}
