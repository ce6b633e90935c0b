//! The hand-over of a shift.
//!
//! A pure function of what the ledger says: [`Rows`] in, the report out, as JSON or in words.

mod groups;
mod markdown;
mod rows;

pub use markdown::markdown;
pub use rows::Rows;

use crate::alerts;
use crate::view::Timing;
use api::conductor::{HeldCell, LateRun, ReportView};
use conductor_core::{Cell, Reason};
use domain::CellState;
use jiff::Timestamp;

/// Entries of each list; more would be read by nobody at the end of a night.
pub const MAX_ENTRIES: usize = 100;

/// Why a cell is held; one that shows another state is held for what comes.
fn held_why(cell: &Cell) -> String {
    match (&cell.held, &cell.reason) {
        (Some(held), _) if cell.state != CellState::Held => {
            let what_comes = Reason::Held {
                by: held.by.clone(),
                note: held.note.clone(),
            };
            format!("{what_comes}, for what comes; it is {} now", cell.state)
        }
        (_, Some(reason)) => reason.to_string(),
        (_, None) => String::new(),
    }
}

/// The report of what happened since a time, and of how things are now.
pub fn report(timing: Timing<'_>, rows: Rows, since: Timestamp) -> ReportView {
    let held = rows.held.into_iter().map(|held| HeldCell {
        obs_id: held.obs_id,
        reason: held_why(&held.cell),
        since: held.cell.since,
        product: held.cell.product,
    });
    let late = rows.open_runs.into_iter().filter_map(|record| {
        let (expected, late) = timing.of_run(&record.run);
        Some(LateRun {
            since: record.run.requested_at.filter(|_| late)?,
            obs_id: record.obs_id,
            product: record.run.product,
            provider: record.run.provider,
            run_id: record.run.run_id,
            expected,
        })
    });
    let (retries, acts): (Vec<_>, Vec<_>) = rows.acts.into_iter().partition(|act| act.verb == "retry");
    let failed = groups::failures(rows.failed, &rows.acknowledgements);
    ReportView {
        since,
        at: timing.now,
        runs: rows.runs,
        alerts: rows
            .alerts
            .iter()
            .map(|alert| alerts::view(alert, &rows.acknowledgements))
            .collect(),
        failed,
        open: rows.open,
        held: held.take(MAX_ENTRIES).collect(),
        late: late.take(MAX_ENTRIES).collect(),
        providers: rows.providers,
        retried: groups::retries(retries),
        acts: acts.into_iter().take(MAX_ENTRIES).collect(),
        notes: rows.notes,
    }
}
