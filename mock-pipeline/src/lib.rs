//! Any product, in one to five seconds, failing with a probability; and the misbehaviours that tests need.
//!
//! One process plays every provider, each under `/{provider}/...`. What it makes says what it was made from.

mod args;
mod content;
mod fate;
mod least;
mod misbehaviour;
mod mock;
mod providers;
mod refuse;
mod start;

pub use args::{Announced, Args};
pub use content::{Facts, Recipe, content};
pub use fate::{Fate, Trial};
pub use misbehaviour::{Misbehaviour, MisbehaviourOf};
pub use mock::Mock;
pub use providers::GraphFault;
pub use start::start;
