//! The routes of `docs/protocol.md` section 3.3.
//!
//! | file | routes |
//! |---|---|
//! | `observations.rs` | `GET /observations`, `/observations/{obs_id}`, `/observations/{obs_id}/products/{product}` |
//! | `timeline.rs` | `GET /observations/{obs_id}/timeline` |
//! | `processing.rs` | `POST /processing` |
//! | `retry.rs` | `POST /retry` |
//! | `backfill.rs` | `POST /backfill` |
//! | `operate.rs` | `POST /cancel`, `/hold`, `/release`, `/approve`, `/priority`, `/grace` |
//! | `providers.rs` | `GET /providers` |
//! | `steer.rs` | `POST /providers/{name}/pause`, `/drain`, `/resume` |
//! | `runs.rs` | `GET /runs`, `/runs/{run_id}` |
//! | `graph.rs`, `put_graph.rs`, `if_match.rs` | `GET /graph`, `PUT /graph` |
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
mod backfill;
mod cursor;
mod events;
mod graph;
mod if_match;
mod notes;
mod observations;
mod operate;
mod problems;
mod processing;
mod providers;
mod put_graph;
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
use crate::in_force::{Graphs, InForce};
use crate::ledger::Ledger;
use crate::presence::Presence;
use crate::targets::Targets;
use crate::view::Timing;
use axum::extract::{DefaultBodyLimit, FromRef};
use product_graph::MAX_GRAPH_BYTES;
use repeats::Repeats;
use service_kit::Clock;
use std::sync::Arc;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// The largest body, in bytes: an act is a few names, and its `params` are far smaller. What is larger is a
/// mistake, and is not read into memory.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What the handlers share; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// What was committed.
    ledger: Ledger,
    /// Where acts are handed in.
    desk: Desk,
    /// Where the graph in force is to be had.
    graphs: Graphs,
    /// The one that was in force when the request came.
    graph: Arc<GraphFile>,
    /// Where its requests go.
    targets: Arc<Targets>,
    /// Who was heard of, and when.
    presence: Presence,
    /// How long runs take.
    durations: Durations,
    /// The time.
    clock: Clock,
}

impl App {
    /// What the handlers share.
    pub fn new(
        ledger: Ledger,
        desk: Desk,
        graphs: Graphs,
        presence: Presence,
        durations: Durations,
        clock: Clock,
    ) -> Self {
        let InForce { graph, targets } = graphs.get();
        Self {
            ledger,
            desk,
            graphs,
            graph,
            targets,
            presence,
            durations,
            clock,
        }
    }

    /// The same with the graph that is in force now.
    fn now(&self) -> Self {
        let InForce { graph, targets } = self.graphs.get();
        Self {
            graph,
            targets,
            ..self.clone()
        }
    }

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
        .routes(routes!(backfill::backfill))
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
        .routes(routes!(graph::graph, put_graph::put).layer(DefaultBodyLimit::max(MAX_GRAPH_BYTES)))
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
        shared.app.now()
    }
}
