//! What an update changed.

use domain::ObsId;

/// A part of the model, as far as drawing is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The graph, and with it the columns.
    Graph,
    /// Observations and their cells, and with them what runs and what failed.
    Observations,
    /// Who is alive.
    Services,
    /// The provider board.
    Providers,
    /// What a person should know.
    Alerts,
    /// An alert that was not there before, or is worse: worth a bell.
    Bell,
    /// What was said.
    Events,
    /// Who can be reached, and how old what is shown is.
    Links,
    /// Answers about single cells.
    Details,
    /// What came of an act.
    Outcome,
}

/// What changed, and what is lacking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "what changed must be drawn, and what is lacking asked for"]
pub struct Dirty {
    parts: u16,
    /// Observations that are known in part only: to be handed to [`Commands::want`](crate::link::Commands::want).
    pub wants: Vec<ObsId>,
}

impl Dirty {
    /// One part.
    pub fn of(part: Part) -> Self {
        let mut dirty = Self::default();
        dirty.touch(part);
        dirty
    }

    /// Notes that a part changed.
    pub fn touch(&mut self, part: Part) {
        self.parts |= 1 << part as u16;
    }

    /// Whether a part changed.
    pub fn touches(&self, part: Part) -> bool {
        self.parts & (1 << part as u16) != 0
    }

    /// Whether nothing on the screen can look different.
    pub fn is_clean(&self) -> bool {
        self.parts == 0
    }

    /// Takes in what another update changed.
    pub fn merge(&mut self, other: Self) {
        self.parts |= other.parts;
        self.wants.extend(other.wants);
    }
}
