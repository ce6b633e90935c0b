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
//!
//! What keeps work from being done twice: a product that cannot be imported, because the SDB is away until the
//! run's deadline or until the pipeline dies, is kept in the state directory, and the next attempt of the run
//! imports it instead of making it again. That holds for what a pipeline returns as [`Outcome::Product`], the last
//! thing that it does; what it imports itself before is imported again by its own code.
//!
//! A limit: a product's provenance (the request's `params`, `inputs` and `missing`, and some words of ours) travels
//! in a header of 8 KiB at most. A request that cannot fit is refused with 422 `provenance-too-large`, and a run
//! that fetched too many inputs of its own accord fails with that code; both are permanent.

mod archive;
mod args;
mod duty;
mod execute;
mod function;
mod host;
mod journal;
mod live;
mod order;
mod parcel;
mod pipeline;
mod provenance;
mod registry;
mod routes;
mod runs;
mod settle;
mod shelf;
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
