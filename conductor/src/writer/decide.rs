//! Deciding about a turn, in memory.

use super::Writer;
use super::sweep::SWEEP;
use super::turn::{Item, Turn};
use crate::alerts::Acknowledgement;
use crate::desk::Request;
use crate::graph_file::GraphFile;
use crate::inbox::Origin;
use crate::ledger::{Act, GraphRecord, Note};
use conductor_core::{Command, Event, Observation, Restraint};
use domain::{ObsId, ProviderName};
use jiff::Timestamp;
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What was decided in a turn, to be stored and then carried out.
#[derive(Default)]
pub(super) struct Decision {
    /// The observations that may have changed.
    pub(super) touched: BTreeSet<ObsId>,
    /// Observations that could not be decided about: nothing of them is stored, and their messages come again.
    pub(super) poisoned: BTreeSet<ObsId>,
    /// What is to be sent.
    pub(super) errands: Vec<(ObsId, Command)>,
    /// Something odd that an operator should be able to read.
    pub(super) remarks: Vec<(ObsId, Command)>,
    /// What operators did.
    pub(super) acts: Vec<Act>,
    /// What operators found worth knowing.
    pub(super) notes: Vec<Note>,
    /// What operators want of providers.
    pub(super) restraints: BTreeMap<ProviderName, Option<Restraint>>,
    /// What operators have seen.
    pub(super) acknowledgements: Vec<Acknowledgement>,
    /// The graphs that operators put in force, the last one last.
    pub(super) graphs: Vec<(GraphRecord, Arc<GraphFile>)>,
    /// Observations that were looked at by the graph in force.
    pub(super) looked_at: BTreeSet<ObsId>,
    /// The answers to operators, given after the commit.
    pub(super) replies: Vec<Box<dyn FnOnce() + Send>>,
    /// What the core asked for and nobody has looked at yet.
    pub(super) commands: VecDeque<(ObsId, Command)>,
}

impl Writer {
    /// Decides about everything in the turn; none at the stop. An event that panics is taken out, and the
    /// others are decided again from what is stored.
    pub(super) async fn decide(&mut self, turn: &mut Turn, now: Timestamp) -> Option<Decision> {
        self.judge_suspects(turn, now).await?;
        let mut decision = loop {
            self.load(turn, now).await?;
            let mut decision = Decision::default();
            match self.fold(turn, now, &mut decision) {
                Ok(()) => break decision,
                Err((index, reason)) => {
                    for obs_id in &decision.touched {
                        self.cache.forget(obs_id);
                    }
                    if !self.may_be_the_graph(&turn.items[index], &reason) {
                        turn.put_aside(index, &reason, now);
                    }
                }
            }
        };
        if turn.words_missed {
            self.cache.ask_soon(now);
            if self.gate.is_open() {
                self.reconcile();
            }
        }
        for request in std::mem::take(&mut turn.requests) {
            self.answer(request, now, &mut decision);
        }
        if !decision.graphs.is_empty() {
            self.begin_sweep(turn).await?;
        }
        // A new ledger had none before.
        if turn.positions.contains_key(SWEEP) {
            decision.acts.extend(turn.graphs.iter().map(Act::from));
        }
        self.pass_gate(turn, now, &mut decision);
        self.arrange(now, &mut decision);
        self.advance_sweep(turn, &decision);
        Some(decision)
    }

    /// Whether an item may have panicked for the look at its observation that another graph wants: then it is
    /// decided about without that.
    fn may_be_the_graph(&mut self, item: &Item, reason: &str) -> bool {
        let was_left = self.sweep.leave(&item.obs_id);
        if was_left {
            tracing::error!(obs_id = %item.obs_id, reason, "it is not looked at by the graph in force");
        }
        was_left && !matches!(item.event, Event::GraphChanged)
    }

    /// Brings into memory what the turn is about.
    async fn load(&mut self, turn: &mut Turn, now: Timestamp) -> Option<()> {
        let items = turn.items.iter().map(|item| &item.obs_id);
        let requests = turn.requests.iter().flat_map(Request::observations);
        let wanted: BTreeSet<&ObsId> = items
            .chain(requests)
            .filter(|obs_id| !self.cache.holds(obs_id))
            .collect();
        if wanted.is_empty() {
            return Some(());
        }
        let wanted: Vec<ObsId> = wanted.into_iter().cloned().collect();
        let ledger = self.parts.ledger.clone();
        let loaded = self
            .insist(&turn.deliveries, || ledger.load(now, &wanted))
            .await?;
        let is_new = |observation: &&Observation| observation.cells().next().is_none();
        let strangers: Vec<ObsId> = loaded
            .iter()
            .filter(is_new)
            .map(|new| new.obs_id().clone())
            .collect();
        for observation in loaded {
            self.cache.insert(observation);
        }
        self.look_up(&strangers, turn, now).await;
        Some(())
    }

    fn fold(&mut self, turn: &Turn, now: Timestamp, decision: &mut Decision) -> Result<(), (usize, String)> {
        for (index, item) in turn.items.iter().enumerate() {
            self.apply(&item.obs_id, item.event.clone(), now, decision)
                .map_err(|reason| (index, reason))?;
        }
        metrics::counter!("conductor_events_total").increment(turn.items.len() as u64);
        Ok(())
    }

    /// Applies one event; says with what the core panicked, if it did.
    pub(super) fn apply(
        &mut self,
        obs_id: &ObsId,
        event: Event,
        now: Timestamp,
        decision: &mut Decision,
    ) -> Result<(), String> {
        if decision.touched.insert(obs_id.clone()) && !self.cache.holds(obs_id) {
            self.cache.insert(Observation::new(obs_id.clone()));
        }
        let Some(observation) = self.cache.get_mut(obs_id) else {
            return Ok(());
        };
        let graph = &self.parts.graph.graph;
        let is_first = self.sweep.is_left(obs_id) && decision.looked_at.insert(obs_id.clone());
        let mut events = vec![event];
        if is_first && !matches!(events[..], [Event::GraphChanged]) {
            events.insert(0, Event::GraphChanged);
        }
        let apply = |event| observation.apply(graph, now, event);
        let commands = catch_unwind(AssertUnwindSafe(|| {
            events.into_iter().flat_map(apply).collect::<Vec<_>>()
        }))
        .map_err(|panic| in_words(panic.as_ref()))?;
        let of = |command| (obs_id.clone(), command);
        decision.commands.extend(commands.into_iter().map(of));
        Ok(())
    }

    /// Applies an event that only this process knows of. If it panics, nothing of its observation is stored.
    pub(super) fn apply_own(
        &mut self,
        obs_id: &ObsId,
        event: Event,
        now: Timestamp,
        decision: &mut Decision,
    ) -> bool {
        let applied = self.apply(obs_id, event, now, decision);
        if let Err(reason) = &applied {
            tracing::error!(%obs_id, reason, "deciding about this observation panics");
            decision.poisoned.insert(obs_id.clone());
            self.cache.forget(obs_id);
        }
        applied.is_ok()
    }

    /// Opens the gate when all that was missed is read: then what is outstanding is sent again.
    fn pass_gate(&mut self, turn: &Turn, now: Timestamp, decision: &mut Decision) {
        if turn.stream_reset {
            self.gate.close([Origin::Feed(self.parts.sdb_name.clone())], now);
            self.parts.look_at_feeds.notify_waiters();
        }
        if !turn.deliveries.is_empty() || !turn.committed.is_empty() {
            self.gate.moved(now);
        }
        for origin in &turn.caught_up {
            self.gate.caught_up(origin);
        }
        if self.gate.try_open(now) {
            let graph = &self.parts.graph.graph;
            for observation in self.cache.all() {
                let obs_id = observation.obs_id();
                let again = observation.outstanding(graph).into_iter();
                decision
                    .commands
                    .extend(again.map(|command| (obs_id.clone(), command)));
            }
            self.providers.stir_all();
            self.reconcile();
        }
        self.tell_gate();
    }

    /// Has what the pipelines run compared with the ledger: only once what was missed is read, which may explain it.
    pub(super) fn reconcile(&self) {
        self.parts.reconcile.send_modify(|looks| *looks += 1);
    }

    /// Says in `/health/ready` whether the gate is open.
    pub(super) fn tell_gate(&self) {
        if self.gate.is_open() {
            self.parts.caught_up_check.ok();
        } else {
            self.parts.caught_up_check.failing(self.gate.reason());
        }
    }

    /// Sorts the core's commands, and admits to the providers what they have room for. A slot is taken in the
    /// transaction that admits.
    fn arrange(&mut self, now: Timestamp, decision: &mut Decision) {
        let mut promised: BTreeMap<ProviderName, usize> = BTreeMap::new();
        loop {
            while let Some((obs_id, command)) = decision.commands.pop_front() {
                match self.providers.carry_out(command) {
                    None => {}
                    Some(command @ Command::Remark { .. }) => decision.remarks.push((obs_id, command)),
                    Some(command) => {
                        if let Command::Post(order) = &command {
                            *promised.entry(order.provider.clone()).or_default() += 1;
                        }
                        decision.errands.push((obs_id, command));
                    }
                }
            }
            let untold = self.providers.take_untold();
            if !untold.is_empty() {
                for (obs_id, event) in untold {
                    self.apply_own(&obs_id, event, now, decision);
                }
                continue;
            }
            if !self.gate.is_open() {
                return;
            }
            let dispatcher = &self.parts.dispatcher;
            let room = |provider: &ProviderName| {
                let promised = promised.get(provider).copied().unwrap_or(0);
                dispatcher.room(provider).saturating_sub(promised)
            };
            let admitted = self.providers.admit(now, room);
            if admitted.is_empty() {
                return;
            }
            for want in admitted {
                let event = Event::Admitted {
                    product: want.product,
                    run_id: want.run_id.clone(),
                };
                let before = decision.commands.len();
                let applied = self.apply_own(&want.obs_id, event, now, decision);
                if !applied || !posts(&decision.commands, before) {
                    self.providers.release(&want.provider, &want.run_id);
                }
            }
        }
    }
}

/// Whether a POST is among the commands from a place on.
fn posts(commands: &VecDeque<(ObsId, Command)>, from: usize) -> bool {
    commands
        .iter()
        .skip(from)
        .any(|(_, command)| matches!(command, Command::Post(_)))
}

/// What a panic said.
fn in_words(panic: &(dyn Any + Send)) -> String {
    let said = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!(
        "the decider panicked: {}",
        said.as_deref().unwrap_or("without a word")
    )
}
