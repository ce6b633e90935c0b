//! The canary: a run through the whole loop, every minute, to see that it works.
//!
//! ```text
//!   claim ─▶ data._canary ─▶ stream ─▶ writer's commit ─▶ core ─▶ POST ─▶ brick ─▶ SDB ─▶ data.sdb ─▶ stream ─▶ commit
//!   ledger   publish         hear                         post            import          announce
//! ```
//!
//! What it goes through is what everything goes through: the conductor's own consumer and the writer's commit,
//! the core and the dispatcher, a pipeline brick, the SDB and its relay. Only its observation is not the writer's:
//! it is kept here, for one round, by a graph of its own. So it has no row in the ledger, and needs to be left out
//! of no list, report, figure or retry. Its pipeline lives in this process and says nothing on `activity.*`.
//!
//! | file | |
//! |---|---|
//! | `pace.rs` | `--canary` |
//! | `flight.rs` | one round; pure |
//! | `hop.rs` | where it can break |
//! | `brick.rs` | its pipeline |
//! | `perch.rs` | where the writer says what it heard |
//! | `sender.rs` | sends it, and says what came of it |
//! | `launch.rs` | puts all this together |

mod brick;
mod flight;
mod hop;
mod launch;
mod pace;
mod perch;
mod sender;

pub use hop::Hop;
pub(crate) use launch::Launch;
pub use pace::Pace;
pub(crate) use perch::{Heard, Perch};

/// Under which path of the conductor its pipeline is: `/canary/_canary/processing`.
pub(crate) const PATH: &str = "/canary";
