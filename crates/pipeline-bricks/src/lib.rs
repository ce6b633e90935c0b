//! Turns a function or any program into an orchestrable pipeline.
//!
//! The author writes a [`Pipeline`] (or a [`Function`]): which products, and how to make one from a [`Task`].
//! A [`Host`] does the rest of `docs/protocol.md` section 3.1: the routes, the queue and its limits, idempotency
//! by run and attempt, memory across restarts, heartbeat and progress on NATS, inputs, imports that are repeated
//! until they work and never make a product twice, cancellation, deadlines, and an orderly stop.
//!
//! What keeps a product from being made twice, from the outside in: a known run and attempt starts nothing; a
//! higher attempt, or any of a run known from before a restart, first asks the SDB whether the run has stored its
//! product; and an import carries a key of run, product and ordinal, which the SDB takes once.

mod archive;
mod args;
mod duty;
mod execute;
mod function;
mod host;
mod journal;
mod live;
mod order;
mod pipeline;
mod registry;
mod routes;
mod runs;
mod settle;
mod station;
mod task;
mod voice;
mod words;

pub use api::pipeline::ProductOffer;
pub use archive::Input;
pub use args::HostArgs;
pub use function::Function;
pub use host::{Host, HostError};
pub use pipeline::{Failure, Outcome, Pipeline, Product};
pub use runs::Limits;
pub use task::Task;
