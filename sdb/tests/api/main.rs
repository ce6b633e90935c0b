//! The API over a real store, in process.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod archive;
mod canary;
mod damage;
mod document;
mod events;
mod export;
mod form;
mod import;
mod lists;
mod openapi;
mod refusals;
mod retract;
mod service;
mod start;
