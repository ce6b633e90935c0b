//! What a pipeline has, beside what the ledger has with it.

use crate::ledger::OpenRun;
use api::pipeline::ProcessingRun;
use conductor_core::Run;
use domain::{Attempt, ObsId, ProcessingState, ProductName, RunId, RunState};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How old a POST is before its run can be missed: until then it may be on its way, or wait for its answer.
const SETTLED: SignedDuration = SignedDuration::from_secs(15);

/// What a pipeline listed.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Its runs that have not ended.
    pub(super) open: Vec<ProcessingRun>,
    /// Whether these are all.
    pub(super) is_whole: bool,
}

/// A run that the pipeline has and the ledger does not have with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stray {
    /// Its observation.
    pub(super) obs_id: ObsId,
    /// What it makes.
    pub(super) product: ProductName,
    /// How the pipeline calls it.
    pub(super) run_id: RunId,
    /// Its attempt.
    pub(super) attempt: Attempt,
    /// Whether it has begun.
    pub(super) at_work: bool,
}

/// The runs that the ledger has with the pipeline and the pipeline does not have. One that it may have under
/// another name is none of them.
pub(super) fn ghosts<'a>(kept: &'a [OpenRun], listed: &Listed, now: Timestamp) -> Vec<&'a OpenRun> {
    if !listed.is_whole {
        return Vec::new();
    }
    let names: BTreeSet<&RunId> = listed.open.iter().map(|run| &run.run_id).collect();
    let cells: BTreeSet<_> = listed.open.iter().filter_map(cell).collect();
    let is_ghost = |kept: &&OpenRun| {
        let run = &kept.run;
        let is_named = [Some(&run.run_id), run.alias.as_ref()]
            .into_iter()
            .flatten()
            .any(|name| names.contains(name));
        is_settled(run, now) && !is_named && !cells.contains(&(&kept.obs_id, &run.product))
    };
    kept.iter().filter(is_ghost).collect()
}

/// The runs that the pipeline has and the ledger does not have with it. One that does not say what it makes
/// belongs to no cell.
pub(super) fn strays(kept: &[OpenRun], listed: &Listed) -> Vec<Stray> {
    let names = kept
        .iter()
        .flat_map(|kept| [Some(&kept.run.run_id), kept.run.alias.as_ref()]);
    let names: BTreeSet<&RunId> = names.flatten().collect();
    let stray = |run: &ProcessingRun| {
        Some(Stray {
            obs_id: run.obs_id.clone()?,
            product: run.product.clone()?,
            run_id: run.run_id.clone(),
            attempt: run.attempt,
            at_work: run.state == ProcessingState::Running,
        })
    };
    let is_stray = |run: &&ProcessingRun| !names.contains(&run.run_id);
    listed.open.iter().filter(is_stray).filter_map(stray).collect()
}

fn cell(run: &ProcessingRun) -> Option<(&ObsId, &ProductName)> {
    Some((run.obs_id.as_ref()?, run.product.as_ref()?))
}

/// Whether the pipeline must have heard of it.
fn is_settled(run: &Run, now: Timestamp) -> bool {
    let is_old = |at: Timestamp| now.duration_since(at) >= SETTLED;
    run.state == RunState::Running || run.requested_at.is_some_and(is_old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-11-24T08:00:00Z".parse().unwrap()
    }

    fn kept(run_id: &str, product: &str, state: RunState, age: i64) -> OpenRun {
        let requested_at = now() - SignedDuration::from_secs(age);
        let run = json!({
            "run_id": run_id, "alias": null, "product": product, "provider": "p", "inputs": [], "missing": [],
            "params": null, "generation": 0, "trigger": "graph_changed", "state": state, "attempt": 1, "attempts": 3,
            "queued_at": requested_at, "requested_at": requested_at, "running_at": null, "product_at": null,
            "ended_at": null, "deadline": null, "retry_at": null, "ended_attempts": []
        });
        OpenRun {
            obs_id: "42".parse().unwrap(),
            run: serde_json::from_value(run).unwrap(),
        }
    }

    fn listed(runs: serde_json::Value) -> Listed {
        Listed {
            open: serde_json::from_value(runs).unwrap(),
            is_whole: true,
        }
    }

    fn names(ghosts: &[&OpenRun]) -> Vec<String> {
        ghosts.iter().map(|ghost| ghost.run.run_id.to_string()).collect()
    }

    #[test]
    fn a_run_that_is_not_listed_is_a_ghost_once_it_must_be_known() {
        let runs = [
            kept("on-its-way", "A", RunState::Requested, 14),
            kept("lost", "B", RunState::Requested, 15),
            kept("forgotten", "C", RunState::Running, 1),
            kept("there", "D", RunState::Running, 60),
        ];
        let mut listed = listed(json!([{"run_id": "there", "state": "running"}]));
        assert_eq!(names(&ghosts(&runs, &listed, now())), ["lost", "forgotten"]);
        listed.is_whole = false;
        assert!(
            ghosts(&runs, &listed, now()).is_empty(),
            "it may be on the next page"
        );
    }

    #[test]
    fn a_run_under_another_name_is_no_ghost() {
        let mut runs = [
            kept("alias-told", "A", RunState::Running, 60),
            kept("alias-untold", "B", RunState::Running, 60),
        ];
        runs[0].run.alias = Some("7".parse().unwrap());
        let listed = listed(json!([
            {"run_id": "7", "state": "running"},
            {"run_id": "8", "state": "accepted", "product": "B", "obs_id": 42, "attempt": 2}
        ]));
        assert!(ghosts(&runs, &listed, now()).is_empty());
        let stray = Stray {
            obs_id: "42".parse().unwrap(),
            product: "B".parse().unwrap(),
            run_id: "8".parse().unwrap(),
            attempt: Attempt(2),
            at_work: false,
        };
        assert_eq!(strays(&runs, &listed), [stray]);
    }

    #[test]
    fn a_run_of_nothing_belongs_to_no_cell() {
        assert!(strays(&[], &listed(json!([{"run_id": "7", "state": "running"}]))).is_empty());
    }
}
