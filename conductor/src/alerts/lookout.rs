//! Where others say what may call for a human. It never makes them wait.

use super::{Acknowledgement, Condition, Fingerprint, Sight};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// Words that wait for the watch, one per commit of the writer: some seconds of the busiest night. What does not
/// find room is read from the ledger.
const CAPACITY: usize = 1_024;

/// What was said.
#[derive(Debug)]
pub(super) enum Told {
    /// How some cells are now.
    Cells(Vec<Sight>),
    /// Something else stands.
    Stands(Condition),
    /// It does not stand any more.
    Over(Fingerprint),
    /// Somebody has seen something.
    Acknowledged(Vec<Acknowledgement>),
}

/// Tells the watch; cheap to clone.
#[derive(Debug, Clone)]
pub struct Lookout {
    told: mpsc::Sender<Told>,
    missed: Arc<AtomicBool>,
}

/// The watch's side.
#[derive(Debug)]
pub(crate) struct Reports {
    pub(super) told: mpsc::Receiver<Told>,
    missed: Arc<AtomicBool>,
}

impl Lookout {
    /// A lookout, and the watch's side of it.
    pub(crate) fn open() -> (Self, Reports) {
        let (sender, told) = mpsc::channel(CAPACITY);
        let missed = Arc::new(AtomicBool::new(false));
        let lookout = Self {
            told: sender,
            missed: Arc::clone(&missed),
        };
        (lookout, Reports { told, missed })
    }

    /// Something stands that calls for a human. To be said again from time to time, as long as it stands: a word
    /// may be lost.
    pub fn stands(&self, condition: Condition) {
        self.tell(Told::Stands(condition));
    }

    /// It does not stand. To be said from time to time, too.
    pub fn over(&self, fingerprint: Fingerprint) {
        self.tell(Told::Over(fingerprint));
    }

    /// Cells have changed, and it is stored.
    pub(crate) fn changed(&self, sights: Vec<Sight>) {
        if !sights.is_empty() {
            self.tell(Told::Cells(sights));
        }
    }

    /// Somebody has seen something, and it is stored.
    pub(crate) fn acknowledged(&self, acknowledgements: Vec<Acknowledgement>) {
        if !acknowledgements.is_empty() {
            self.tell(Told::Acknowledged(acknowledgements));
        }
    }

    fn tell(&self, told: Told) {
        if self.told.try_send(told).is_err() {
            self.missed.store(true, Ordering::Release);
        }
    }
}

impl Reports {
    /// Whether something found no room since this was asked last: then the ledger is to be read.
    pub(super) fn have_missed(&self) -> bool {
        self.missed.swap(false, Ordering::AcqRel)
    }
}
