//! The operator console: for now its headless verbs.
//!
//! It holds no truth: each verb asks the conductor or listens to NATS, prints, and leaves. What is meant
//! for a person fits 80 columns; `--json` is the same for programs, as the services said it.

pub mod app;
pub mod args;
mod cells;
mod fail;
pub mod keys;
pub mod link;
pub mod model;
mod output;
mod session;
mod table;
pub mod term;
pub mod ui;
mod verbs;

pub use fail::exit_code;
pub use verbs::run;
