//! What the screen knows and does, without a terminal and without a network.
//!
//! Keys become [`Action`]s by the registry, [`update()`] carries an action out, one file per verb, and what the world
//! must do about it comes back as [`Effect`]s. Data comes in through [`App::hear`], time through `App::settle`. Views
//! only read.

mod action;
mod arming;
mod blocked;
mod dialog;
mod effect;
mod events;
mod filter;
#[cfg(test)]
pub(crate) mod fixture;
mod focus;
mod form;
mod freezing;
mod fuzzy;
mod layer;
mod line;
mod list;
mod listed;
mod outcome;
mod overview;
mod pages;
mod pointer;
mod product;
mod questions;
mod rows;
mod state;
#[cfg(test)]
mod tests;
mod toasts;
mod update;
mod verbs;
mod view;

pub use action::{Action, Motion, Order, Scope, Verb};
pub use arming::{ARMED_FOR, Arming};
pub use dialog::{Answer, Dialog, Field, Foreseen, UNCOUNTED};
pub use effect::Effect;
pub use events::Events;
pub use filter::{Column as FilterColumn, Filter};
pub use focus::Column;
pub use form::{Choice, Form, Param, Params, Pressed, Sent, Slot, Through};
pub use layer::{Layer, Picker, found_entries};
pub use list::List;
pub use listed::Listed;
pub use outcome::Asked;
pub use overview::{Matrix, Overview, Rows};
pub use pages::{Pages, Report, Runs};
pub use product::{Shown, Stored};
pub use state::{App, Settings};
pub use toasts::{MAX_TOASTS, Toast, Toasts, Tone};
pub use update::update;
pub use view::{Opened, View};
