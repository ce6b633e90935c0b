//! What stands between a wish and an act: what it would do, to which cells, and a key that is not the one that
//! opened it.
//!
//! The list of cells is frozen when the dialog opens. Whatever happens to rows and order meanwhile, what is sent is
//! what was shown.

use super::Effect;
use crate::keys::{Chord, Danger, Stroke};
use crate::link::Act;
use crate::model::{ActId, Outcome};
use api::conductor::TouchedCell;
use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

/// Above so many cells an act that can hurt wants their number typed.
pub const UNCOUNTED: usize = 5;

/// So many of what would be touched, and of what would not, are told.
const TOLD: usize = 4;

/// A question about an act.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// `Retry QPO_ECL of sb26022501`.
    pub title: String,
    /// What will happen, and to what: a line each.
    pub lines: Vec<String>,
    /// The button: `send 17 requests`.
    pub button: String,
    /// What is sent, and to which cells.
    pub act: Act,
    /// How much harm it can do.
    pub danger: Danger,
    /// Why, for the audit trail.
    pub note: Input,
    /// The number of cells, where it must be typed.
    pub count: Option<Input>,
    /// What gets the keys.
    pub field: Field,
    /// What the conductor says that it would do.
    pub foreseen: Foreseen,
}

/// What an act would do, asked while the question is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Foreseen {
    /// Nobody asked: what is shown says it.
    Unasked,
    /// The conductor is asked.
    Asked(ActId),
    /// So many cells would be touched, and what would become of the first; then why others would not.
    Known(Vec<String>),
}

/// A part of the dialog that gets the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The button: the confirm key sends.
    Button,
    /// The number of cells.
    Count,
    /// The note.
    Note,
}

/// What a key did to the dialog.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// It is still open.
    Open,
    /// It is closed, and nothing is sent.
    Cancelled,
    /// It is closed, and this is to be done.
    Confirmed(Effect),
    /// It is still open, because of this.
    NotYet(String),
}

impl Dialog {
    /// A question about an act.
    pub fn new(title: String, act: Act, danger: Danger) -> Self {
        let requests = requests(&act);
        let wants_count = danger == Danger::Harms && requests > UNCOUNTED;
        Self {
            title,
            lines: Vec::new(),
            button: match requests {
                1 => "send".to_owned(),
                count => format!("send {count} requests"),
            },
            act,
            danger,
            note: Input::default(),
            count: wants_count.then(Input::default),
            field: if wants_count { Field::Count } else { Field::Button },
            foreseen: Foreseen::Unasked,
        }
    }

    /// Notes that the conductor is asked what it would do, if it is about that.
    pub(super) fn asked(&mut self, id: ActId, looked: &Act) {
        let is_same = match (&self.act, looked) {
            (
                Act::Cells { verb, cells, .. },
                Act::Cells {
                    verb: other,
                    cells: others,
                    ..
                },
            ) => verb == other && cells == others,
            _ => false,
        };
        if is_same {
            self.foreseen = Foreseen::Asked(id);
        }
    }

    /// Takes in what the act would do.
    pub(super) fn foresaw(&mut self, outcome: &Outcome) {
        if self.foreseen != Foreseen::Asked(outcome.act.clone()) {
            return;
        }
        let touched = &outcome.touched;
        let mut lines = vec![format!(
            "the conductor would touch {} of {}",
            touched.len(),
            self.requests()
        )];
        let told = touched.iter().map(|cell| {
            let TouchedCell {
                obs_id,
                product,
                was,
                state,
                ..
            } = cell;
            format!("  {product} of {obs_id}: {was}, then {state}")
        });
        let refused = outcome.problems.iter().map(|(cell, why)| match cell {
            Some(cell) => format!("  not {cell}: {why}"),
            None => format!("  {why}"),
        });
        lines.extend(told.take(TOLD).chain(refused.take(TOLD)));
        self.foreseen = Foreseen::Known(lines);
    }

    /// How many requests would be sent.
    pub fn requests(&self) -> usize {
        requests(&self.act)
    }

    /// The key that sends. It opens nothing, so a key that is held too long sends nothing.
    pub fn confirm_key() -> Chord {
        Chord::plain(KeyCode::Char('y'))
    }

    /// What a key does.
    pub fn press(&mut self, key: KeyEvent) -> Answer {
        let chord = Chord::from(key);
        match chord.stroke() {
            Stroke::Esc => Answer::Cancelled,
            Stroke::Tab => {
                self.field = self.next_field();
                Answer::Open
            }
            Stroke::Enter if self.field != Field::Button => {
                self.field = Field::Button;
                Answer::Open
            }
            Stroke::Enter | Stroke::Up | Stroke::Down | Stroke::PageUp | Stroke::PageDown | Stroke::Other => {
                self.press_in(chord, key)
            }
        }
    }

    fn press_in(&mut self, chord: Chord, key: KeyEvent) -> Answer {
        let line = match (self.field, &mut self.count) {
            (Field::Button, _) if chord == Self::confirm_key() => return self.confirm(),
            (Field::Button, _) if matches!(chord.letter(), Some('n' | 'q')) => return Answer::Cancelled,
            (Field::Button, _) => return Answer::NotYet("y sends, Esc cancels, Tab to the note".to_owned()),
            (Field::Count, Some(count)) => count,
            (Field::Count | Field::Note, _) => &mut self.note,
        };
        line.handle_event(&Event::Key(key));
        Answer::Open
    }

    /// A pasted text goes into the field, if there is one.
    pub fn paste(&mut self, text: &str) {
        let line = match (self.field, &mut self.count) {
            (Field::Button, _) => return,
            (Field::Count, Some(count)) => count,
            (Field::Count | Field::Note, _) => &mut self.note,
        };
        super::line::insert(line, text);
    }

    fn next_field(&self) -> Field {
        match self.field {
            Field::Button if self.count.is_some() => Field::Count,
            Field::Button | Field::Count => Field::Note,
            Field::Note => Field::Button,
        }
    }

    fn confirm(&mut self) -> Answer {
        let wanted = self.requests().to_string();
        if self
            .count
            .as_ref()
            .is_some_and(|count| count.value().trim() != wanted)
        {
            self.field = Field::Count;
            return Answer::NotYet(format!("type {wanted}, the number of cells, first"));
        }
        let note = self.note.value().trim();
        if note.is_empty() && matches!(self.act, Act::Note(_)) {
            self.field = Field::Note;
            return Answer::NotYet("write the note first, then Enter and y".to_owned());
        }
        let note = (!note.is_empty()).then(|| note.to_owned());
        Answer::Confirmed(Effect::Send(Box::new(noted(self.act.clone(), note))))
    }
}

fn requests(act: &Act) -> usize {
    match act {
        Act::Cells { cells, .. } => cells.len(),
        Act::Selected { .. }
        | Act::Process(_)
        | Act::Straight { .. }
        | Act::Note(_)
        | Act::Acknowledge(_)
        | Act::Steer { .. } => 1,
    }
}

/// An act with the note that was typed; what has no place for one goes without.
fn noted(act: Act, typed: Option<String>) -> Act {
    match act {
        Act::Cells {
            verb, cells, dry_run, ..
        } => Act::Cells {
            verb,
            cells,
            note: typed,
            dry_run,
        },
        Act::Selected { verb, mut selector } => {
            selector.note = typed;
            Act::Selected { verb, selector }
        }
        Act::Process(mut request) => {
            request.note = typed;
            Act::Process(request)
        }
        Act::Note(mut request) => {
            request.note = typed.unwrap_or_default();
            Act::Note(request)
        }
        Act::Acknowledge(mut request) => {
            request.selector.note = typed;
            Act::Acknowledge(request)
        }
        Act::Steer { verb, provider, .. } => Act::Steer {
            verb,
            provider,
            note: typed,
        },
        Act::Straight { .. } => act,
    }
}
