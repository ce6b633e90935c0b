//! The parts of the conductor, for its program and for its tests.

pub mod desk;
pub mod graph_file;
pub mod ledger;
pub mod view;
