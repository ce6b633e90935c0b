//! `a`: somebody has seen why the cell under the cursor failed, and all that failed for the same cause.

use super::radius;
use crate::app::{App, Dialog, Effect, Layer, Tone};
use crate::keys::{Danger, Place};
use crate::link::Act;
use crate::model::{CellId, CellRef, Failure};
use api::conductor::{AcknowledgeRequest, Selector};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    if app.place() == Place::Alerts {
        alert(app);
        return vec![];
    }
    let Some(cell) = app.focused_cell() else {
        app.say(
            Tone::Note,
            "no cell is under the cursor; n goes to the next problem",
        );
        return vec![];
    };
    if !app.live().cell(&cell).is_some_and(CellRef::is_problem) {
        app.say(
            Tone::Note,
            format!("{cell} has not failed: there is nothing to acknowledge"),
        );
        return vec![];
    }
    let failure = app.focused_failure();
    let cells = failure.map_or_else(|| vec![cell.clone()], |failure| failure.cells().collect());
    let seen = failure.and_then(|failure| failure.acknowledged.as_ref());
    let mut lines =
        vec!["seen, for 8 hours, with all that failed for the same cause; nothing is tried again".to_owned()];
    lines.extend(seen.map(|seen| format!("so far: {}", crate::cells::seen(seen, app.now))));
    lines.extend(radius::lines(app, &cells));
    let title = match cells.len() {
        0 | 1 => format!("Acknowledge {cell}"),
        count => format!("Acknowledge {cell} and {} more", count - 1),
    };
    let request = request(failure.and_then(Failure::fingerprint), &cell);
    let mut dialog = Dialog::new(title, Act::Acknowledge(request), Danger::Acts);
    dialog.lines = lines;
    app.layer = Some(Layer::Dialog(Box::new(dialog)));
    vec![]
}

/// The cause, if it is known; else the conductor finds it by the cell.
fn request(fingerprint: Option<&str>, cell: &CellId) -> AcknowledgeRequest {
    let selector = match fingerprint {
        Some(_) => Selector::default(),
        None => Selector {
            obs_id: Some(cell.obs_id.clone()),
            product: Some(cell.product.clone()),
            ..Selector::default()
        },
    };
    AcknowledgeRequest {
        selector,
        fingerprint: fingerprint.map(str::to_owned),
        ..AcknowledgeRequest::default()
    }
}

/// The alert under the cursor, by its fingerprint.
fn alert(app: &mut App) {
    let Some(alert) = app.focused_alert() else {
        app.say(Tone::Note, "no alert is under the cursor");
        return;
    };
    if alert.cleared_at.is_some() {
        app.say(Tone::Note, "it is over: there is nothing to acknowledge");
        return;
    }
    let mut lines = vec!["seen, for 8 hours; nothing is tried again".to_owned()];
    lines.extend(alert.targets.iter().map(|target| format!("  {target}")));
    let request = AcknowledgeRequest {
        fingerprint: Some(alert.fingerprint.clone()),
        ..AcknowledgeRequest::default()
    };
    let title = format!("Acknowledge: {}", alert.title);
    let mut dialog = Dialog::new(title, Act::Acknowledge(request), Danger::Acts);
    dialog.lines = lines;
    app.layer = Some(Layer::Dialog(Box::new(dialog)));
}
