//! The parts of the conductor, for its program and for its tests.

pub mod desk;
pub mod ledger;
