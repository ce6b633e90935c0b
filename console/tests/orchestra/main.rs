//! The verbs as an operator runs them, with the whole orchestra: all programs are real.
#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

mod acts;
mod away;
mod graph;
mod looks;
mod product;
mod scene;
