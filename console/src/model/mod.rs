//! What the console knows of the orchestra: pure, without a network, a terminal or a clock.
//!
//! What comes in is an [`Update`]; [`Model::fold`] takes it in and says in a [`Dirty`] what must be drawn anew and
//! asked for. [`Model::settle`] then brings the lists up to date, once for however many updates: before a frame, and
//! once a second for what only time changes. Everything else only reads.
//!
//! Two things bring news of a cell, the conductor's snapshot and its live messages, in any order. Each carries the
//! cell's `rev`, and a lower one than known is dropped. A resync is a bracket of updates
//! ([`Snapshot::Begin`] .. [`Snapshot::End`]): what was known before it and is not in it is gone, and what is in it
//! holds unless something newer was said since it began. So whatever was lost on the way, no ghost stays.
//!
//! ```text
//! names, texts        what repeats is kept once
//! cell, observation   the rows; a cell takes 64 bytes
//! graph               what may be made from what, and the columns
//! fold, live, joined  an update, taken in
//! settle, retention   what follows from the rows and the time, and what may be forgotten
//! lists, share        what each row adds to the lists of the screen, which follow it
//! attention, causes,  their orders
//! ranked
//! failures, search    the questions of the screen
//! ```

mod alerts;
mod attention;
mod causes;
mod cell;
mod cell_id;
mod cell_ref;
mod counters;
mod counts;
mod details;
mod dirty;
mod events;
mod failures;
mod fold;
mod graph;
mod joined;
mod layers;
mod links;
mod lists;
mod live;
mod names;
mod observation;
mod outcome;
mod places;
mod providers;
mod ranked;
mod retention;
mod search;
mod seen;
mod services;
mod settle;
mod share;
mod sources;
mod texts;
mod update;

pub use alerts::Alerts;
pub use cell_id::CellId;
pub use cell_ref::CellRef;
pub use counters::Counters;
pub use counts::Counts;
pub use details::{Answer, Body, Details, MAX_BODY, Question, WantedRuns};
pub use dirty::{Dirty, Part};
pub use events::{Event, EventKind, Events};
pub use failures::{Failure, FailureId};
pub use graph::{Graph, Group, Node};
pub use layers::{Layers, Spot};
pub use links::{Link, Links, Peer, Sync};
pub use lists::Editions;
pub use observation::Observation;
pub use outcome::{ActId, Ending, Outcome};
pub use providers::Providers;
pub use retention::{KEPT_FOR, MAX_OBSERVATIONS};
pub use services::{LATE_AFTER, LOST_AFTER, Liveness, Service, Services};
pub use sources::{Source, Sources};
pub use update::{Cause, LinkState, Snapshot, Update};

use api::conductor::AcknowledgementView;
use domain::{ObsId, ProductName, ServiceName};
use jiff::Timestamp;
use names::Names;
use observation::Row;
use places::Places;
use std::collections::HashMap;
use std::sync::Arc;
use texts::Texts;

/// Everything that the console knows.
#[derive(Debug, Clone, Default)]
pub struct Model {
    graph: Option<Graph>,
    products: Names<ProductName>,
    /// Who has said something.
    speakers: Names<ServiceName>,
    places: Places,
    texts: Texts,
    rows: HashMap<Arc<ObsId>, Row>,
    /// Rises with each update; says what changed before what.
    sequence: u64,
    totals: Counts,
    degraded: usize,
    lists: lists::Lists,
    /// When it was looked last what only time changes.
    looked_at: Option<Timestamp>,
    /// Whether that look is not over.
    is_behind: bool,
    services: Services,
    providers: Providers,
    alerts: Alerts,
    seen: seen::Seen,
    sources: Sources,
    events: Events,
    links: Links,
    counters: Counters,
    details: Details,
}

/// A look at the model: what changed after it is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Mark(u64);

impl Model {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What may be made from what; none before the conductor was reached once.
    pub fn graph(&self) -> Option<&Graph> {
        self.graph.as_ref()
    }

    /// How many observations are known here.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no observation is known here.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One observation.
    pub fn observation(&self, obs_id: &ObsId) -> Option<Observation<'_>> {
        self.rows.get(obs_id).map(|row| Observation::new(self, row))
    }

    /// All observations, in no order; [`Model::by_attention`] has one.
    pub fn observations(&self) -> impl Iterator<Item = Observation<'_>> {
        self.rows.values().map(|row| Observation::new(self, row))
    }

    /// One cell; `not_expected` if the observation is known and nothing is known of the cell.
    pub fn cell(&self, cell: &CellId) -> Option<CellRef<'_>> {
        self.observation(&cell.obs_id)?.cell(&cell.product)
    }

    /// The cells of all observations by state.
    pub fn totals(&self) -> &Counts {
        &self.totals
    }

    /// How many cells were made without an optional input.
    pub fn degraded(&self) -> usize {
        self.degraded
    }

    /// This moment, for [`Observation::changed_since`] and [`CellRef::changed_since`].
    pub fn mark(&self) -> Mark {
        Mark(self.sequence)
    }

    /// Who is alive.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The provider board.
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// What a person should know.
    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    /// Who has seen the cause of failures, or of the alert about them; none if nobody has.
    pub fn seen_by(&self, fingerprint: &str) -> Option<&AcknowledgementView> {
        self.seen.by(fingerprint)
    }

    /// Where data come from.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What was said, the last 100 000.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Who can be reached, and how far the last snapshot is.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// How much comes in, and how much was lost.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What was asked for last about single cells.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// How many different texts the rows hold: it does not grow with time.
    pub fn held_texts(&self) -> usize {
        self.texts.len()
    }

    /// How old the newest datum is that came in by any way: the age of what is on the screen.
    pub fn age(&self, now: Timestamp) -> Option<jiff::SignedDuration> {
        Some(now.duration_since(self.counters.heard_at()?))
    }
}
