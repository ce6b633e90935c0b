//! The product view: what a scientist would rather see than read.
//!
//! [`content`] says what bytes are, [`sky`] knows the sky, and `draw` makes pictures of both. A [`ProductView`] is a
//! product that somebody has open. What can be recognised is in `docs/products.md`.

pub mod content;
mod draw;
pub mod sky;
#[cfg(test)]
mod tests;
mod view;

pub use draw::{Facts, draw};
pub use view::ProductView;
