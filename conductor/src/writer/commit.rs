//! Storing what was decided, and only then letting it out.

use super::Writer;
use super::decide::Decision;
use super::turn::{Turn, subject};
use crate::alerts::Sight;
use crate::ledger::{Batch, LedgerError};
use crate::view;
use conductor_core::{Changes, Command, Observation};
use domain::ObsId;
use jiff::Timestamp;
use messaging::Delivery;
use service_kit::{crash, in_full};
use std::collections::BTreeSet;
use std::mem::take;
use std::time::{Duration, Instant};

/// Between two attempts to reach a ledger that does not answer, at first.
const MIN_PAUSE: Duration = Duration::from_millis(100);

/// And at most: below the second in which the server gives a message that is not acknowledged to another.
const MAX_PAUSE: Duration = Duration::from_secs(1);

impl Writer {
    /// Stores the turn and carries it out; none at the stop.
    pub(super) async fn commit(
        &mut self,
        mut turn: Turn,
        mut decision: Decision,
        now: Timestamp,
    ) -> Option<()> {
        let mut batch = self.batch(&mut turn, &mut decision, now);
        if !is_void(&batch) {
            let started = Instant::now();
            let ledger = self.parts.ledger.clone();
            let stored = self
                .insist(&turn.deliveries, || ledger.store(now, &batch))
                .await?;
            metrics::histogram!("conductor_commit_duration_seconds").record(started.elapsed().as_secs_f64());
            metrics::counter!("conductor_rows_total").increment(stored.rows as u64);
            self.parts.durations.take_up(take(&mut batch.durations));
            crash::point("after-commit");
        }
        if let Some((_, graph)) = decision.graphs.pop() {
            self.parts.graphs.replace(graph);
            self.parts.look_at_providers.notify_one();
            self.reconcile();
        }
        for (obs_id, command) in decision.errands {
            if !decision.poisoned.contains(&obs_id) {
                let trace = turn.traces.get(&obs_id).cloned();
                self.parts.dispatcher.carry_out(obs_id, command, trace);
            }
        }
        self.clear_suspects(&turn).await?;
        crash::point("before-ack");
        self.settle(&turn, &decision.poisoned).await;
        self.proclaim(&batch, &decision.remarks, now);
        self.report(batch);
        for reply in decision.replies {
            reply();
        }
        for (source, announcement) in turn.canary {
            self.parts.perch.heard(source, announcement);
        }
        for committed in turn.committed {
            let _ = committed.send(());
        }
        Some(())
    }

    /// Moves what is to be stored out of the turn and the decision.
    fn batch(&mut self, turn: &mut Turn, decision: &mut Decision, now: Timestamp) -> Batch {
        let mut batch = Batch {
            changes: Vec::new(),
            bursts: take(&mut turn.bursts),
            acts: take(&mut decision.acts),
            notes: take(&mut decision.notes),
            restraints: take(&mut decision.restraints),
            acknowledgements: take(&mut decision.acknowledgements),
            graphs: take(&mut turn.graphs),
            durations: Vec::new(),
            quarantined: take(&mut turn.quarantined),
            positions: take(&mut turn.positions),
        };
        let put = decision.graphs.iter().map(|(record, _)| record.clone());
        batch.graphs.extend(put);
        for obs_id in decision.touched.difference(&decision.poisoned) {
            let Some(observation) = self.cache.get_mut(obs_id) else {
                continue;
            };
            let changes = observation.take_changes();
            if !changes.is_empty() {
                batch.changes.push((obs_id.clone(), changes));
            }
            self.cache.reschedule(obs_id);
        }
        let changes = batch.changes.iter().map(|(_, changes)| changes);
        batch.durations = self.parts.durations.after(changes, now);
        batch
    }

    /// Acknowledges what is stored. What cannot be used never comes again; what could not be decided does.
    async fn settle(&self, turn: &Turn, poisoned: &BTreeSet<ObsId>) {
        let mut refused = turn.refused.iter().peekable();
        for (place, delivery) in turn.deliveries.iter().enumerate() {
            if let Some((_, reason)) = refused.next_if(|(refused, _)| *refused == place) {
                delivery.term(reason).await;
                continue;
            }
            let open = |item: &super::Item| item.delivery == Some(place) && poisoned.contains(&item.obs_id);
            if poisoned.is_empty() || !turn.items.iter().any(open) {
                delivery.ack().await;
            }
        }
        let now = self.parts.clock.now();
        for (place, reason) in &turn.refused {
            if let Some(delivery) = turn.deliveries.get(*place) {
                self.parts
                    .herald
                    .rejected(now, subject(delivery), reason, &delivery.body);
            }
        }
    }

    /// Says on `activity.conductor` what changed.
    fn proclaim(&self, batch: &Batch, remarks: &[(ObsId, Command)], now: Timestamp) {
        for (obs_id, changes) in &batch.changes {
            let Some(observation) = self.cache.get(obs_id) else {
                continue;
            };
            for activity in cells(observation, changes) {
                self.parts.herald.cell(now, activity);
            }
        }
        for act in &batch.acts {
            self.parts.herald.operator(act);
        }
        for put_aside in &batch.quarantined {
            let (subject, body) = (put_aside.source.clone(), &put_aside.body);
            self.parts.herald.rejected(now, subject, &put_aside.reason, body);
        }
        for (obs_id, remark) in remarks {
            if let Command::Remark { product, text } = remark {
                let subject = format!("{product} of {obs_id}");
                self.parts.herald.rejected(now, subject, text, b"");
            }
        }
    }

    /// Tells the watch what may call for a human.
    fn report(&self, batch: Batch) {
        let graph = &self.parts.graph.graph;
        let sights = batch.changes.iter().flat_map(|(obs_id, changes)| {
            let observation = self.cache.get(obs_id).into_iter();
            observation.flat_map(move |observation| Sight::of_changes(graph, observation, changes))
        });
        self.parts.lookout.changed(sights.collect());
        self.parts.lookout.acknowledged(batch.acknowledgements);
    }

    /// Tries until the ledger answers; none at the stop. Until then nothing is acknowledged, and the server is
    /// told that what we hold is being worked on.
    pub(super) async fn insist<T, F>(&self, deliveries: &[Delivery], attempt: impl Fn() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, LedgerError>>,
    {
        let mut pause = MIN_PAUSE;
        loop {
            let failure = match attempt().await {
                Ok(answer) => {
                    self.parts.ledger_check.ok();
                    return Some(answer);
                }
                Err(failure) => failure,
            };
            let reason = in_full(&failure);
            tracing::error!(
                reason,
                "the ledger does not answer; nothing is decided until it does"
            );
            self.parts.ledger_check.failing(reason);
            for delivery in deliveries {
                delivery.progress().await;
            }
            tokio::select! {
                () = self.parts.stop.cancelled() => return None,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(MAX_PAUSE),
            }
        }
    }
}

fn is_void(batch: &Batch) -> bool {
    batch.changes.is_empty()
        && batch.acts.is_empty()
        && batch.quarantined.is_empty()
        && batch.positions.is_empty()
        && batch.graphs.is_empty()
}

/// The changed cells of an observation, as they are told.
fn cells<'a>(
    observation: &'a Observation,
    changes: &'a Changes,
) -> impl Iterator<Item = domain::CellActivity> + 'a {
    changes.cells.iter().map(|cell| {
        let newest = cell.newest.and_then(|newest| {
            observation
                .data(&cell.product)
                .iter()
                .find(|datum| datum.revision == newest)
        });
        view::cell_activity(observation.obs_id(), cell, newest, observation.run(&cell.product))
    })
}
