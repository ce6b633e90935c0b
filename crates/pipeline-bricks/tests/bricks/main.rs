//! The bricks against a real nats-server and a real SDB.

#![expect(
    clippy::unwrap_used,
    reason = "in a test a wrong value is a failure, and says where"
)]

mod failures;
mod kept;
mod limits;
mod once;
mod play;
mod scene;
