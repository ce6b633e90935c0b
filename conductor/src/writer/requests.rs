//! Deciding about what operators ask for.

use super::Writer;
use super::decide::Decision;
use crate::desk::{Asker, Decided, Request, Retried};
use crate::ledger::Act;
use crate::view;
use api::conductor::Why;
use conductor_core::{Event, ManualRequest, Observation, Verdict};
use domain::{CellState, ObsId, ProductName};
use jiff::Timestamp;

impl Writer {
    /// Decides about a request; the answer is given after the commit.
    pub(super) fn answer(&mut self, request: Request, now: Timestamp, decision: &mut Decision) {
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
                let decided = self.process(&obs_id, &product, request, now, decision);
                decision.acts.push(act(
                    "processing",
                    now,
                    (&obs_id, &product),
                    asker,
                    outcome(&decided),
                ));
                decision.replies.push(Box::new(move || drop(reply.send(decided))));
            }
            Request::Retry { cells, asker, reply } => {
                let retried: Vec<Retried> = cells
                    .into_iter()
                    .map(|(obs_id, product)| self.retry(obs_id, product, &asker, now, decision))
                    .collect();
                decision.replies.push(Box::new(move || drop(reply.send(retried))));
            }
            Request::Note { note, reply } => {
                decision.acts.push(Act::from(&note));
                decision.notes.push(note);
                decision.replies.push(Box::new(move || {
                    let _ = reply.send(());
                }));
            }
            Request::Explain {
                obs_id,
                product,
                reply,
            } => {
                let why = self.why(&obs_id, &product, now);
                decision.replies.push(Box::new(move || drop(reply.send(why))));
            }
            Request::Loads { reply } => {
                let loads = self.providers.loads();
                decision.replies.push(Box::new(move || drop(reply.send(loads))));
            }
        }
    }

    fn process(
        &mut self,
        obs_id: &ObsId,
        product: &ProductName,
        request: ManualRequest,
        now: Timestamp,
        decision: &mut Decision,
    ) -> Decided {
        let empty = Observation::new(obs_id.clone());
        let observation = self.cache.get(obs_id).unwrap_or(&empty);
        let state = self.state(obs_id, product);
        match observation.judge(&self.parts.graph.graph, product, request.force) {
            Verdict::Unknown => Decided::UnknownProduct,
            Verdict::Open(run_id) => Decided::Open { run_id, state },
            Verdict::Made(run_id) => Decided::Made { run_id, state },
            Verdict::Missing(inputs) => Decided::Missing {
                inputs,
                why: Box::new(self.why(obs_id, product, now)),
            },
            Verdict::Start => {
                let product = product.clone();
                let event = Event::Requested {
                    product: product.clone(),
                    request,
                };
                self.apply_own(obs_id, event, now, decision);
                let begun = self
                    .cache
                    .get(obs_id)
                    .and_then(|observation| observation.run(&product));
                match begun {
                    Some(run) => Decided::Started {
                        run_id: run.run_id.clone(),
                        state: self.state(obs_id, &product),
                    },
                    // Only if the core panicked: nothing of the observation is stored.
                    None => Decided::UnknownProduct,
                }
            }
        }
    }

    fn retry(
        &mut self,
        obs_id: ObsId,
        product: ProductName,
        asker: &Asker,
        now: Timestamp,
        decision: &mut Decision,
    ) -> Retried {
        let was = self.state(&obs_id, &product);
        if was == CellState::Failed {
            let event = Event::Retried {
                product: product.clone(),
                by: asker.by.clone(),
                note: asker.note.clone(),
            };
            self.apply_own(&obs_id, event, now, decision);
        }
        let state = self.state(&obs_id, &product);
        let outcome = format!("{was} -> {state}");
        decision
            .acts
            .push(act("retry", now, (&obs_id, &product), asker.clone(), outcome));
        Retried {
            obs_id,
            product,
            was,
            state,
        }
    }

    fn why(&self, obs_id: &ObsId, product: &ProductName, now: Timestamp) -> Why {
        let empty = Observation::new(obs_id.clone());
        let observation = self.cache.get(obs_id).unwrap_or(&empty);
        let graph = &self.parts.graph.graph;
        let explanation = observation.explain(graph, product, |name| self.providers.view(name, now), now);
        view::why(explanation)
    }

    fn state(&self, obs_id: &ObsId, product: &ProductName) -> CellState {
        let cell = self
            .cache
            .get(obs_id)
            .and_then(|observation| observation.cell(product));
        cell.map_or(CellState::NotExpected, |cell| cell.state)
    }
}

impl Request {
    /// The observations that it is about.
    pub(super) fn observations(&self) -> Box<dyn Iterator<Item = &ObsId> + '_> {
        match self {
            Self::Process { obs_id, .. } | Self::Explain { obs_id, .. } => Box::new(std::iter::once(obs_id)),
            Self::Retry { cells, .. } => Box::new(cells.iter().map(|(obs_id, _)| obs_id)),
            Self::Loads { .. } | Self::Note { .. } => Box::new(std::iter::empty()),
        }
    }
}

fn act(
    verb: &str,
    at: Timestamp,
    (obs_id, product): (&ObsId, &ProductName),
    asker: Asker,
    outcome: String,
) -> Act {
    Act {
        at,
        verb: verb.to_owned(),
        target: format!("{product} of {obs_id}"),
        by: asker.by,
        note: asker.note,
        outcome,
    }
}

fn outcome(decided: &Decided) -> String {
    match decided {
        Decided::Started { run_id, state } => format!("run {run_id} begun, {state}"),
        Decided::Open { run_id, state } => format!("run {run_id} was under way, {state}"),
        Decided::Made { state, .. } => format!("was made already, {state}"),
        Decided::Missing { inputs, .. } => {
            let inputs: Vec<&str> = inputs.iter().map(ProductName::as_str).collect();
            format!("refused: {} missing", inputs.join(", "))
        }
        Decided::UnknownProduct => "refused: no such product".to_owned(),
    }
}
