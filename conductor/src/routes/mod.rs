//! The routes of `docs/protocol.md` section 3.3.
//!
//! | file | routes |
//! |---|---|
//! | `observations.rs` | `GET /observations`, `/observations/{obs_id}`, `/observations/{obs_id}/products/{product}` |
//! | `timeline.rs` | `GET /observations/{obs_id}/timeline` |
//! | `processing.rs` | `POST /processing` |
//! | `retry.rs` | `POST /retry` |
//! | `operate.rs` | `POST /cancel`, `/hold`, `/release`, `/approve`, `/priority`, `/grace` |
//! | `providers.rs` | `GET /providers` |
//! | `steer.rs` | `POST /providers/{name}/pause`, `/drain`, `/resume` |
//! | `runs.rs` | `GET /runs`, `/runs/{run_id}` |
//! | `graph.rs` | `GET /graph` |
//! | `events.rs` | `GET /events` |
//! | `notes.rs` | `POST /notes`, `GET /notes` |
//! | `alerts.rs` | `GET /alerts`, `POST /acknowledge` |
//! | `report.rs` | `GET /report` |
//!
//! `actor.rs` knows who acts, `selection.rs` finds the cells that an act is about, `act.rs` does it to them.
//!
//! What is read comes from the ledger's last commit; what changes something, and why a cell is as it is, goes
//! over the desk to the one writer.

mod act;
mod actor;
mod alerts;
mod asking;
mod cursor;
mod events;
mod graph;
mod notes;
mod observations;
mod operate;
mod problems;
mod processing;
mod providers;
mod repeats;
mod report;
mod retry;
mod runs;
mod selection;
mod steer;
mod timeline;

use crate::desk::Desk;
use crate::durations::Durations;
use crate::eta::Kept;
use crate::graph_file::GraphFile;
use crate::ledger::Ledger;
use crate::presence::Presence;
use crate::targets::Targets;
use crate::view::Timing;
use axum::extract::{DefaultBodyLimit, FromRef};
use repeats::Repeats;
use service_kit::Clock;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The largest body, in bytes: an act is a few names, and its `params` are far smaller. What is larger is a
/// mistake, and is not read into memory.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What the handlers share; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// What was committed.
    pub ledger: Ledger,
    /// Where acts are handed in.
    pub desk: Desk,
    /// The graph that the writer decides by.
    pub graph: Arc<GraphFile>,
    /// Where requests go.
    pub targets: Arc<Targets>,
    /// Who was heard of, and when.
    pub presence: Presence,
    /// How long runs take.
    pub durations: Durations,
    /// The time.
    pub clock: Clock,
}

impl App {
    /// What the time tells of what is shown.
    fn timing(&self) -> Timing<'_> {
        Timing {
            graph: &self.graph.graph,
            durations: &self.durations,
            now: self.clock.now(),
        }
    }
}

/// The routes and their OpenAPI document.
pub fn router(app: App) -> OpenApiRouter {
    let shared = Shared {
        app,
        repeats: Arc::default(),
        kept: Kept::default(),
    };
    OpenApiRouter::new()
        .routes(routes!(observations::list))
        .routes(routes!(observations::one))
        .routes(routes!(observations::cell))
        .routes(routes!(timeline::one))
        .routes(routes!(processing::process))
        .routes(routes!(retry::retry))
        .routes(routes!(operate::cancel))
        .routes(routes!(operate::hold))
        .routes(routes!(operate::release))
        .routes(routes!(operate::approve))
        .routes(routes!(operate::raise))
        .routes(routes!(operate::grace))
        .routes(routes!(providers::list))
        .routes(routes!(steer::pause))
        .routes(routes!(steer::drain))
        .routes(routes!(steer::resume))
        .routes(routes!(runs::list))
        .routes(routes!(runs::one))
        .routes(routes!(graph::graph))
        .routes(routes!(events::list))
        .routes(routes!(notes::leave))
        .routes(routes!(notes::list))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::acknowledge))
        .routes(routes!(report::report))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shared)
}

#[derive(Debug, Clone)]
struct Shared {
    app: App,
    repeats: Arc<Repeats>,
    kept: Kept,
}

impl FromRef<Shared> for Kept {
    fn from_ref(shared: &Shared) -> Self {
        shared.kept.clone()
    }
}

impl FromRef<Shared> for App {
    fn from_ref(shared: &Shared) -> Self {
        shared.app.clone()
    }
}
