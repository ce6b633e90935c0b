//! What the model makes of what it is told, in whatever order that comes.
#![expect(clippy::unwrap_used, reason = "this is a test, its shared functions too")]

mod followed;
mod joins;
mod lists;
mod orders;
mod retention;
mod rings;
mod scene;
