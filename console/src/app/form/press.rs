//! What keys do to the form.

use super::{Form, Params, Sent, Slot, Through};
use crate::app::line;
use crate::keys::{Chord, Danger, Stroke};
use crate::link::Act;
use crate::model::{Ending, Graph};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

/// What a key did to the form.
#[derive(Debug, PartialEq)]
pub enum Pressed {
    /// It is still open.
    Open,
    /// It is closed.
    Closed,
    /// This is to be sent; it is still open.
    Send(Box<Act>),
    /// Nothing is sent, because of this.
    NotYet(String),
}

impl Form {
    /// The key that sends. No field takes it, so it is never typed by mistake.
    pub fn send_key() -> Chord {
        KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL).into()
    }

    /// The key to the field before.
    fn back_key() -> Chord {
        KeyEvent::new(KeyCode::BackTab, KeyModifiers::NONE).into()
    }

    /// How much harm it can do as it is filled in: what goes around the conductor's judgement can hurt.
    pub fn danger(&self) -> Danger {
        if self.force || self.through == Through::Pipeline {
            Danger::Harms
        } else {
            Danger::Acts
        }
    }

    /// What a key does.
    pub fn press(&mut self, key: KeyEvent, graph: Option<&Graph>) -> Pressed {
        let chord = Chord::from(key);
        if chord == Self::send_key() {
            return self.send(graph);
        }
        if chord == Self::back_key() {
            self.step(-1);
            return Pressed::Open;
        }
        match chord.stroke() {
            Stroke::Esc => return Pressed::Closed,
            Stroke::Enter => {
                self.take_picked(graph);
                self.step(1);
            }
            Stroke::Down if self.is_picking(graph) => self.pick(1, graph),
            Stroke::Up if self.is_picking(graph) => self.pick(-1, graph),
            Stroke::Tab | Stroke::Down | Stroke::PageDown => self.step(1),
            Stroke::Up | Stroke::PageUp => self.step(-1),
            Stroke::Other => self.edit(key),
        }
        Pressed::Open
    }

    /// A pasted text goes into the field, if one is typed in.
    pub fn paste(&mut self, text: &str) {
        if let Some(typed) = self.line() {
            line::insert(typed, text);
            self.touched();
            self.sent = Sent::Not;
        }
    }

    fn send(&mut self, graph: Option<&Graph>) -> Pressed {
        let not_yet = |why: &str| Pressed::NotYet(why.to_owned());
        match &self.sent {
            Sent::Handed | Sent::UnderWay(_) => return not_yet("it is sent, and not answered yet"),
            Sent::Answered(outcome) if outcome.ending == Ending::Accepted => {
                return not_yet("it is accepted already; change something to send another, Esc closes");
            }
            Sent::Answered(_) | Sent::Not => {}
        }
        match self.act(graph) {
            Ok(act) => Pressed::Send(Box::new(act)),
            Err(slot) => {
                self.slot = slot;
                let why = self.wrong(slot, graph).unwrap_or_default();
                Pressed::NotYet(format!("not sent: {why}"))
            }
        }
    }

    fn step(&mut self, by: isize) {
        let slots = self.slots();
        let at = slots.iter().position(|slot| *slot == self.slot).unwrap_or(0);
        let count = slots.len();
        self.slot = slots[(at + count).saturating_add_signed(by) % count];
    }

    fn edit(&mut self, key: KeyEvent) {
        let is_space = Chord::from(key).letter() == Some(' ');
        match self.slot {
            Slot::Force if is_space => self.force = !self.force,
            Slot::Through if is_space => {
                self.through = match self.through {
                    Through::Conductor => Through::Pipeline,
                    Through::Pipeline => Through::Conductor,
                };
            }
            Slot::Force | Slot::Through => return,
            Slot::Provider | Slot::Product | Slot::ObsId | Slot::Url | Slot::Param(_) | Slot::Note => {
                let change = self.line().and_then(|line| line.handle_event(&Event::Key(key)));
                if !change.is_some_and(|change| change.value) {
                    return;
                }
                self.touched();
            }
        }
        self.sent = Sent::Not;
    }

    /// Something else is typed: the best that fits is picked, and a typed provider is somebody's choice.
    fn touched(&mut self) {
        self.product.picked = 0;
        self.provider.picked = 0;
        self.is_filled &= self.slot != Slot::Provider;
    }

    /// What is typed in the field.
    fn line(&mut self) -> Option<&mut Input> {
        match (self.slot, &mut self.params) {
            (Slot::Provider, _) => Some(&mut self.provider.line),
            (Slot::Product, _) => Some(&mut self.product.line),
            (Slot::ObsId, _) => Some(&mut self.obs_id),
            (Slot::Url, _) => Some(&mut self.url),
            (Slot::Param(index), Params::Typed(params)) => params.get_mut(index).map(|param| &mut param.line),
            (Slot::Param(_), Params::Json(line)) => Some(line),
            (Slot::Note, _) => Some(&mut self.note),
            (Slot::Through | Slot::Force, _) => None,
        }
    }
}
