//! The operator console: the screen of a shift, and headless verbs.
//!
//! It holds no truth. The screen (`run`) draws (`ui`) what an `app` knows of the `model` that the `link` feeds, on a
//! terminal (`term`) by `keys`. Each verb asks the conductor or listens to NATS, prints, and leaves: what is meant
//! for a person fits 80 columns; `--json` is the same for programs, as the services said it.

pub mod app;
pub mod args;
mod cells;
mod fail;
pub mod keys;
pub mod link;
pub mod model;
mod output;
mod run;
mod session;
mod since;
mod table;
pub mod term;
pub mod ui;
mod verbs;

pub use fail::exit_code;
pub use verbs::run;
