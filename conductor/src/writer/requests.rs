//! The writer at the desk: what operators ask for, decided in its turn.

use super::Writer;
use super::decide::Decision;
use crate::alerts::Acknowledgement;
use crate::desk::{Decider, Load, Request, decide};
use crate::graph_file::GraphFile;
use crate::ledger::{Act, GraphRecord, Note};
use conductor_core::{Event, Observation, ProviderView, Restraint};
use domain::{ObsId, ProviderName};
use jiff::Timestamp;
use std::sync::Arc;

impl Writer {
    /// Decides about a request; the answer is given after the commit.
    pub(super) fn answer(&mut self, request: Request, now: Timestamp, decision: &mut Decision) {
        let mut turn = AtDesk {
            writer: self,
            now,
            decision,
        };
        let reply = decide(request, &mut turn);
        decision.replies.push(reply);
    }
}

struct AtDesk<'a> {
    writer: &'a mut Writer,
    now: Timestamp,
    decision: &'a mut Decision,
}

impl Decider for AtDesk<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn in_force(&self) -> &Arc<GraphFile> {
        &self.writer.parts.graph
    }

    fn observation(&self, obs_id: &ObsId) -> Option<&Observation> {
        self.writer.cache.get(obs_id)
    }

    fn provider(&self, name: &ProviderName) -> Option<ProviderView> {
        self.writer.providers.view(name, self.now)
    }

    fn loads(&self) -> Vec<Load> {
        self.writer.providers.loads(self.now)
    }

    fn restrain(&mut self, name: &ProviderName, restraint: Option<Restraint>) {
        self.writer.providers.restrain(name, restraint.clone());
        self.decision.restraints.insert(name.clone(), restraint);
    }

    fn happen(&mut self, obs_id: &ObsId, event: Event) {
        self.writer.apply_own(obs_id, event, self.now, self.decision);
    }

    fn put_in_force(&mut self, record: GraphRecord, graph: Arc<GraphFile>) {
        self.writer.inputs = graph
            .graph
            .inputs()
            .map(|id| graph.graph.name(id).clone())
            .collect();
        self.writer.providers.follow(&graph.graph);
        self.writer.parts.graph = Arc::clone(&graph);
        self.decision.graphs.push((record, graph));
    }

    fn record(&mut self, act: Act) {
        self.decision.acts.push(act);
    }

    fn keep(&mut self, note: Note) {
        self.decision.notes.push(note);
    }

    fn acknowledge(&mut self, acknowledgement: Acknowledgement) {
        self.decision.acknowledgements.push(acknowledgement);
    }
}
