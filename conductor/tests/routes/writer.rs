//! A stand-in for the writer: real observations, decided by the real core, stored in the real ledger before
//! anything is answered. It has no queues: what is admitted, and how it ends, is said by the test.

use conductor::alerts::Acknowledgement;
use conductor::desk::{Decider, Load, Request, decide};
use conductor::graph_file::GraphFile;
use conductor::in_force::Graphs;
use conductor::ledger::{Act, Batch, GraphRecord, Ledger, Note};
use conductor_core::{Command, Event, Observation, ProviderView, Restraint};
use domain::{ObsId, ProviderName};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) struct Writer {
    pub(crate) graph: Arc<GraphFile>,
    graphs: Graphs,
    pub(crate) ledger: Ledger,
    pub(crate) now: Timestamp,
    pub(crate) loads: Vec<Load>,
    observations: BTreeMap<ObsId, Observation>,
    batch: Batch,
}

impl Writer {
    pub(crate) fn new(graphs: Graphs, ledger: Ledger, now: Timestamp) -> Self {
        Self {
            graph: graphs.get().graph,
            graphs,
            ledger,
            now,
            loads: Vec::new(),
            observations: BTreeMap::new(),
            batch: Batch::default(),
        }
    }

    /// Lets an event happen half a second after what happened before, and stores what it changes.
    pub(crate) async fn happen(&mut self, obs_id: &ObsId, event: Event) -> Vec<Command> {
        self.now += SignedDuration::from_millis(500);
        self.load(obs_id).await;
        let commands = self.apply(obs_id, event);
        self.commit().await;
        commands
    }

    /// Says that an observation follows a burst.
    pub(crate) fn burst(&mut self, obs_id: &ObsId, burst_id: &str) {
        self.batch.bursts.insert(obs_id.clone(), burst_id.to_owned());
    }

    pub(crate) async fn answer(&mut self, request: Request) {
        self.now += SignedDuration::from_millis(500);
        for obs_id in request.observations() {
            self.load(obs_id).await;
        }
        let reply = decide(request, self);
        self.commit().await;
        reply();
    }

    fn apply(&mut self, obs_id: &ObsId, event: Event) -> Vec<Command> {
        let (graph, now) = (Arc::clone(&self.graph), self.now);
        let observation = self.observations.get_mut(obs_id).unwrap();
        let commands = observation.apply(&graph.graph, now, event);
        let changes = observation.take_changes();
        self.batch.changes.push((obs_id.clone(), changes));
        commands
    }

    async fn commit(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        self.ledger.store(self.now, &batch).await.unwrap();
    }

    async fn load(&mut self, obs_id: &ObsId) {
        if !self.observations.contains_key(obs_id) {
            let loaded = self.ledger.load(self.now, std::slice::from_ref(obs_id)).await;
            let loaded = loaded.unwrap().pop().unwrap();
            self.observations.insert(obs_id.clone(), loaded);
        }
    }
}

impl Decider for Writer {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn in_force(&self) -> &Arc<GraphFile> {
        &self.graph
    }

    fn observation(&self, obs_id: &ObsId) -> Option<&Observation> {
        self.observations.get(obs_id)
    }

    fn provider(&self, name: &ProviderName) -> Option<ProviderView> {
        let load = self.loads.iter().find(|load| load.provider == *name)?;
        Some(ProviderView {
            busy_until: load.busy_until,
            open: load.open,
            restraint: load.restraint.clone(),
            full: false,
            in_flight: load.in_flight,
            queued: load.queued,
        })
    }

    fn loads(&self) -> Vec<Load> {
        self.loads.clone()
    }

    fn restrain(&mut self, name: &ProviderName, restraint: Option<Restraint>) {
        for load in self.loads.iter_mut().filter(|load| load.provider == *name) {
            load.restraint.clone_from(&restraint);
        }
        self.batch.restraints.insert(name.clone(), restraint);
    }

    fn happen(&mut self, obs_id: &ObsId, event: Event) {
        self.apply(obs_id, event);
    }

    fn put_in_force(&mut self, record: GraphRecord, graph: Arc<GraphFile>) {
        self.batch.graphs.push(record);
        self.graphs.replace(Arc::clone(&graph));
        self.graph = graph;
    }

    fn record(&mut self, act: Act) {
        self.batch.acts.push(act);
    }

    fn keep(&mut self, note: Note) {
        self.batch.notes.push(note);
    }

    fn acknowledge(&mut self, acknowledgement: Acknowledgement) {
        self.batch.acknowledgements.push(acknowledgement);
    }
}
