//! Calling a human.
//!
//! ```text
//!  writer (after the commit) ─▶ Lookout ─▶ Watch: Cells ─┐
//!  rounds: providers, disk, streams ──▶ conditions ──────┴▶ Book ─▶ ledger ─┬▶ herald ─▶ activity.conductor
//!                                                                           └▶ notify ─▶ webhook, command
//! ```
//!
//! [`Cells`] and [`Book`] are pure: which conditions stand, and what of it is new. The watch is a task of its own
//! and holds up nobody; what it cannot hear in time it reads from the ledger. What comes within a short window
//! is one call, and what was called for is in the ledger, so that a restart calls for nothing again.

mod acknowledgement;
pub mod book;
pub mod cells;
pub mod condition;
mod fingerprint;
mod lookout;
mod rounds;
mod senses;
mod sight;
mod view;
mod watch;
mod window;

pub use acknowledgement::Acknowledgement;
pub use book::{Alert, Book, Entry};
pub use cells::{Cells, FailureChange, Standing};
pub use condition::{Condition, Level, Target};
pub use fingerprint::{Fingerprint, normalised};
pub use lookout::Lookout;
pub(crate) use rounds::Rounds;
pub use sight::{Failure, Sight};
pub(crate) use sight::{awaits_approval, due_at, inputs_of};
pub use view::view;
pub(crate) use watch::Watch;
