//! How news reaches the model, and acts reach the orchestra.
//!
//! Tasks bring [`Update`](crate::model::Update)s through one bounded channel, and a [`Commands`] takes what an operator wants; neither side
//! ever waits for the other. What is said on NATS is offered: if the channel is full it is counted as lost, and a
//! snapshot makes up for it. What was asked for waits for room.
//!
//! ```text
//! nats       activity.*, data.*, and how the connection is    offers
//! conductor  whether it answers; the provider board           puts
//! snapshot   what it knows, again after every loss            puts
//! wants      single observations that are known in part       puts
//! acts       retry, cancel, processing ..: what came of them  puts
//! questions  one cell, its versions, its bytes, its pipeline  puts
//! ```
//!
//! Everything may be down at the start and go away at any time: each task tries for ever, and says how it is.

mod act;
mod acts;
mod cell_verb;
mod commands;
mod conductor;
mod inlet;
mod nats;
mod patience;
mod questions;
pub mod recording;
mod resync;
mod said;
mod snapshot;
mod start;
mod tempo;
mod wants;
mod way;

pub use act::{Act, Steer};
pub use cell_verb::CellVerb;
pub use commands::{Commands, TooMany};
pub(crate) use said::made;
pub use snapshot::MAX_LISTED;
pub use start::{Linked, Settings, start};
pub use tempo::Tempo;
