//! What was said, in a ring: the newest 100 000, each known by its number.

use super::Model;
use domain::{
    Activity, Announcement, CellState, ObsId, ProcessingState, ProductName, ServiceName, Sha256,
    StatusActivity,
};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;

/// A night of them at the usual rate; a minute of the fastest one.
const CAPACITY: usize = 100_000;
/// The longest text that is kept of one, in bytes: a line of the widest screen.
const MAX_TEXT: usize = 240;

/// What kind of thing was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A cell changed into this state.
    Cell(CellState),
    /// A run is like this, in the words of its pipeline.
    Run(ProcessingState),
    /// Data were announced.
    Data,
    /// A service changed.
    Service,
    /// A provider changed.
    Provider,
    /// Somebody should know something.
    Alert,
    /// An operator did something.
    Operator,
    /// A message could not be used.
    Rejected,
    /// Something of the console itself.
    Console,
}

/// One thing that was said. Names are those that the model has, so that each is kept once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it came, by the console's clock.
    pub at: Timestamp,
    /// What kind of thing it is.
    pub kind: EventKind,
    /// Who said it.
    pub from: Arc<ServiceName>,
    /// Of which observation.
    pub obs_id: Option<Arc<ObsId>>,
    /// Of which product.
    pub product: Option<Arc<ProductName>>,
    /// The rest of it, for a person.
    pub text: Box<str>,
}

const _: () = assert!(
    size_of::<Event>() <= 64,
    "an event is 64 bytes at most, and its text: there are 100 000 of them"
);

/// The ring.
#[derive(Debug, Clone)]
pub struct Events {
    events: VecDeque<Event>,
    first: u64,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            // Memory that nothing was written to is not taken, and a ring that doubles takes more than it needs.
            events: VecDeque::with_capacity(CAPACITY),
            first: 0,
        }
    }
}

impl Events {
    /// How many are kept at most.
    pub const CAPACITY: usize = CAPACITY;

    /// How many there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The numbers of those that are here.
    pub fn numbers(&self) -> std::ops::Range<u64> {
        self.first..self.first + self.events.len() as u64
    }

    /// The event of a number; none if it has left the ring.
    pub fn get(&self, number: u64) -> Option<&Event> {
        self.events
            .get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// All with their numbers, the oldest first; can be walked from the newest.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &Event)> + ExactSizeIterator {
        let first = self.first;
        self.events
            .iter()
            .enumerate()
            .map(move |(place, event)| (first + place as u64, event))
    }

    pub(super) fn push(&mut self, event: Event) {
        if self.events.len() == CAPACITY {
            self.events.pop_front();
            self.first += 1;
        }
        self.events.push_back(event);
    }
}

impl Model {
    /// Keeps what was said.
    pub(super) fn note(&mut self, now: Timestamp, said: Said) {
        let Said {
            kind,
            from,
            obs_id,
            product,
            mut text,
        } = said;
        if text.len() > MAX_TEXT {
            text.truncate(text.floor_char_boundary(MAX_TEXT));
        }
        let number = product.as_ref().and_then(|product| self.products.number(product));
        let product = product
            .map(|product| number.map_or_else(|| Arc::new(product), |number| self.products.shared(number)));
        let row = obs_id.as_ref().and_then(|obs_id| self.rows.get(obs_id));
        let obs_id = obs_id.map(|obs_id| row.map_or_else(|| Arc::new(obs_id), |row| Arc::clone(&row.obs_id)));
        let from = match self.speakers.intern(&from) {
            Some(number) => self.speakers.shared(number),
            None => Arc::new(from),
        };
        self.events.push(Event {
            at: now,
            kind,
            from,
            obs_id,
            product,
            text: text.into_boxed_str(),
        });
    }
}

/// What is kept of a message.
pub(super) struct Said {
    kind: EventKind,
    from: ServiceName,
    obs_id: Option<ObsId>,
    product: Option<ProductName>,
    text: String,
}

impl From<&Activity> for Said {
    fn from(activity: &Activity) -> Self {
        let from = activity.service().clone();
        let of = |kind, text| Self {
            kind,
            from: from.clone(),
            obs_id: None,
            product: None,
            text,
        };
        match activity {
            Activity::Status(said) => Self::status(said),
            Activity::Processing(said) => Self {
                obs_id: Some(said.obs_id.clone()),
                product: Some(said.product.clone()),
                ..of(EventKind::Run(said.state), run_text(said))
            },
            Activity::Cell(said) => Self {
                obs_id: Some(said.obs_id.clone()),
                product: Some(said.product.clone()),
                ..of(EventKind::Cell(said.state), cell_text(said))
            },
            Activity::Provider(said) => {
                let mut text = format!("{} is {}", said.provider, lower(said.state));
                sign(&mut text, said.by.as_deref(), said.note.as_deref());
                of(EventKind::Provider, text)
            }
            Activity::Alert(said) => of(EventKind::Alert, format!("{}: {}", lower(said.state), said.title)),
            Activity::Operator(said) => {
                let mut text = format!("{} {}: {}", said.verb, short(&said.target), said.outcome);
                sign(&mut text, Some(&said.by), said.note.as_deref());
                of(EventKind::Operator, text)
            }
            Activity::Rejected(said) => of(EventKind::Rejected, format!("{}: {}", said.subject, said.reason)),
        }
    }
}

impl Said {
    pub(super) fn status(said: &StatusActivity) -> Self {
        let mut text = lower(said.state);
        if !said.detail.is_empty() {
            let _ = write!(text, ": {}", said.detail);
        }
        Self {
            kind: EventKind::Service,
            from: said.service.clone(),
            obs_id: None,
            product: None,
            text,
        }
    }

    pub(super) fn announced(source: &ServiceName, said: &Announcement) -> Self {
        let mut text = String::new();
        if let Some(version) = said.version {
            let _ = write!(text, "v{version}");
        }
        if let Some(size) = said.size {
            let _ = write!(text, " {size} B");
        }
        for (is_so, word) in [(said.retracted, " retracted"), (said.absent, " absent")] {
            if is_so {
                text.push_str(word);
            }
        }
        Self {
            kind: EventKind::Data,
            from: source.clone(),
            obs_id: Some(said.obs_id.clone()),
            product: said.product.clone(),
            text: text.trim_start().to_owned(),
        }
    }

    pub(super) fn unreadable(subject: &str, reason: &str) -> Self {
        Self {
            kind: EventKind::Rejected,
            ..Self::trouble(format!("{subject}: {reason}"))
        }
    }

    pub(super) fn trouble(text: String) -> Self {
        Self {
            kind: EventKind::Console,
            from: "console".parse().expect("letters are a name"),
            obs_id: None,
            product: None,
            text,
        }
    }
}

fn cell_text(said: &domain::CellActivity) -> String {
    let mut text = String::new();
    if let (Some(attempt), Some(attempts)) = (said.attempt, said.attempts)
        && !said.state.is_available()
    {
        let _ = write!(text, "{attempt}/{attempts}");
    }
    if let Some(version) = said.version.filter(|_| said.state.is_available()) {
        let _ = write!(text, "v{version}");
    }
    if let Some(reason) = said.reason.as_ref().filter(|reason| !reason.is_empty()) {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}{reason}");
    }
    text
}

fn run_text(said: &domain::ProcessingActivity) -> String {
    let mut text = said.message.clone().unwrap_or_default();
    if let Some(error) = &said.error {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}{}: {}", error.code, error.message);
    }
    text
}

/// So much of a checksum tells two graphs apart.
const SHORT: usize = 12;

/// A target as it is shown: a whole checksum would leave no room for who acted.
fn short(target: &str) -> &str {
    match target.parse::<Sha256>() {
        Ok(_) => target.get(..SHORT).unwrap_or(target),
        Err(_) => target,
    }
}

fn sign(text: &mut String, by: Option<&str>, note: Option<&str>) {
    if let Some(by) = by {
        let _ = write!(text, ", by {by}");
    }
    if let Some(note) = note {
        let _ = write!(text, " ({note})");
    }
}

/// The word of a state, as it is on the wire.
fn lower(state: impl std::fmt::Debug) -> String {
    format!("{state:?}").to_lowercase()
}
