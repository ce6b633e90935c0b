//! What lies over the panes and gets the keys: one thing at a time, decided here.

use super::{
    Action, Answer, App, Dialog, Effect, Field, Filter, Form, Pressed, Sent, Through, Tone, fuzzy, line,
    update,
};
use crate::keys::{Chord, Danger, Entry, Found, Place, Stroke};
use crate::model::CellId;
use crossterm::event::{Event, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

/// What lies over the panes.
#[derive(Debug, Clone)]
pub enum Layer {
    /// The keys; how far it is scrolled.
    Help(usize),
    /// An action by its name.
    Palette(Picker),
    /// An observation by any part of its id.
    Find(Picker),
    /// What is shown of a pane, as it is typed, and what was shown before.
    Filter(Place, Input, Filter),
    /// Why a cell is as it is; how far it is scrolled.
    Why(CellId, usize),
    /// A question before an act.
    Dialog(Box<Dialog>),
    /// A product by hand.
    Form(Box<Form>),
}

/// A line that is typed, and a list that it makes shorter.
#[derive(Debug, Clone, Default)]
pub struct Picker {
    /// What is typed.
    pub line: Input,
    /// Which of the list is picked, from the best.
    pub picked: usize,
}

impl Picker {
    /// Moves in the list or types; only Esc and Enter are left to the caller.
    fn press(&mut self, key: KeyEvent, found: usize) {
        let chord = Chord::from(key);
        let last = found.saturating_sub(1);
        let is_down = matches!(chord.stroke(), Stroke::Down | Stroke::Tab) || chord.is_control('n');
        let is_up = chord.stroke() == Stroke::Up || chord.is_control('p');
        if is_down {
            self.picked = (self.picked + 1).min(last);
        } else if is_up {
            self.picked = self.picked.min(last).saturating_sub(1);
        } else if self
            .line
            .handle_event(&Event::Key(key))
            .is_some_and(|change| change.value)
        {
            self.picked = 0;
        }
    }
}

/// Where a text stands after a key; any other key than those that scroll closes it.
fn scrolled(top: usize, chord: Chord) -> Option<usize> {
    match (chord.stroke(), chord.letter()) {
        (Stroke::Down, _) | (Stroke::Other, Some('j')) => Some(top + 1),
        (Stroke::Up, _) | (Stroke::Other, Some('k')) => Some(top.saturating_sub(1)),
        (Stroke::PageDown, _) | (Stroke::Other, Some(' ')) => Some(top + 10),
        (Stroke::PageUp, _) => Some(top.saturating_sub(10)),
        (Stroke::Enter | Stroke::Esc | Stroke::Tab | Stroke::Other, _) => None,
    }
}

/// The entries that a text finds, the best first; an alias is a name.
pub fn found_entries(app: &App, text: &str) -> Vec<&'static Entry> {
    let entries: Vec<&'static Entry> = app.keymap.entries().map(|(entry, _)| entry).collect();
    let text = text.trim();
    let named = |entry: &&&Entry| entry.name == text || entry.aliases.contains(&text);
    let exact = entries.iter().find(named).copied();
    let texts = entries.iter().map(|entry| {
        (
            *entry,
            format!("{} {} {}", entry.name, entry.aliases.join(" "), entry.text),
        )
    });
    let others = fuzzy::best(text, texts);
    let is_other = |entry: &&Entry| exact.is_none_or(|exact| exact.name != entry.name);
    exact
        .into_iter()
        .chain(others.into_iter().filter(is_other))
        .collect()
}

impl Layer {
    /// Puts a pasted text where something is typed.
    pub(super) fn paste(&mut self, text: &str) {
        match self {
            Self::Help(_) | Self::Why(..) => {}
            Self::Palette(picker) | Self::Find(picker) => line::insert(&mut picker.line, text),
            Self::Filter(_, line, _) => line::insert(line, text),
            Self::Dialog(dialog) => dialog.paste(text),
            Self::Form(form) => form.paste(text),
        }
    }
}

impl App {
    /// Gives a key to what lies over the panes.
    pub(super) fn press_layer(&mut self, layer: Layer, key: KeyEvent) -> Vec<Effect> {
        let chord = Chord::from(key);
        match layer {
            Layer::Help(top) => {
                self.layer = scrolled(top, chord).map(Layer::Help);
                vec![]
            }
            Layer::Why(cell, top) => {
                self.layer = scrolled(top, chord).map(|top| Layer::Why(cell, top));
                vec![]
            }
            Layer::Palette(picker) => self.press_palette(picker, chord, key),
            Layer::Find(picker) => self.press_find(picker, chord, key),
            Layer::Filter(place, line, before) => self.press_filter(place, line, before, key),
            Layer::Dialog(dialog) => self.press_dialog(dialog, chord, key),
            Layer::Form(form) => self.press_form(form, chord, key),
        }
    }

    /// What can hurt is armed here, too: one need not leave the question for it.
    fn press_dialog(&mut self, mut dialog: Box<Dialog>, chord: Chord, key: KeyEvent) -> Vec<Effect> {
        let is_typing = dialog.field != Field::Button && chord.letter().is_some();
        if self.arms(chord) && !is_typing {
            self.layer = Some(Layer::Dialog(dialog));
            return update(self, Action::Arm);
        }
        match dialog.press(key) {
            Answer::Cancelled => return vec![],
            Answer::Confirmed(effect) => match self.why_not_sent(dialog.danger) {
                Some(why_not) => self.say(Tone::Note, why_not),
                None => return vec![effect],
            },
            Answer::Open => {}
            Answer::NotYet(why) => self.say(Tone::Note, why),
        }
        self.layer = Some(Layer::Dialog(dialog));
        vec![]
    }

    /// Whether the key is the one that allows what can hurt.
    fn arms(&self, chord: Chord) -> bool {
        let found = self.keymap.find(self.place(), None, chord);
        matches!(found, Found::Entry(entry) if entry.action == Action::Arm)
    }

    /// Why what was confirmed is not sent all the same.
    fn why_not_sent(&self, danger: Danger) -> Option<String> {
        self.why_not_armed(danger).or_else(|| self.cut_off())
    }

    fn why_not_armed(&self, danger: Danger) -> Option<String> {
        let why_not = self.arming.why_not(danger, self.now)?;
        let keys = self.keymap.shown(Action::Arm);
        let keys = keys.map_or_else(|| ":rw".to_owned(), |keys| keys.to_string());
        Some(format!("{why_not}, and {keys} does here"))
    }

    /// Letters are typed, so that only other keys arm here.
    fn press_form(&mut self, mut form: Box<Form>, chord: Chord, key: KeyEvent) -> Vec<Effect> {
        if self.arms(chord) && chord.letter().is_none() {
            self.layer = Some(Layer::Form(form));
            return update(self, Action::Arm);
        }
        let mut effects = vec![];
        match form.press(key, self.live.graph()) {
            Pressed::Closed => return vec![],
            Pressed::Open => {}
            Pressed::NotYet(why) => self.say(Tone::Note, why),
            Pressed::Send(act) => {
                let cut_off = || self.cut_off().filter(|_| form.through == Through::Conductor);
                if let Some(why_not) = self.why_not_armed(form.danger()).or_else(cut_off) {
                    self.say(Tone::Note, why_not);
                } else {
                    form.sent = Sent::Handed;
                    effects.push(Effect::Send(act));
                }
            }
        }
        form.learn(&self.live);
        self.layer = Some(Layer::Form(form));
        effects
    }

    /// Runs the picked entry by its own key: nothing that stands before the key is gone around.
    fn press_palette(&mut self, mut picker: Picker, chord: Chord, key: KeyEvent) -> Vec<Effect> {
        let found = found_entries(self, picker.line.value());
        match chord.stroke() {
            Stroke::Esc => vec![],
            Stroke::Enter => {
                let Some(entry) = found.get(picker.picked) else {
                    self.say(
                        Tone::Bad,
                        format!("no action is called {:?}", picker.line.value()),
                    );
                    return vec![];
                };
                let Some(keys) = self.keymap.shown(entry.action) else {
                    return vec![];
                };
                let chords = keys.prefix.into_iter().chain([keys.last]);
                chords.flat_map(|chord| self.press(chord.event())).collect()
            }
            Stroke::Tab | Stroke::Up | Stroke::Down | Stroke::PageUp | Stroke::PageDown | Stroke::Other => {
                picker.press(key, found.len());
                self.layer = Some(Layer::Palette(picker));
                vec![]
            }
        }
    }

    fn press_find(&mut self, mut picker: Picker, chord: Chord, key: KeyEvent) -> Vec<Effect> {
        let found = self.model().find(picker.line.value());
        match chord.stroke() {
            Stroke::Esc => vec![],
            Stroke::Enter => {
                match found.get(picker.picked) {
                    Some(obs_id) => self.go_to_observation(obs_id),
                    None => self.say(
                        Tone::Bad,
                        format!("no observation with {:?} is here", picker.line.value()),
                    ),
                }
                vec![]
            }
            Stroke::Tab | Stroke::Up | Stroke::Down | Stroke::PageUp | Stroke::PageDown | Stroke::Other => {
                picker.press(key, found.len());
                self.layer = Some(Layer::Find(picker));
                vec![]
            }
        }
    }

    /// The list shows at once what is typed; Esc brings back what was shown before.
    fn press_filter(&mut self, place: Place, mut line: Input, before: Filter, key: KeyEvent) -> Vec<Effect> {
        match Chord::from(key).stroke() {
            // A mistake is told in the line as long as it is one: it is not left behind unseen.
            Stroke::Enter if self.filter(place).is_none_or(|filter| filter.mistake().is_none()) => {
                return vec![];
            }
            Stroke::Esc => {
                self.set_filter(place, before);
                return vec![];
            }
            Stroke::Tab => {
                if let Some(completed) = Filter::completed(line.value(), place) {
                    line = Input::new(completed);
                }
            }
            Stroke::Enter | Stroke::Up | Stroke::Down | Stroke::PageUp | Stroke::PageDown | Stroke::Other => {
                line.handle_event(&Event::Key(key));
            }
        }
        self.set_filter(place, Filter::new(line.value(), place, self.now));
        self.layer = Some(Layer::Filter(place, line, before));
        vec![]
    }
}
