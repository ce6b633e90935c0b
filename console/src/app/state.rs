//! Everything that the screen shows and remembers.

use super::outcome::Asked;
use super::questions::Curious;
use super::{Arming, Effect, Filter, Layer, Overview, Pages, Toasts, Tone, View, update};
use crate::keys::{Chord, Entry, Found, Keymap, Keys, Place, Stroke};
use crate::model::{Dirty, Graph, Layers, Mark, Model, Part, Update};
use crate::ui::Look;
use crate::ui::layout::{self, Parts};
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::layout::{Rect, Size};

/// How the console was started.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How it looks.
    pub look: Look,
    /// Which keys do what.
    pub keymap: Keymap,
    /// Whether it only looks.
    pub readonly: bool,
    /// Whether it takes clicks.
    pub mouse: bool,
    /// Who acts.
    pub operator: String,
}

/// The state of the screen. One task owns it; views only read it.
#[derive(Debug)]
pub struct App {
    /// How it looks.
    pub look: Look,
    /// Which keys do what.
    pub keymap: Keymap,
    /// Who acts.
    pub operator: String,
    /// The time of what is being handled or drawn.
    pub now: Timestamp,
    /// How large the screen is.
    pub size: Size,
    /// Whether what can hurt is allowed.
    pub arming: Arming,
    /// The short messages.
    pub toasts: Toasts,
    /// What lies over the panes and gets the keys.
    pub layer: Option<Layer>,
    /// The first key of two.
    pub prefix: Option<Chord>,
    /// Whether clicks come here.
    pub takes_mouse: bool,
    /// The overview.
    pub overview: Overview,
    /// What has a page of its own.
    pub pages: Pages,
    /// What is open over it, the last one seen.
    pub views: Vec<View>,
    /// What changed after this is new to the operator.
    pub last_look: Mark,
    /// What was sent and is not answered.
    pub(super) asked: Vec<Asked>,
    pub(super) curious: Curious,
    pub(super) layers: Option<Layers>,
    pub(super) live: Model,
    pub(super) frozen: Option<Box<(Timestamp, Model)>>,
}

impl App {
    /// A screen that knows nothing yet.
    pub fn new(settings: Settings, now: Timestamp, size: Size) -> Self {
        Self {
            look: settings.look,
            keymap: settings.keymap,
            operator: settings.operator,
            now,
            size,
            arming: Arming::new(settings.readonly),
            toasts: Toasts::default(),
            layer: None,
            prefix: None,
            takes_mouse: settings.mouse,
            overview: Overview::default(),
            pages: Pages::default(),
            views: Vec::new(),
            last_look: Mark::default(),
            asked: Vec::new(),
            curious: Curious::default(),
            layers: None,
            live: Model::new(),
            frozen: None,
        }
    }

    /// What is shown: what there is, or what there was when the screen was frozen.
    pub fn model(&self) -> &Model {
        self.frozen.as_ref().map_or(&self.live, |frozen| &frozen.1)
    }

    /// What there is, also while the screen is frozen: the header and acts are about this.
    pub fn live(&self) -> &Model {
        &self.live
    }

    /// When the screen was frozen, if it is.
    pub fn frozen_at(&self) -> Option<Timestamp> {
        self.frozen.as_ref().map(|frozen| frozen.0)
    }

    /// How the screen is divided.
    pub fn parts(&self) -> Parts {
        layout::parts(self.size, self.is_zoomed(), !self.live.alerts().is_empty())
    }

    /// Where a pane is; nowhere if it is not seen.
    pub fn pane(&self, place: Place) -> Option<Rect> {
        let focus = self.place();
        let is_seen = place.view() == focus.view();
        self.parts().pane(place, focus, self.tab()).filter(|_| is_seen)
    }

    /// Where the nodes of the graph stand; nowhere while a frozen screen shows an older graph than there is.
    pub fn layers(&self) -> Option<&Layers> {
        let graph = self.model().graph()?;
        self.layers.as_ref().filter(|layers| layers.are_of(graph))
    }

    /// Shows a short message.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.toasts.show(self.now, tone, text);
    }

    /// Takes in what came from the world, and says what changed.
    pub fn hear(&mut self, now: Timestamp, update: Update) -> Dirty {
        self.now = now;
        if let Update::Outcome(outcome) = &update {
            self.report(outcome);
        }
        let dirty = self.live.fold(now, update);
        if let Some(Layer::Form(form)) = &mut self.layer {
            form.learn(&self.live);
        }
        if dirty.touches(Part::Graph) {
            self.place_nodes();
        }
        dirty
    }

    /// Places the nodes of the graph, unless it is the one whose nodes are placed.
    fn place_nodes(&mut self) {
        let graph = self.live.graph();
        let is_placed = |graph: &Graph| self.layers.as_ref().is_some_and(|layers| layers.are_of(graph));
        if let Some(graph) = graph.filter(|graph| !is_placed(graph)) {
            self.layers = Some(Layers::new(graph));
        }
    }

    /// Brings everything up to the time: before a frame, and once a second. Says whether anything looks different.
    pub fn settle(&mut self, now: Timestamp) -> bool {
        self.now = now;
        let dirty = self.live.settle(now);
        let expired = self.toasts.expire(now);
        self.offer_rows();
        expired || !dirty.is_clean()
    }

    /// Whether more has changed than one frame takes in: another is to follow.
    pub fn is_behind(&self) -> bool {
        self.live.is_behind()
    }

    /// Whether a second that passes is to be seen: a clock, an age, a gauge. Where little should move, ages are
    /// still true to ten seconds.
    pub fn ticks(&self) -> bool {
        self.look.motion || self.now.as_second() % 10 == 0
    }

    /// Whether what changed is worth the bell.
    pub fn rings(dirty: &Dirty) -> bool {
        dirty.touches(Part::Bell)
    }

    /// What a key does.
    pub fn press(&mut self, key: KeyEvent) -> Vec<Effect> {
        if let Some(layer) = self.layer.take() {
            let effects = self.press_layer(layer, key);
            self.offer_rows();
            return effects;
        }
        let chord = Chord::from(key);
        let prefix = self.prefix.take();
        match self.keymap.find(self.place(), prefix, chord) {
            Found::Entry(entry) => self.run(entry),
            Found::Prefix(prefix) => {
                self.prefix = Some(prefix);
                vec![]
            }
            Found::Elsewhere(entry) => {
                self.say(Tone::Note, format!("{}: only in {}", entry.name, entry.at));
                vec![]
            }
            Found::Nothing if prefix.is_some() && chord.stroke() == Stroke::Esc => vec![],
            Found::Nothing => {
                let keys = Keys { prefix, last: chord };
                self.say(Tone::Note, format!("{keys} does nothing here; ? lists the keys"));
                vec![]
            }
        }
    }

    /// A text that was pasted: only where something is typed.
    pub fn paste(&mut self, text: &str) {
        match &mut self.layer {
            Some(layer) => {
                layer.paste(text);
                if let Layer::Filter(place, line, _) = layer {
                    let (place, filter) = (*place, Filter::new(line.value(), *place, self.now));
                    self.set_filter(place, filter);
                }
            }
            None => self.say(Tone::Note, "nothing is typed here; what was pasted is ignored"),
        }
        self.offer_rows();
    }

    /// Runs an entry, unless something is in its way, which is then said.
    fn run(&mut self, entry: &'static Entry) -> Vec<Effect> {
        if let Some(why_not) = self.why_not(entry) {
            self.say(Tone::Bad, format!("{}: {why_not}", entry.name));
            return vec![];
        }
        let effects = update(self, entry.action);
        self.offer_rows();
        effects
    }
}
