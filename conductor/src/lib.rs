//! The parts of the conductor, for its program and for its tests.
//!
//! ```text
//!  data.*      ──▶ listen ──▶ inbox ─┐                                  ┌─▶ dispatch ──▶ pipelines, SDB
//!  activity.*                        ├─▶ writer ──▶ ledger ──(commit)───┼─▶ herald   ──▶ activity.conductor
//!  operators   ──▶ routes ──▶ desk  ─┘    │                             ├─▶ alerts   ──▶ notify ──▶ a human
//!                                         │                             └─▶ acknowledgements, answers
//!                     └── reads the ledger│
//!                                   conductor-core
//! ```

pub mod alerts;
pub mod args;
mod board;
pub mod canary;
pub mod desk;
mod dispatch;
pub mod durations;
pub mod eta;
mod feed_position;
pub mod graph_file;
mod herald;
pub mod in_force;
mod inbox;
pub mod ledger;
mod listen;
mod notify;
pub mod presence;
mod reconcile;
pub mod report;
pub mod routes;
mod start;
mod status;
pub mod targets;
pub mod timeline;
pub mod view;
mod writer;

pub use start::{INFO, StartError, start};
