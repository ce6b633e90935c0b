//! What the screen knows and does, without a terminal and without a network.

mod action;

pub use action::{Action, Motion, Order, Scope};
