//! What an audit compares.

use super::{Audit, Deed};
use crate::outcome::made_from;
use crate::promise::{Promise, silent};
use api::conductor::RunView;
use api::sdb::ProductRecord;
use domain::{CellState, ObsId, RunId, RunState};
use std::collections::{BTreeMap, BTreeSet};

impl Audit {
    /// Where the books disagree; nothing, if nothing was lost and nothing made twice for one set of inputs.
    pub fn faults(&self, promise: &Promise) -> Vec<String> {
        let mut faults = self.seen.clone();
        faults.extend(self.unfinished());
        faults.extend(self.arrivals_without_a_row(promise));
        faults.extend(self.not_as_the_graph_says(promise));
        faults.extend(self.doubled_runs());
        faults.extend(self.versions_without_a_run(promise));
        faults.extend(self.runs_without_a_version());
        faults.extend(self.withdrawn_but_exported(promise));
        faults.extend(self.doubled_work());
        faults.extend(self.deeds_without_a_trace());
        faults
    }

    fn unfinished(&self) -> Vec<String> {
        let runs = self.outcome.runs.iter().filter(|run| !run.state.is_ended());
        let mut open: Vec<String> = runs
            .map(|run| {
                format!(
                    "run {} of {} of {}: still {}",
                    run.run_id, run.product, run.obs_id, run.state
                )
            })
            .collect();
        for (obs_id, view) in &self.outcome.observations {
            let is_open = |state: CellState| state.is_active() || state == CellState::Grace;
            let cells = view.cells.iter().filter(|cell| is_open(cell.state));
            open.extend(cells.map(|cell| format!("{} of {obs_id}: still {}", cell.product, cell.state)));
        }
        open
    }

    /// Each datum that was announced has a row, and the cell counts each of them once.
    fn arrivals_without_a_row(&self, promise: &Promise) -> Vec<String> {
        let mut lost = Vec::new();
        for (obs_id, arrived) in &self.arrivals {
            for (product, newest) in &arrived.newest {
                let Some(cell) = self.outcome.cell(obs_id, product) else {
                    lost.push(format!(
                        "{product} of {obs_id}: announced, and the ledger has no row"
                    ));
                    continue;
                };
                if cell.version < *newest {
                    lost.push(format!("{product} of {obs_id}: version {newest:?} is not known"));
                }
                // Revisions are counted from 1, so the last says how many there were. What was imported and withdrawn
                // later is not among what arrived.
                let imported = self.outcome.versions(obs_id, product).len();
                let announced = arrived.versions.get(product).map_or(0, BTreeSet::len);
                let versions = if imported > 0 { imported } else { announced } as u64;
                let counted = cell.revision.map_or(0, |revision| revision.0);
                if promise.is_input(product) && versions > 0 && counted != versions {
                    lost.push(format!(
                        "{product} of {obs_id}: {versions} versions, {counted} in the ledger"
                    ));
                }
            }
        }
        for obs_id in self.outcome.observations.keys() {
            if !self.arrivals.contains_key(obs_id) {
                lost.push(format!("{obs_id}: in the ledger, and nobody announced it"));
            }
        }
        lost
    }

    /// What is made is the closure of what was not withdrawn; everything else says why it is not.
    fn not_as_the_graph_says(&self, promise: &Promise) -> Vec<String> {
        let mut wrong = Vec::new();
        for (obs_id, arrived) in &self.arrivals {
            let (expected, _) = promise.made_of(&arrived.stayed());
            let mut made = self.outcome.made(obs_id);
            made.retain(|product| !promise.is_input(product));
            let lost: Vec<_> = expected.difference(&made).collect();
            if !lost.is_empty() {
                wrong.push(format!("{obs_id}: not made {lost:?}"));
            }
            let (most, _) = promise.made_of(&arrived.came());
            let unfounded =
                |product: &&String| !most.contains(*product) || self.stands_on_withdrawn(obs_id, product);
            let too_much: Vec<_> = made.difference(&expected).filter(unfounded).collect();
            if !too_much.is_empty() {
                wrong.push(format!("{obs_id}: made without its inputs {too_much:?}"));
            }
            wrong.extend(silent(&self.outcome, obs_id));
        }
        wrong
    }

    /// Whether the newest version of a product was made from a revision that was withdrawn. One that was made from an
    /// older revision stays, also where it could not be made from the newer one before that was withdrawn.
    fn stands_on_withdrawn(&self, obs_id: &ObsId, product: &str) -> bool {
        let versions = self.outcome.versions(obs_id, product);
        let by = versions
            .last()
            .and_then(|record| record.provenance.as_ref()?.run_id.as_ref());
        let runs = self.outcome.runs_of(obs_id, product);
        // A product of no run is told of elsewhere.
        let run = runs.into_iter().find(|run| by == Some(&run.run_id));
        run.is_none_or(|run| {
            run.inputs.iter().any(|input| {
                let cell = self.outcome.cell(obs_id, input.product.as_str());
                cell.is_some_and(|cell| cell.state == CellState::Retracted && cell.revision == input.revision)
            })
        })
    }

    /// For each cell, set of inputs and generation there is one run.
    fn doubled_runs(&self) -> Vec<String> {
        let mut met: BTreeMap<_, &RunId> = BTreeMap::new();
        let mut doubled = Vec::new();
        for run in &self.outcome.runs {
            let from = made_from(&run.inputs, &run.missing);
            let cell = (&run.obs_id, &run.product, from, run.generation);
            if let Some(first) = met.insert(cell, &run.run_id) {
                let RunView {
                    obs_id,
                    product,
                    run_id,
                    ..
                } = run;
                doubled.push(format!("{product} of {obs_id}: {first} and {run_id} are one run"));
            }
        }
        doubled
    }

    /// Each version of a product names a run of the ledger, each run one version, and the cell knows the newest.
    fn versions_without_a_run(&self, promise: &Promise) -> Vec<String> {
        let runs: BTreeMap<&RunId, &RunView> =
            self.outcome.runs.iter().map(|run| (&run.run_id, run)).collect();
        let mut made_by: BTreeMap<&RunId, &ProductRecord> = BTreeMap::new();
        let mut wrong = Vec::new();
        for record in &self.outcome.records {
            let of = name(record);
            let cell = self.outcome.cell(&record.obs_id, record.product.as_str());
            if cell.is_none_or(|cell| cell.version < Some(record.version)) {
                wrong.push(format!("{of}: in the SDB, and the ledger does not know it"));
            }
            if promise.is_input(record.product.as_str()) {
                continue;
            }
            let Some(run_id) = record.provenance.as_ref().and_then(|from| from.run_id.as_ref()) else {
                wrong.push(format!("{of}: names no run"));
                continue;
            };
            match runs.get(run_id) {
                Some(run) if run.product == record.product && run.obs_id == record.obs_id => {}
                Some(run) => wrong.push(format!("{of}: by a run of {} of {}", run.product, run.obs_id)),
                None => wrong.push(format!("{of}: by {run_id}, which the ledger does not know")),
            }
            if let Some(first) = made_by.insert(run_id, record)
                && self.stored_twice.as_deref() != Some(record.product.as_str())
            {
                wrong.push(format!(
                    "{of}: {run_id} has made version {} before",
                    first.version
                ));
            }
            if !self.worked.iter().any(|(worked, _)| worked == run_id.as_str()) {
                wrong.push(format!("{of}: no pipeline was put to work for {run_id}"));
            }
        }
        wrong
    }

    fn runs_without_a_version(&self) -> Vec<String> {
        let records = self.outcome.records.iter();
        let stored: BTreeSet<&RunId> = records
            .filter_map(|record| record.provenance.as_ref()?.run_id.as_ref())
            .collect();
        let runs = self.outcome.runs.iter();
        let lost = runs.filter(|run| run.state == RunState::Succeeded && !stored.contains(&run.run_id));
        lost.map(|run| {
            format!(
                "{} of {}: {} succeeded, and the SDB has nothing of it",
                run.product, run.obs_id, run.run_id
            )
        })
        .collect()
    }

    /// What stands on a withdrawn input is withdrawn in the SDB too, and what does not is not.
    fn withdrawn_but_exported(&self, promise: &Promise) -> Vec<String> {
        let mut newest: BTreeMap<(&ObsId, &str), &ProductRecord> = BTreeMap::new();
        for record in &self.outcome.records {
            newest.insert((&record.obs_id, record.product.as_str()), record);
        }
        let mut wrong = Vec::new();
        for ((obs_id, product), record) in newest {
            let state = self.outcome.cell(obs_id, product).map(|cell| cell.state);
            let of = name(record);
            match (state, &record.retracted) {
                (Some(CellState::Retracted), None) => {
                    wrong.push(format!("{of}: withdrawn, and the SDB exports it"));
                }
                (Some(CellState::Done | CellState::Stale), Some(_)) if !promise.is_input(product) => {
                    wrong.push(format!("{of}: there for the conductor, and withdrawn in the SDB"));
                }
                _ => {}
            }
        }
        wrong
    }

    /// A pipeline begins an attempt of a run once, and only what the conductor asked for.
    fn doubled_work(&self) -> Vec<String> {
        let known: BTreeSet<&str> = self.outcome.runs.iter().map(|run| run.run_id.as_str()).collect();
        let mut met = BTreeSet::new();
        let mut wrong = Vec::new();
        for (run_id, attempt) in &self.worked {
            if !met.insert((run_id, attempt)) {
                wrong.push(format!("attempt {attempt} of {run_id}: put to work twice"));
            }
            if !known.contains(run_id.as_str()) {
                wrong.push(format!("{run_id}: at work, and the ledger does not know it"));
            }
        }
        wrong
    }

    /// Each act that was answered is in the trail once with its outcome, one that was not at most once.
    fn deeds_without_a_trace(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for Deed { verb, note, touched } in &self.deeds {
            let traces: Vec<_> = self
                .trail
                .iter()
                .filter(|event| event.verb == *verb && event.note.as_deref() == Some(note.as_str()))
                .collect();
            let most = 1.max(touched.unwrap_or(usize::MAX));
            let least = usize::from(touched.is_some_and(|touched| touched > 0));
            if traces.len() < least || traces.len() > most {
                wrong.push(format!(
                    "{verb} {note:?}: {} times in the audit trail",
                    traces.len()
                ));
            }
            if traces
                .iter()
                .any(|event| event.outcome.is_empty() || event.by.is_empty())
            {
                wrong.push(format!(
                    "{verb} {note:?}: the audit trail does not say by whom or what came of it"
                ));
            }
        }
        wrong
    }
}

fn name(record: &ProductRecord) -> String {
    format!("{} v{} of {}", record.product, record.version, record.obs_id)
}
