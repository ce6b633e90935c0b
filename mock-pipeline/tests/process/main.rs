//! The program as a process, before a real nats-server and a real SDB: what it does is seen from outside, over
//! REST, in the SDB and on `activity.*`.

#![expect(
    clippy::unwrap_used,
    reason = "in a test a wrong value is a failure, and says where"
)]

mod away;
mod kill;
mod least;
mod misbehave;
mod products;
mod program;
mod scene;
mod start;
