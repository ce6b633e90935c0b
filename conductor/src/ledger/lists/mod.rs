//! The reading queries of the routes: on the reader pool, beside the writer, from the last commit.

mod observations;

pub use observations::ObservationRecord;
