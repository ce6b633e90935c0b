//! Pieces that more than one view is made of.

mod boxed;
mod gauge;
mod pane;

pub use boxed::{boxed, over, over_inside, typed};
pub use gauge::gauge;
pub use pane::Pane;
