//! The routes over a real ledger, in process; a stand-in for the writer serves the desk.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod act;
mod alerts;
mod backfill;
mod notes;
mod observations;
mod openapi;
mod operate;
mod others;
mod providers;
mod put_graph;
mod refusals;
mod retry;
mod runs;
mod scene;
mod timeline;
mod writer;
