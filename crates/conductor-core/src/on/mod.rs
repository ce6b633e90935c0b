//! A handler per family of events.

mod data;
mod deadline;
mod operator;
mod provider;
mod run;

pub(crate) use data::derive_trigger;
