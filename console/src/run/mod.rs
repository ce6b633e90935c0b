//! The loop of the screen: one task owns all its state, everything else only sends messages.
//!
//! Signals come first, then keys, whose effect is drawn at once; data come in batches and are drawn when a frame is
//! due. Nothing here waits for a network, and what does not answer is handed over.

mod effects;
mod log;
mod open;
mod pace;
mod shift;

pub(crate) use open::open;
