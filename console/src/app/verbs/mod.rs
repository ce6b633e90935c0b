//! The verbs of the screen, one file each: what an action does to the [`App`](super::App).

pub(super) mod acknowledge;
pub(super) mod alert;
pub(super) mod arm;
pub(super) mod back;
pub(super) mod changed;
pub(super) mod copy;
pub(super) mod filter;
pub(super) mod find;
pub(super) mod focus;
pub(super) mod follow;
pub(super) mod freeze;
pub(super) mod help;
pub(super) mod lines;
pub(super) mod mark;
pub(super) mod motion;
pub(super) mod mouse;
pub(super) mod note;
pub(super) mod open;
pub(super) mod operate;
pub(super) mod palette;
pub(super) mod problems;
mod radius;
pub(super) mod retry;
pub(super) mod sort;
pub(super) mod steer;
pub(super) mod why;
pub(super) mod zoom;
