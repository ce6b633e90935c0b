//! What an observation adds to the lists of the screen: looked at anew only when something was heard of it.

use super::attention::Place;
use super::causes::Hit;
use super::failures::FailureId;
use super::{CellRef, Model, Observation};
use domain::{CellState, ProductName, ProviderName};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an observation adds to the lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Share {
    /// Where it stands among the others; nowhere before it was looked at.
    pub(super) place: Option<Place>,
    /// Its cells that are with their providers, by the numbers of their products.
    pub(super) running: Vec<(u32, Urgency)>,
    /// Those that failed or were put aside.
    pub(super) problems: Vec<Problem>,
    /// The same by cause.
    pub(super) hits: BTreeMap<FailureId, Hit>,
}

/// A cell that failed or was put aside.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub(super) product: Arc<ProductName>,
    pub(super) since: Timestamp,
    pub(super) fingerprint: Option<Arc<str>>,
    pub(super) told: Told,
    /// The products that cannot be made because of it, by number.
    pub(super) blocks: Vec<u32>,
}

/// What is told of a failure besides its fingerprint: whose it is, and why.
pub(super) type Told = (Option<ProviderName>, Arc<str>);

/// What stands first among what is with its provider: what runs, of that what is late, of that what began first. A
/// provider takes much more than it works at, and what only waits there must not hide what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Urgency(u64);

impl Urgency {
    /// The two flags stand above the milliseconds since 1970, of which no time that can be written has 61 bits.
    const ONLY_SENT: u64 = 1 << 63;
    const IN_TIME: u64 = 1 << 62;
    const BEFORE_1970: i64 = 1 << 61;

    fn of(cell: CellRef<'_>) -> Self {
        let since = cell.since().as_millisecond().saturating_add(Self::BEFORE_1970);
        let mut urgency = u64::try_from(since).unwrap_or(0);
        if cell.state() != CellState::Running {
            urgency |= Self::ONLY_SENT;
        }
        if !cell.is_late() {
            urgency |= Self::IN_TIME;
        }
        Self(urgency)
    }
}

impl Share {
    /// What an observation adds now; by cause it is known once all causes are.
    pub(super) fn of(model: &Model, observation: Observation<'_>, place: Place) -> Self {
        let mut share = Self {
            place: Some(place),
            ..Self::default()
        };
        for cell in observation.rows() {
            if cell.row.is_running() {
                share.running.push((cell.product, Urgency::of(cell)));
            } else if cell.is_problem() {
                share.problems.push(Problem::of(model, cell));
            }
        }
        share
    }
}

impl Problem {
    fn of(model: &Model, cell: CellRef<'_>) -> Self {
        let fingerprint = cell.observation.causes.get(&cell.product);
        Self {
            product: model.products.shared(cell.product),
            since: cell.since(),
            fingerprint: fingerprint.and_then(|cause| model.texts.shared(*cause)),
            told: (
                cell.provider().cloned(),
                model.texts.shared(cell.row.reason()).unwrap_or_default(),
            ),
            blocks: cell.blocked().collect(),
        }
    }
}
