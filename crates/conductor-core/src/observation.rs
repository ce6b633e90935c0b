//! One observation: what its cells have, want and are doing.

use crate::entry::Entry;
use crate::on::told_of;
use crate::{Cell, Changes, Command, Datum, Event, Reason, Run};
use domain::{ObsId, ProductName, RunState};
use jiff::Timestamp;
use product_graph::{ProductGraph, Recipe};
use std::collections::BTreeMap;

/// All cells of one observation.
#[derive(Debug, Clone)]
pub struct Observation {
    obs_id: ObsId,
    pub(crate) entries: BTreeMap<ProductName, Entry>,
}

impl Observation {
    /// An observation of which nothing is known yet.
    pub fn new(obs_id: ObsId) -> Self {
        Self {
            obs_id,
            entries: BTreeMap::new(),
        }
    }

    /// The observation as it was stored. Rows of data and runs whose cell has no row are dropped: they are
    /// written in one transaction, so there are none.
    pub fn restore(
        obs_id: ObsId,
        now: Timestamp,
        cells: Vec<Cell>,
        data: Vec<Datum>,
        runs: Vec<Run>,
    ) -> Self {
        let mut entries: BTreeMap<ProductName, Entry> = cells
            .into_iter()
            .map(|cell| (cell.product.clone(), Entry::restore(cell)))
            .collect();
        for datum in data {
            if let Some(entry) = entries.get_mut(&datum.product) {
                entry.restore_datum(datum);
            }
        }
        for run in runs {
            if let Some(entry) = entries.get_mut(&run.product) {
                entry.restore_run(run, now);
            }
        }
        Self { obs_id, entries }
    }

    /// Folds one event into the state and says what the shell must do once the changes are stored.
    #[must_use = "a dropped command is work that nobody will do"]
    pub fn apply(&mut self, graph: &ProductGraph, now: Timestamp, event: Event) -> Vec<Command> {
        let mut turn = Turn {
            observation: self,
            graph,
            now,
            commands: Vec::new(),
        };
        match event {
            Event::Data(arrival) => turn.on_data(&arrival),
            Event::Admitted { product, run_id } => turn.on_admitted(&product, &run_id),
            Event::Answered {
                product,
                run_id,
                attempt,
                answer,
            } => {
                turn.on_answered(&product, &run_id, attempt, answer);
            }
            Event::Reported {
                product,
                run_id,
                attempt,
                report,
            } => {
                turn.on_reported(&product, &run_id, attempt, report);
            }
            Event::Overheard {
                product,
                run_id,
                attempt,
                at_work,
            } => turn.on_overheard(&product, &run_id, attempt, at_work),
            Event::SdbAsked {
                product,
                run_id,
                reached,
            } => turn.on_sdb_asked(&product, &run_id, reached),
            Event::RetractionTold { product, version } => turn.on_retraction_told(&product, version),
            Event::Requested { product, request } => turn.on_requested(&product, request),
            Event::Operated {
                product,
                verb,
                by,
                note,
            } => turn.on_operated(&product, &verb, by, note),
            Event::Restrained {
                product,
                run_id,
                restraint,
            } => turn.on_restrained(&product, &run_id, restraint),
            Event::Resumed { product, run_id } => turn.on_resumed(&product, &run_id),
            Event::DeadlineReached => turn.on_deadline(),
            Event::GraphChanged => turn.on_graph_changed(),
        }
        turn.commands
    }

    /// When [`Event::DeadlineReached`] is due, if nothing happens before.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.entries.values().filter_map(entry_deadline).min()
    }

    /// What to do again after a restart: the queued runs wait again, the requested ones are POSTed again
    /// with the same run id and attempt, the running ones are asked about; and the SDB is told what is withdrawn.
    #[must_use = "a dropped command is work that nobody will do"]
    pub fn outstanding(&self, graph: &ProductGraph) -> Vec<Command> {
        let again = |entry: &Entry| {
            let run = entry.open_run()?;
            match run.state {
                RunState::Queued if entry.is_held() => None,
                RunState::Queued => Some(Command::Enqueue(self.want(graph, run))),
                RunState::Requested if run.is_foreign() => Some(ask(run)),
                RunState::Requested => Some(Command::Post(Box::new(self.order(run)))),
                RunState::Running => Some(ask(run)),
                RunState::Retrying
                | RunState::Succeeded
                | RunState::Failed
                | RunState::Cancelled
                | RunState::Superseded => None,
            }
        };
        let untold = self.entries.values().flat_map(Entry::data).filter_map(told_of);
        self.entries.values().filter_map(again).chain(untold).collect()
    }

    /// What pipelines said of their runs may have been missed: those runs are asked about soon, and not only
    /// after a silence. [`Observation::next_deadline`] says when.
    pub fn ask_soon(&mut self, now: Timestamp) {
        for entry in self.entries.values_mut() {
            entry.vigil.ask_soon(now);
        }
    }

    /// The rows that changed since the last call; each cell among them at its next `rev`.
    pub fn take_changes(&mut self) -> Changes {
        let mut changes = Changes::default();
        for entry in self.entries.values_mut() {
            entry.take_changes(&mut changes);
        }
        changes
    }

    /// Which observation this is.
    pub fn obs_id(&self) -> &ObsId {
        &self.obs_id
    }

    /// A cell, if it was ever anything but `not_expected`.
    pub fn cell(&self, product: &ProductName) -> Option<&Cell> {
        self.entries.get(product).map(Entry::cell)
    }

    /// The cells, in the order of their names.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.entries.values().map(Entry::cell)
    }

    /// The latest run of a cell.
    pub fn run(&self, product: &ProductName) -> Option<&Run> {
        self.entries.get(product)?.run()
    }

    /// The data of a cell, in the order of their revisions.
    pub fn data(&self, product: &ProductName) -> &[Datum] {
        self.entries.get(product).map_or(&[], Entry::data)
    }

    /// How urgent a cell is: as its product, or as an operator raised it.
    pub(crate) fn priority(&self, graph: &ProductGraph, product: &ProductName) -> i32 {
        let own = recipe(graph, product).map_or(0, |recipe| recipe.priority);
        let raised = self.cell(product).and_then(|cell| cell.priority);
        raised.map_or(own, |raised| raised.max(own))
    }

    pub(crate) fn want(&self, graph: &ProductGraph, run: &Run) -> crate::Want {
        crate::Want {
            obs_id: self.obs_id.clone(),
            product: run.product.clone(),
            run_id: run.run_id.clone(),
            provider: run.provider.clone(),
            priority: self.priority(graph, &run.product),
            since: run.queued_at,
        }
    }

    pub(crate) fn order(&self, run: &Run) -> crate::Order {
        crate::Order {
            provider: run.provider.clone(),
            product: run.product.clone(),
            obs_id: self.obs_id.clone(),
            run_id: run.run_id.clone(),
            attempt: run.attempt,
            inputs: run.inputs.clone(),
            missing: run.missing.clone(),
            params: run.params.clone(),
            deadline: run.deadline.unwrap_or(Timestamp::MAX),
            trigger: run.trigger.to_string(),
        }
    }
}

/// One call of [`Observation::apply`]: what its handlers share.
pub(crate) struct Turn<'a> {
    pub(crate) observation: &'a mut Observation,
    pub(crate) graph: &'a ProductGraph,
    pub(crate) now: Timestamp,
    pub(crate) commands: Vec<Command>,
}

impl<'a> Turn<'a> {
    /// How the graph makes a product, if it does.
    pub(crate) fn recipe(&self, product: &ProductName) -> Option<&'a Recipe> {
        recipe(self.graph, product)
    }

    /// The cell's entry, made if it has none.
    pub(crate) fn entry(&mut self, product: &ProductName) -> &mut Entry {
        let now = self.now;
        self.observation
            .entries
            .entry(product.clone())
            .or_insert_with(|| Entry::new(product.clone(), now))
    }
}

fn recipe<'a>(graph: &'a ProductGraph, product: &ProductName) -> Option<&'a Recipe> {
    graph.id(product).and_then(|id| graph.recipe(id))
}

/// The word to its provider that a run is to end.
pub(crate) fn stop(run: &Run) -> Command {
    Command::Cancel {
        provider: run.provider.clone(),
        product: run.product.clone(),
        asked: run.asked().clone(),
        run_id: run.run_id.clone(),
        attempt: run.attempt,
    }
}

/// The question about a run to its provider.
pub(crate) fn ask(run: &Run) -> Command {
    Command::Ask {
        provider: run.provider.clone(),
        product: run.product.clone(),
        asked: run.asked().clone(),
        run_id: run.run_id.clone(),
        attempt: run.attempt,
    }
}

/// When a wait of the cell for inputs is over.
pub(crate) fn grace_ends(entry: &Entry) -> Option<Timestamp> {
    entry.cell().reason.as_ref().and_then(Reason::grace_ends)
}

fn entry_deadline(entry: &Entry) -> Option<Timestamp> {
    let of_run = entry.open_run().and_then(|run| match run.state {
        RunState::Retrying => run.retry_at.filter(|_| !entry.is_held()),
        RunState::Requested | RunState::Running => {
            let deadline = run.deadline.filter(|_| entry.vigil.verdict.is_none());
            deadline.into_iter().chain(entry.vigil.next()).min()
        }
        RunState::Queued
        | RunState::Succeeded
        | RunState::Failed
        | RunState::Cancelled
        | RunState::Superseded => None,
    });
    of_run.into_iter().chain(grace_ends(entry)).min()
}
