//! The providers' queues and slots, in memory: the ledger's runs say what they hold.

use crate::desk::Load;
use conductor_core::{Command, Observation, Provider, ProviderView, Want};
use domain::{ProviderName, RunId};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::{BTreeMap, BTreeSet};

/// All providers that the graph or a run names.
#[derive(Debug)]
pub(super) struct Providers {
    by_name: BTreeMap<ProviderName, Provider>,
    limits: BTreeMap<ProviderName, u32>,
    /// Those in which something changed since the last admission.
    stirred: BTreeSet<ProviderName>,
}

impl Providers {
    /// The graph's, with its limits.
    pub(super) fn new(graph: &ProductGraph) -> Self {
        let limits: BTreeMap<_, _> = graph
            .providers()
            .iter()
            .filter_map(|(name, spec)| Some((name.clone(), spec.max_in_flight?)))
            .collect();
        let mut providers = Self {
            by_name: BTreeMap::new(),
            limits,
            stirred: BTreeSet::new(),
        };
        for recipe in graph.products().filter_map(|id| graph.recipe(id)) {
            providers.provider(&recipe.provider);
        }
        providers
    }

    /// Gives back their slots to the runs of an observation that held them before a restart.
    pub(super) fn resume(&mut self, observation: &Observation) {
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
    pub(super) fn carry_out(&mut self, command: Command) -> Option<Command> {
        match command {
            Command::Enqueue(want) => {
                self.stir(&want.provider.clone()).enqueue(want);
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

    /// What may be sent now, each with a slot. `room` says how many more a provider can be sent at once.
    pub(super) fn admit(&mut self, now: Timestamp, room: impl Fn(&ProviderName) -> usize) -> Vec<Want> {
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

    /// How much each has to do.
    pub(super) fn loads(&self) -> Vec<Load> {
        let load = |provider: &Provider| Load {
            provider: provider.name().clone(),
            in_flight: provider.in_flight(),
            queued: provider.queued(),
            busy_until: provider.next_deadline(),
        };
        self.by_name.values().map(load).collect()
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
