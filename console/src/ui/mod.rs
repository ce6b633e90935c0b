//! What is drawn, and how it looks on this terminal.

pub mod glyphs;
pub mod look;
pub mod theme;

pub use look::Look;
