//! What the screen knows and does, without a terminal and without a network.

mod action;
mod arming;
mod list;
mod toasts;

pub use action::{Action, Motion, Order, Scope};
pub use arming::{ARMED_FOR, Arming};
pub use list::List;
pub use toasts::{MAX_TOASTS, Toast, Toasts, Tone};
