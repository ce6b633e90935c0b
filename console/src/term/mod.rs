//! The terminal: what goes to it, what comes from it, and that it is left as it was found.
//!
//! Nothing else in the console writes escape sequences or knows a signal. The traps are in the tests: a panic, a
//! closed terminal (crossterm's reader would spin for ever), a stop and a continuation, `NO_COLOR`.

mod abilities;
mod clipboard;
mod input;
mod screen;
mod signals;

pub use abilities::{Abilities, Environment};
pub use clipboard::{MAX_COPIED, copied};
pub use input::{Input, Inputs};
pub use screen::{Screen, restore_on_panic};
pub use signals::{Signal, Signals, has_a_shell, stop_until_continued};
