//! What an operator can ask the console for.

use crate::keys::Place;
use crate::link::Steer;

/// One action of the registry. Small and without data: what it acts upon is the focus at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Lists the keys.
    Help,
    /// Finds an action by its name.
    Palette,
    /// Leaves.
    Quit,
    /// Closes one layer: a box, a filter, the marks, the frozen order.
    Back,
    /// Stops the process, until the shell continues it.
    Stop,
    /// Draws everything anew.
    Repaint,
    /// Allows for ten minutes what can hurt.
    Arm,
    /// Forbids it again.
    Disarm,
    /// Takes clicks, or leaves them to the terminal.
    Mouse,
    /// Copies the id under the cursor.
    Copy,
    /// One pane over the whole screen, or all of them.
    Zoom,
    /// Shows nothing new until pressed again; what happens is still counted.
    Freeze,
    /// Shows only what has a problem.
    Problems,
    /// Shows only what changed since the last look.
    Changed,
    /// Shows only what contains a text.
    Filter,
    /// Goes to an observation by any part of its id.
    Find,
    /// To the next problem.
    NextProblem,
    /// To the previous problem.
    PreviousProblem,
    /// Moves the cursor.
    Move(Motion),
    /// Marks what is under the cursor, or unmarks it.
    Mark,
    /// Marks all from what was marked last to what is under the cursor.
    MarkRange,
    /// Unmarks all.
    Unmark,
    /// Gives a pane the focus, in whichever view it is.
    Focus(Place),
    /// Gives the pane with this number the focus.
    Pane(u8),
    /// Gives the next pane the focus.
    NextPane,
    /// Gives the previous pane the focus.
    PreviousPane,
    /// Opens what is under the cursor.
    Open,
    /// Why the cell under the cursor is as it is.
    Why,
    /// All lines of the graph, or only those of the product under the cursor.
    AllLines,
    /// Opens the stored product of the cell under the cursor.
    Product,
    /// An older version, or a longer time.
    Older,
    /// A newer version, or a shorter time.
    Newer,
    /// What the SDB says of the product that is open.
    Record,
    /// Sorts the observations.
    Sort(Order),
    /// Takes over the order that was held back.
    Resort,
    /// Shows new events as they come.
    Follow,
    /// Tries failed cells again.
    Retry(Scope),
    /// Does something to the cell under the cursor, or to the marked ones.
    Operate(Verb),
    /// Lets the provider under the cursor have nothing more, or again.
    Steer(Steer),
    /// Asks for a product by hand.
    Trigger,
    /// Leaves a note about what is under the cursor.
    Note,
    /// Notes that somebody has seen why the cell under the cursor failed.
    Acknowledge,
}

/// What is done to cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Gives them up.
    Cancel,
    /// Does not begin them; or, where all are held, begins them after all.
    Hold,
    /// Lets what awaits it begin.
    Approve,
    /// Begins them before others.
    Boost,
    /// Begins without the optional inputs that are not there.
    EndGrace,
    /// Waits for them for longer.
    ExtendGrace,
}

/// Where a cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Motion {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One column left.
    Left,
    /// One column right.
    Right,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

/// What stands first among the observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// Who wants attention most.
    #[default]
    Attention,
    /// Who changed last.
    Newest,
    /// By id.
    Id,
    /// Who has most to do.
    Open,
}

/// Which cells an act is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The one under the cursor, or the marked ones if there are any.
    Focused,
    /// Those of the observation under the cursor.
    Observation,
    /// Those that one provider makes.
    Provider,
    /// Those that failed for the same cause.
    Fingerprint,
}

impl Order {
    /// Whether a change of any cell can change it, also of one that nobody needs to look at.
    pub(super) fn follows_every_change(self) -> bool {
        matches!(self, Self::Newest | Self::Open)
    }

    /// As it is written in the title of the pane.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Newest => "newest",
            Self::Id => "id",
            Self::Open => "open work",
        }
    }
}
