//! What was sent, and what came of it: nothing is shown as done before the world says so.

use super::{App, Layer, Tone};
use crate::link::Act;
use crate::model::{ActId, CellId, Ending, Outcome};
use jiff::Timestamp;

/// An act of which nobody knows yet what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Which.
    pub id: ActId,
    /// What.
    pub act: Act,
    /// When.
    pub at: Timestamp,
}

fn under_way(verb: &str) -> String {
    format!("{verb} is sent, nothing is done yet")
}

impl App {
    /// Notes that an act is under way.
    pub fn sent(&mut self, id: ActId, act: Act) {
        if act.is_dry_run() {
            if let Some(Layer::Dialog(dialog)) = &mut self.layer {
                dialog.asked(id, &act);
            }
            return;
        }
        if let Some(Layer::Form(form)) = &mut self.layer {
            form.numbered(&id);
        }
        self.say(Tone::Note, under_way(act.name()));
        self.asked.push(Asked {
            id,
            act,
            at: self.now,
        });
    }

    /// The act that is under way for a cell.
    pub fn asked(&self, cell: &CellId) -> Option<&Asked> {
        self.asked.iter().find(|asked| match &asked.act {
            Act::Cells { cells, .. } => cells.contains(cell),
            Act::Selected { .. }
            | Act::Process(_)
            | Act::Straight { .. }
            | Act::Note(_)
            | Act::Acknowledge(_)
            | Act::Steer { .. } => false,
        })
    }

    /// Says what came of an act.
    pub(super) fn report(&mut self, outcome: &Outcome) {
        if outcome.dry_run {
            if let Some(Layer::Dialog(dialog)) = &mut self.layer {
                dialog.foresaw(outcome);
            }
            return;
        }
        self.asked.retain(|asked| asked.id != outcome.act);
        self.toasts.take_back(&under_way(&outcome.verb));
        if let Some(Layer::Form(form)) = &mut self.layer
            && form.answered(outcome)
        {
            return;
        }
        let (verb, count) = (&outcome.verb, outcome.touched.len());
        let why = match outcome.problems.first() {
            Some((Some(cell), problem)) => format!(": {cell}: {problem}"),
            Some((None, problem)) => format!(": {problem}"),
            None => String::new(),
        };
        let others = match outcome.problems.len() {
            0 | 1 => String::new(),
            problems => format!(" and {} more", problems - 1),
        };
        match outcome.ending {
            Ending::Accepted if count == 0 => {
                let said = outcome.said.as_deref().unwrap_or("accepted");
                self.say(Tone::Good, format!("{verb}: {said}"));
            }
            Ending::Accepted => self.say(Tone::Good, format!("{verb}: accepted for {count}")),
            Ending::Partly => self.say(
                Tone::Bad,
                format!("{verb}: accepted for {count}, not for all{why}{others}"),
            ),
            Ending::Refused => self.say(Tone::Bad, format!("{verb}: refused{why}{others}")),
            Ending::NoAnswer => self.say(Tone::Bad, format!("{verb}: no answer{why}{others}")),
        }
    }
}
