//! `K`, `H`, `A`, `b`, `e`: what is done to cells. What it would do is asked of the conductor while the question is read.

use super::radius;
use crate::app::{App, Dialog, Effect, Layer, Tone, Verb};
use crate::args::BOOST;
use crate::keys::Danger;
use crate::link::{Act, CellVerb};
use crate::model::CellId;
use domain::CellState;

pub(crate) fn act(app: &mut App, verb: Verb) -> Vec<Effect> {
    let cells: Vec<CellId> = if app.overview.marks.is_empty() {
        app.focused_cell().into_iter().collect()
    } else {
        app.overview.marks.iter().cloned().collect()
    };
    if cells.is_empty() {
        app.say(
            Tone::Note,
            "no cell is under the cursor; n goes to the next problem",
        );
        return vec![];
    }
    let verb = cell_verb(app, verb, &cells);
    let to = |dry_run| Act::Cells {
        verb: verb.clone(),
        cells: cells.clone(),
        note: None,
        dry_run,
    };
    let what = match cells.as_slice() {
        [cell] => cell.to_string(),
        cells => format!("{} marked", cells.len()),
    };
    let mut dialog = Dialog::new(title(&verb, &what), to(false), danger(&verb));
    dialog.lines = radius::lines(app, &cells);
    dialog.lines.insert(0, promise(&verb).to_owned());
    app.layer = Some(Layer::Dialog(Box::new(dialog)));
    vec![Effect::Send(Box::new(to(true)))]
}

fn cell_verb(app: &App, verb: Verb, cells: &[CellId]) -> CellVerb {
    let is_held = |cell: &CellId| {
        let cell = app.live().cell(cell);
        cell.is_some_and(|cell| cell.state() == CellState::Held)
    };
    match verb {
        Verb::Cancel => CellVerb::Cancel,
        Verb::Hold if cells.iter().all(is_held) => CellVerb::Release,
        Verb::Hold => CellVerb::Hold,
        Verb::Approve => CellVerb::Approve,
        Verb::Boost => CellVerb::Raise(BOOST),
        Verb::EndGrace => CellVerb::EndGrace,
        Verb::ExtendGrace => CellVerb::ExtendGrace(None),
    }
}

/// What stops or lets loose something can hurt; what only changes when it happens cannot.
fn danger(verb: &CellVerb) -> Danger {
    match verb {
        CellVerb::Cancel | CellVerb::Hold | CellVerb::Approve => Danger::Harms,
        CellVerb::Retry { .. }
        | CellVerb::Release
        | CellVerb::Raise(_)
        | CellVerb::EndGrace
        | CellVerb::ExtendGrace(_) => Danger::Acts,
    }
}

fn title(verb: &CellVerb, what: &str) -> String {
    let name = verb.name();
    format!("{}{} {what}", name[..1].to_uppercase(), &name[1..])
}

/// What the verb means, in a sentence.
fn promise(verb: &CellVerb) -> &'static str {
    match verb {
        CellVerb::Retry { .. } => "they are tried again",
        CellVerb::Cancel => "given up: a run that is under way is cancelled, and what needs them waits",
        CellVerb::Hold => "nothing of them begins until they are released",
        CellVerb::Release => "they begin as soon as their inputs are there",
        CellVerb::Approve => "they begin, as somebody has looked at them",
        CellVerb::Raise(_) => "they, and what must be made for them, go before others: priority 100",
        CellVerb::EndGrace => "they begin now, without the optional inputs that are not there",
        CellVerb::ExtendGrace(_) => "the optional inputs are waited for, for 5 minutes more",
    }
}
