//! The decider by exact events, and by properties over whole histories.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admission;
mod budgets;
mod complete;
mod explain;
mod first_movement;
mod foreign;
mod graphs;
mod late;
mod ledger;
mod manual;
mod newer;
mod operated;
mod outlook;
mod properties;
mod provider;
mod regraphed;
mod repeats;
mod verbs;
mod withdrawn;
mod world;
