//! After another graph: every unfinished observation is looked at again, some in each turn.
//!
//! How far that is stands among the positions of the ledger, stored with what it led to, so a restart goes on where
//! it was. What happens to an observation before its time comes is decided after it was looked at.

use super::Writer;
use super::decide::Decision;
use super::turn::{Item, Turn};
use crate::ledger::{Act, GraphRecord};
use conductor_core::{Event, Observation};
use domain::{CellState, ObsId};
use std::collections::BTreeSet;

/// Observations that are looked at in one turn: a few milliseconds, between which data is decided about.
const PER_TURN: usize = 64;

/// How far it is, among the positions: the next observation, or nothing once all were looked at.
pub(super) const SWEEP: &str = "graph-sweep";

/// The graph that the ledger was last decided by, among the positions: its checksum.
const GRAPH: &str = "graph";

/// The observations that were not looked at yet.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    left: BTreeSet<ObsId>,
}

impl Sweep {
    /// Whether an observation was not looked at yet.
    pub(super) fn is_left(&self, obs_id: &ObsId) -> bool {
        self.left.contains(obs_id)
    }

    /// Whether there is none.
    pub(super) fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// It is looked at no more; says whether it was to be.
    pub(super) fn leave(&mut self, obs_id: &ObsId) -> bool {
        self.left.remove(obs_id)
    }

    fn position(&self) -> String {
        self.left.first().map(ToString::to_string).unwrap_or_default()
    }
}

impl Writer {
    /// What is unfinished is looked at again if the graph is another one than before, or if that was not over.
    pub(super) async fn first_turn(&mut self) -> anyhow::Result<Turn> {
        let mut turn = Turn::default();
        let graph = &self.parts.graph;
        let sha256 = graph.sha256.to_string();
        let before = self.parts.ledger.position(GRAPH).await?;
        if before.as_ref() != Some(&sha256) {
            turn.graphs.push(GraphRecord {
                at: self.parts.clock.now(),
                sha256: graph.sha256,
                file_sha256: self.parts.graphs.file_sha256(),
                signature: None,
                text: graph.text.clone(),
            });
            turn.positions.insert(GRAPH.to_owned(), sha256);
            if before.is_some() {
                tracing::info!("the graph is another one than before: what is unfinished is looked at again");
                self.sweep.left.extend(self.parts.ledger.unsettled().await?);
                turn.positions.insert(SWEEP.to_owned(), self.sweep.position());
            }
        } else if let Some(from) = self.parts.ledger.position(SWEEP).await?
            && let Ok(from) = from.parse::<ObsId>()
        {
            let mut left = self.parts.ledger.unsettled().await?;
            left.retain(|obs_id| *obs_id >= from);
            tracing::info!(
                observations = left.len(),
                "are still to be looked at by the graph in force"
            );
            self.sweep.left.extend(left);
        }
        Ok(turn)
    }

    /// The next observations that are to be looked at.
    pub(super) fn add_sweep(&self, turn: &mut Turn) {
        let next = self.sweep.left.iter().take(PER_TURN);
        turn.items.extend(next.map(|obs_id| Item {
            obs_id: obs_id.clone(),
            event: Event::GraphChanged,
            delivery: None,
        }));
    }

    /// Operators put another graph in force: all that is unfinished is to be looked at, also what this turn brought.
    pub(super) async fn begin_sweep(&mut self, turn: &Turn) -> Option<()> {
        let ledger = self.parts.ledger.clone();
        let stored = self.insist(&turn.deliveries, || ledger.unsettled()).await?;
        let may_change =
            |observation: &&Observation| observation.cells().any(|cell| is_unsettled(cell.state));
        let in_memory = self.cache.all().filter(may_change);
        self.sweep.left = in_memory
            .map(|observation| observation.obs_id().clone())
            .collect();
        self.sweep.left.extend(stored);
        Some(())
    }

    /// What was looked at in this turn is not left, and how far that is, is stored with it.
    pub(super) fn advance_sweep(&mut self, turn: &mut Turn, decision: &Decision) {
        let is_new = !decision.graphs.is_empty();
        let before = self.sweep.left.len();
        for obs_id in &decision.looked_at {
            self.sweep.leave(obs_id);
        }
        if is_new {
            let sha256 = self.parts.graph.sha256.to_string();
            turn.positions.insert(GRAPH.to_owned(), sha256);
        }
        if is_new || self.sweep.left.len() < before {
            turn.positions.insert(SWEEP.to_owned(), self.sweep.position());
        }
        if before > 0 && self.sweep.is_over() {
            tracing::info!("all that was unfinished was looked at by the graph in force");
        }
    }
}

/// A graph that another file brought: nobody said who.
impl From<&GraphRecord> for Act {
    fn from(graph: &GraphRecord) -> Self {
        Self {
            at: graph.at,
            verb: "graph".to_owned(),
            target: graph.sha256.to_string(),
            by: "conductor".to_owned(),
            note: None,
            outcome: "in force: the file of --graph is another one than before".to_owned(),
        }
    }
}

/// Whether another graph may change something in a cell as it is; [`crate::ledger::Ledger::unsettled`] says the same
/// of those that are stored.
fn is_unsettled(state: CellState) -> bool {
    state.is_in_progress() || matches!(state, CellState::Waiting | CellState::Held)
}
