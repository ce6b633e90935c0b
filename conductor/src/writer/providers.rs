//! The providers' queues and slots, in memory: the ledger's runs say what they hold, and its restraints what
//! operators want of them.

use super::turn::Turn;
use crate::desk::Load;
use crate::inbox::{Call, Word};
use conductor_core::{Answer, Command, Event, Observation, Provider, ProviderView, Restraint, Want};
use domain::{ObsId, ProviderName, RunId, ServiceName};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// All providers that the graph or a run names.
#[derive(Debug)]
pub(crate) struct Providers {
    by_name: BTreeMap<ProviderName, Provider>,
    /// Those that make something by the graph.
    of_graph: BTreeSet<ProviderName>,
    limits: BTreeMap<ProviderName, u32>,
    /// Those in which something changed since the last admission.
    stirred: BTreeSet<ProviderName>,
    /// What cells have to be told of their provider's restraint.
    untold: Vec<(ObsId, Event)>,
    /// Told when operators should see at once how a provider is.
    changed: Arc<Notify>,
}

impl Providers {
    /// The graph's, with its limits.
    pub(crate) fn new(graph: &ProductGraph, changed: Arc<Notify>) -> Self {
        let mut providers = Self {
            by_name: BTreeMap::new(),
            of_graph: BTreeSet::new(),
            limits: BTreeMap::new(),
            stirred: BTreeSet::new(),
            untold: Vec::new(),
            changed,
        };
        providers.follow(graph);
        providers
    }

    /// Another graph: its providers and limits. Those that it does not name have no limit; what they have and what
    /// waits for them stays until its cell says otherwise.
    pub(super) fn follow(&mut self, graph: &ProductGraph) {
        self.limits = graph
            .providers()
            .iter()
            .filter_map(|(name, spec)| Some((name.clone(), spec.max_in_flight?)))
            .collect();
        let recipes = graph.products().filter_map(|id| graph.recipe(id));
        self.of_graph = recipes.map(|recipe| recipe.provider.clone()).collect();
        for name in self.of_graph.clone() {
            self.provider(&name);
        }
        for (name, provider) in &mut self.by_name {
            provider.set_limit(self.limits.get(name).copied());
        }
        self.stir_all();
    }

    /// Gives back their slots and places to the runs of an observation that had them before a restart.
    pub(super) fn take_in(&mut self, observation: &Observation, graph: &ProductGraph) {
        for command in observation.outstanding(graph) {
            if let Command::Enqueue(want) = command {
                self.stir(&want.provider.clone()).enqueue(want);
            }
        }
        for cell in observation.cells() {
            if let Some(run) = observation
                .run(&cell.product)
                .filter(|run| run.state.holds_slot())
            {
                self.provider(&run.provider).occupy(run.run_id.clone());
            }
        }
    }

    /// Carries out a command that concerns queues and slots; gives back any other.
    pub(crate) fn carry_out(&mut self, command: Command) -> Option<Command> {
        match command {
            Command::Enqueue(want) => {
                let provider = self.stir(&want.provider.clone());
                let untold = provider.restraint().map(|restraint| restrained(&want, restraint));
                provider.enqueue(want);
                self.untold.extend(untold);
                None
            }
            Command::Withdraw { provider, run_id } => {
                self.stir(&provider).withdraw(&run_id);
                None
            }
            Command::Release { provider, run_id } => {
                self.stir(&provider).release(&run_id);
                None
            }
            Command::Occupy { provider, run_id } => {
                self.stir(&provider).occupy(run_id);
                None
            }
            Command::Busy {
                provider,
                run_id,
                until,
            } => {
                self.stir(&provider).busy(&run_id, until);
                None
            }
            Command::Post(_)
            | Command::Ask { .. }
            | Command::Cancel { .. }
            | Command::Retract { .. }
            | Command::AskSdb { .. }
            | Command::Remark { .. } => Some(command),
        }
    }

    /// Takes up what a word says of a provider, and hands on what it says of runs.
    pub(super) fn hear(&mut self, word: Word, now: Timestamp, turn: &mut Turn) {
        match word {
            Word::Runs {
                obs_id,
                mut events,
                call,
            } => {
                if let Some(pause) = call.and_then(|call| self.called(&call, now)) {
                    for event in &mut events {
                        spare(event, pause);
                    }
                }
                turn.hear(&obs_id, events);
            }
            Word::Spoke(service) => {
                let of = |name: &&ProviderName| ServiceName::from((*name).clone()) == service;
                if let Some(name) = self.by_name.keys().find(of).cloned() {
                    self.stir(&name).spoke(now);
                }
            }
        }
    }

    /// Says for how long the provider is left alone, if it was not reached and is.
    fn called(&mut self, call: &Call, now: Timestamp) -> Option<Duration> {
        self.changed.notify_one();
        let provider = self.stir(&call.provider);
        if call.reached {
            provider.answered();
            None
        } else {
            provider.unreached(now)
        }
    }

    /// Carries out what an operator wants of a provider: a restraint, or none.
    pub(super) fn restrain(&mut self, name: &ProviderName, restraint: Option<Restraint>) {
        self.changed.notify_one();
        let provider = self.stir(name);
        let untold: Vec<_> = match restraint {
            Some(restraint) => {
                let waiting = provider.restrain(restraint.clone());
                waiting.iter().map(|want| restrained(want, &restraint)).collect()
            }
            None => provider.resume().into_iter().map(resumed).collect(),
        };
        self.untold.extend(untold);
    }

    /// What cells have to be told of their provider's restraint.
    pub(super) fn take_untold(&mut self) -> Vec<(ObsId, Event)> {
        std::mem::take(&mut self.untold)
    }

    /// What may be sent now, each with a slot. `room` says how many more a provider can be sent at once.
    pub(crate) fn admit(&mut self, now: Timestamp, room: impl Fn(&ProviderName) -> usize) -> Vec<Want> {
        let mut admitted = Vec::new();
        for name in std::mem::take(&mut self.stirred) {
            if let Some(provider) = self.by_name.get_mut(&name) {
                admitted.extend(provider.admit(now, room(&name)));
            }
        }
        admitted
    }

    /// Looks at all providers at the next admission: dispatch has just been allowed.
    pub(super) fn stir_all(&mut self) {
        self.stirred.extend(self.by_name.keys().cloned());
    }

    /// Looks at those that have something to send at the next admission: one has room again.
    pub(super) fn stir_waiting(&mut self) {
        let waiting = self.by_name.iter().filter(|(_, provider)| provider.queued() > 0);
        self.stirred.extend(waiting.map(|(name, _)| name.clone()));
    }

    /// Looks at those whose wait is over at the next admission.
    pub(super) fn stir_due(&mut self, now: Timestamp) {
        let due = |provider: &Provider| provider.next_deadline().is_some_and(|at| at <= now);
        for (name, provider) in &self.by_name {
            if due(provider) {
                self.stirred.insert(name.clone());
            }
        }
    }

    /// Frees a slot that was admitted for nothing.
    pub(super) fn release(&mut self, name: &ProviderName, run_id: &RunId) {
        self.stir(name).release(run_id);
    }

    /// When a wait that a provider asked for is over.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.by_name.values().filter_map(Provider::next_deadline).min()
    }

    /// How a provider is.
    pub(super) fn view(&self, name: &ProviderName, now: Timestamp) -> Option<ProviderView> {
        self.by_name.get(name).map(|provider| provider.view(now))
    }

    /// How much each has to do; one that the graph does not name (any more) is shown as long as it has something,
    /// or is restrained.
    pub(super) fn loads(&self, now: Timestamp) -> Vec<Load> {
        let load = |provider: &Provider| {
            let view = provider.view(now);
            Load {
                provider: provider.name().clone(),
                in_flight: view.in_flight,
                queued: view.queued,
                busy_until: view.busy_until,
                open: view.open,
                restraint: view.restraint,
            }
        };
        let is_shown = |load: &Load| {
            let is_busy = load.in_flight + load.queued > 0;
            is_busy || load.restraint.is_some() || self.of_graph.contains(&load.provider)
        };
        self.by_name.values().map(load).filter(is_shown).collect()
    }

    fn stir(&mut self, name: &ProviderName) -> &mut Provider {
        self.stirred.insert(name.clone());
        self.provider(name)
    }

    fn provider(&mut self, name: &ProviderName) -> &mut Provider {
        let limit = self.limits.get(name).copied();
        self.by_name
            .entry(name.clone())
            .or_insert_with(|| Provider::new(name.clone(), limit))
    }
}

/// The cell of a run is told that nothing is sent to its provider.
fn restrained(want: &Want, restraint: &Restraint) -> (ObsId, Event) {
    let event = Event::Restrained {
        product: want.product.clone(),
        run_id: want.run_id.clone(),
        restraint: restraint.clone(),
    };
    (want.obs_id.clone(), event)
}

/// And that it goes on.
fn resumed(want: Want) -> (ObsId, Event) {
    let (product, run_id) = (want.product, want.run_id);
    (want.obs_id, Event::Resumed { product, run_id })
}

/// A POST to a provider that is left alone costs its run no attempt: it waits for the next try.
fn spare(event: &mut Event, retry_after: Duration) {
    if let Event::Answered { answer, .. } = event
        && matches!(answer, Answer::Unreachable(_))
    {
        *answer = Answer::Busy { retry_after };
    }
}
