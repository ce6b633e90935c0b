//! A handler per family of events.

mod data;
mod deadline;
mod end;
mod foreign;
mod graph;
mod operator;
mod provider;
mod report;
mod retraction;
mod run;

pub(crate) use data::derive_trigger;
pub(crate) use retraction::told_of;
