//! What is drawn, and how it looks on this terminal.

pub mod glyphs;
pub mod look;
pub mod text;
pub mod theme;
pub mod widgets;

pub use look::Look;
