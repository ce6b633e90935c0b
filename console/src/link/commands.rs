//! What an operator wants, handed over without waiting.

use super::Act;
use super::resync::Resync;
use crate::model::{ActId, Cause, Question};
use domain::ObsId;
use tokio::sync::mpsc;
use uuid::Uuid;

/// More acts at once than anybody presses; each may be about any number of cells.
const ACTS: usize = 256;
/// What the eye can jump to in the time of an answer.
const QUESTIONS: usize = 64;
/// A night's observations, should all of them be new.
const WANTS: usize = 2048;

/// The screen's end: nothing here waits, so that no key does.
#[derive(Debug, Clone)]
pub struct Commands {
    acts: mpsc::Sender<(ActId, Act)>,
    questions: mpsc::Sender<Question>,
    wants: mpsc::Sender<ObsId>,
    resync: Resync,
}

/// Nothing was sent: so much is under way already, or nobody is there to send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing was sent: what was sent before is not answered yet")]
pub struct TooMany;

/// The tasks' end.
#[derive(Debug)]
pub(super) struct Wishes {
    pub(super) acts: mpsc::Receiver<(ActId, Act)>,
    pub(super) questions: mpsc::Receiver<Question>,
    pub(super) wants: mpsc::Receiver<ObsId>,
}

pub(super) fn open(resync: Resync) -> (Commands, Wishes) {
    let (acts, acts_asked) = mpsc::channel(ACTS);
    let (questions, questions_asked) = mpsc::channel(QUESTIONS);
    let (wants, wanted) = mpsc::channel(WANTS);
    let commands = Commands {
        acts,
        questions,
        wants,
        resync,
    };
    let wishes = Wishes {
        acts: acts_asked,
        questions: questions_asked,
        wants: wanted,
    };
    (commands, wishes)
}

impl Commands {
    /// Nobody listens: for a recorded night.
    pub(super) fn deaf() -> Self {
        open(Resync::new().0).0
    }

    /// Sends an act. What came of it is an [`Update::Outcome`](crate::model::Update::Outcome) with this id, at the
    /// latest after the time in which the conductor must answer.
    ///
    /// # Errors
    /// Nothing was sent.
    pub fn send(&self, act: Act) -> Result<ActId, TooMany> {
        let id = ActId(Uuid::now_v7().simple().to_string());
        self.acts.try_send((id.clone(), act)).map_err(|_| TooMany)?;
        Ok(id)
    }

    /// Asks about a cell or an observation. The answer is an [`Update::Answer`](crate::model::Update::Answer).
    ///
    /// # Errors
    /// Nothing was asked.
    pub fn ask(&self, question: Question) -> Result<(), TooMany> {
        self.questions.try_send(question).map_err(|_| TooMany)
    }

    /// Reads an observation that the model knows in part only: what [`Dirty::wants`](crate::model::Dirty) lists.
    pub fn want(&self, obs_id: ObsId) {
        // Too many: the model asks again with what it hears next, and a resync brings them all.
        self.wants.try_send(obs_id).ok();
    }

    /// Reads everything again.
    pub fn resync(&self) {
        self.resync.ask(Cause::Asked);
    }
}
