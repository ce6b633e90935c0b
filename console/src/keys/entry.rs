//! What the registry says of one action.

use super::{Keys, Where};
use crate::app::Action;

/// One thing that can be done.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What it is called in the palette, in the remap file and in `orchestra-console keys`.
    pub name: &'static str,
    /// Shorter names in the palette: `:q`.
    pub aliases: &'static [&'static str],
    /// Its keys unless they are remapped; the first is the one that is shown.
    pub keys: &'static [&'static str],
    /// Where it holds.
    pub at: Where,
    /// Under which heading it is listed.
    pub group: Group,
    /// What it does, a few words for the footer.
    pub short: &'static str,
    /// What it does, a sentence for the help.
    pub text: &'static str,
    /// How much harm it can do.
    pub danger: Danger,
    /// What the [`App`](crate::app::App) is told.
    pub action: Action,
}

impl Entry {
    /// Its default keys.
    ///
    /// # Panics
    /// The registry names no key; a test reads it all.
    pub fn default_keys(&self) -> Vec<Keys> {
        let keys = self.keys.iter().map(|keys| keys.parse());
        keys.collect::<Result<_, _>>().expect("the registry names keys")
    }
}

/// The headings of the help, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The cursor.
    Move,
    /// Panes and views.
    Go,
    /// What is shown, and in which order.
    Show,
    /// What changes the orchestra.
    Act,
    /// The console itself.
    Console,
}

impl Group {
    /// Every heading.
    pub const ALL: [Self; 5] = [Self::Act, Self::Go, Self::Show, Self::Move, Self::Console];

    /// As it is written.
    pub fn title(self) -> &'static str {
        match self {
            Self::Act => "Act",
            Self::Go => "Go",
            Self::Show => "Show",
            Self::Move => "Move",
            Self::Console => "Console",
        }
    }
}

/// How much harm an action can do, and so what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Danger {
    /// None: it looks.
    Looks,
    /// It changes something and destroys nothing: shown first, sent with another key.
    Acts,
    /// It can hurt: it also needs `:rw`, or arming in its dialog.
    Harms,
}

impl Danger {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Looks => "looks",
            Self::Acts => "acts",
            Self::Harms => "needs :rw",
        }
    }
}
