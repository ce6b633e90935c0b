//! What the outside is shown: the core's records in the words of `docs/protocol.md`.
//!
//! Pure functions; the routes and `activity.conductor` share them, so that both say the same of a cell.

mod cell;
mod observation;
mod run;
mod timing;
mod why;

pub use cell::{acknowledge, cell, cell_activity};
pub use observation::{cells, observation, worst};
pub use run::run;
pub use timing::Timing;
pub use why::why;
