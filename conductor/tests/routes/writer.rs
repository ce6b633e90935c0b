//! A stand-in for the writer: real observations, decided by the real core, stored in the real ledger before
//! anything is answered. It has no queues: what is admitted, and how it ends, is said by the test.

use conductor::desk::{Asker, Decided, Load, Request, Retried};
use conductor::graph_file::GraphFile;
use conductor::ledger::{Act, Batch, Ledger};
use conductor::view;
use conductor_core::{Command, Event, ManualRequest, Observation, Verdict};
use domain::{CellState, ObsId, ProductName};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) struct Writer {
    pub(crate) graph: Arc<GraphFile>,
    pub(crate) ledger: Ledger,
    pub(crate) now: Timestamp,
    pub(crate) loads: Vec<Load>,
    observations: BTreeMap<ObsId, Observation>,
    batch: Batch,
}

impl Writer {
    pub(crate) fn new(graph: Arc<GraphFile>, ledger: Ledger, now: Timestamp) -> Self {
        Self {
            graph,
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
        let commands = self.apply(obs_id, event).await;
        self.commit().await;
        commands
    }

    /// Says that an observation follows a burst.
    pub(crate) fn burst(&mut self, obs_id: &ObsId, burst_id: &str) {
        self.batch.bursts.insert(obs_id.clone(), burst_id.to_owned());
    }

    pub(crate) async fn answer(&mut self, request: Request) {
        self.now += SignedDuration::from_millis(500);
        match request {
            Request::Process {
                obs_id,
                product,
                request,
                reply,
            } => {
                let asker = Asker {
                    by: request.by.clone(),
                    note: request.note.clone(),
                };
                let decided = self.process(&obs_id, &product, request).await;
                self.note("processing", &obs_id, &product, &asker, format!("{decided:?}"));
                self.commit().await;
                reply.send(decided).unwrap();
            }
            Request::Retry { cells, asker, reply } => {
                let mut retried = Vec::new();
                for (obs_id, product) in cells {
                    let was = self.state(&obs_id, &product).await;
                    let (by, note) = (asker.by.clone(), asker.note.clone());
                    let event = Event::Retried {
                        product: product.clone(),
                        by,
                        note,
                    };
                    self.apply(&obs_id, event).await;
                    let state = self.state(&obs_id, &product).await;
                    self.note("retry", &obs_id, &product, &asker, format!("{was} -> {state}"));
                    retried.push(Retried {
                        obs_id,
                        product,
                        was,
                        state,
                    });
                }
                self.commit().await;
                reply.send(retried).unwrap();
            }
            Request::Note { note, reply } => {
                self.batch.acts.push(Act::from(&note));
                self.batch.notes.push(note);
                self.commit().await;
                reply.send(()).unwrap();
            }
            Request::Explain {
                obs_id,
                product,
                reply,
            } => {
                let (graph, now) = (Arc::clone(&self.graph), self.now);
                let observation = self.observation(&obs_id).await;
                let explanation = observation.explain(&graph.graph, &product, |_| None, now);
                reply.send(view::why(explanation)).unwrap();
            }
            Request::Loads { reply } => reply.send(self.loads.clone()).unwrap(),
        }
    }

    async fn process(&mut self, obs_id: &ObsId, product: &ProductName, request: ManualRequest) -> Decided {
        let (graph, now) = (Arc::clone(&self.graph), self.now);
        let observation = self.observation(obs_id).await;
        let verdict = observation.judge(&graph.graph, product, request.force);
        let explanation = observation.explain(&graph.graph, product, |_| None, now);
        let state = self.state(obs_id, product).await;
        match verdict {
            Verdict::Unknown => Decided::UnknownProduct,
            Verdict::Open(run_id) => Decided::Open { run_id, state },
            Verdict::Made(run_id) => Decided::Made { run_id, state },
            Verdict::Missing(inputs) => Decided::Missing {
                inputs,
                why: Box::new(view::why(explanation)),
            },
            Verdict::Start => {
                let event = Event::Requested {
                    product: product.clone(),
                    request,
                };
                self.apply(obs_id, event).await;
                let observation = self.observation(obs_id).await;
                Decided::Started {
                    run_id: observation.run(product).unwrap().run_id.clone(),
                    state: observation.cell(product).unwrap().state,
                }
            }
        }
    }

    fn note(&mut self, verb: &str, obs_id: &ObsId, product: &ProductName, asker: &Asker, outcome: String) {
        self.batch.acts.push(Act {
            at: self.now,
            verb: verb.to_owned(),
            target: format!("{product} of {obs_id}"),
            by: asker.by.clone(),
            note: asker.note.clone(),
            outcome,
        });
    }

    async fn apply(&mut self, obs_id: &ObsId, event: Event) -> Vec<Command> {
        let (graph, now) = (Arc::clone(&self.graph), self.now);
        let observation = self.observation(obs_id).await;
        let commands = observation.apply(&graph.graph, now, event);
        let changes = observation.take_changes();
        self.batch.changes.push((obs_id.clone(), changes));
        commands
    }

    async fn commit(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        self.ledger.store(self.now, &batch).await.unwrap();
    }

    async fn state(&mut self, obs_id: &ObsId, product: &ProductName) -> CellState {
        let cell = self.observation(obs_id).await.cell(product);
        cell.map_or(CellState::NotExpected, |cell| cell.state)
    }

    async fn observation(&mut self, obs_id: &ObsId) -> &mut Observation {
        if !self.observations.contains_key(obs_id) {
            let loaded = self.ledger.load(self.now, std::slice::from_ref(obs_id)).await;
            let loaded = loaded.unwrap().pop().unwrap();
            self.observations.insert(obs_id.clone(), loaded);
        }
        self.observations.get_mut(obs_id).unwrap()
    }
}
