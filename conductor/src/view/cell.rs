//! One cell, in REST and on `activity.conductor`.

use super::Timing;
use super::run::latest_attempt;
use crate::alerts::{Acknowledgement, Failure};
use api::conductor::Cell as CellView;
use conductor_core::{Cell, Datum, Reason, Run};
use domain::{CellActivity, ObsId, ProductName, ServiceName};
use smol_str::SmolStr;

/// A cell that has a row, with its newest datum and its latest run.
pub fn cell(timing: Timing<'_>, cell: &Cell, newest: Option<&Datum>, run: Option<&Run>) -> CellView {
    let recipe = timing.recipe(&cell.product);
    CellView {
        product: cell.product.clone(),
        rev: cell.rev,
        state: cell.state,
        reason: cell.reason.as_ref().map(ToString::to_string),
        since: cell.since,
        revision: cell.newest,
        version: newest.and_then(|datum| datum.version),
        run_id: cell.run_id.clone(),
        attempt: run.and_then(latest_attempt),
        attempts: run.map(Run::last_attempt),
        retry_at: run.and_then(|run| run.retry_at),
        blocked_by: blocked_by(cell.reason.as_ref()),
        trigger: run.map(|run| run.trigger.to_string()),
        provider: recipe.map(|recipe| recipe.provider.clone()),
        expected: timing.of_product(&cell.product),
        late: run.is_some_and(|run| timing.of_run(run).1),
        eta: None,
        missing: missing(newest, run),
        fingerprint: fingerprint(cell, run),
        acknowledged: None,
    }
}

/// The same as the `cell` message of `activity.conductor`; `instance` and `at` are left to who sends it.
pub fn cell_activity(obs_id: &ObsId, cell: &Cell, newest: Option<&Datum>, run: Option<&Run>) -> CellActivity {
    CellActivity {
        service: service(),
        instance: SmolStr::default(),
        at: None,
        rev: cell.rev,
        product: cell.product.clone(),
        obs_id: obs_id.clone(),
        state: cell.state,
        since: cell.since,
        run_id: cell.run_id.clone(),
        attempt: run.and_then(latest_attempt),
        attempts: run.map(Run::last_attempt),
        reason: cell.reason.as_ref().map(ToString::to_string),
        retry_at: run.and_then(|run| run.retry_at),
        version: newest.and_then(|datum| datum.version),
        trigger: run.map(|run| run.trigger.to_string()),
        missing: missing(newest, run),
        fingerprint: fingerprint(cell, run),
    }
}

/// Says of failed cells who has seen it.
pub fn acknowledge(cells: &mut [CellView], seen: &[Acknowledgement]) {
    for cell in cells {
        let is_of = |seen: &&Acknowledgement| cell.fingerprint.as_deref() == Some(seen.fingerprint.as_str());
        cell.acknowledged = seen.iter().find(is_of).map(Acknowledgement::view);
    }
}

/// What makes the cell's failure the same as others; none if it has not failed.
fn fingerprint(cell: &Cell, run: Option<&Run>) -> Option<String> {
    Failure::of(cell, run).map(|failure| failure.fingerprint().to_string())
}

/// The optional inputs that the newest datum was made without, if the latest run made it.
fn missing(newest: Option<&Datum>, run: Option<&Run>) -> Vec<ProductName> {
    let made_by = newest.and_then(|datum| datum.run_id.as_ref());
    let run = run.filter(|run| made_by == Some(&run.run_id));
    run.map_or_else(Vec::new, |run| run.missing.clone())
}

/// The ancestors that a waiting cell waits for in vain.
fn blocked_by(reason: Option<&Reason>) -> Vec<ProductName> {
    match reason {
        Some(Reason::Awaiting { blocked_by, .. }) => blocked_by.clone(),
        Some(_) | None => Vec::new(),
    }
}

fn service() -> ServiceName {
    "conductor".parse().expect("letters are a name")
}
