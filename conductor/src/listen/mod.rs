//! What the conductor hears, and brings into the writer's lanes.

pub(crate) mod activity;
pub(crate) mod feed;
pub(crate) mod stream;

/// The source of the products that the orchestra itself keeps.
pub(crate) const SDB: &str = "sdb";
