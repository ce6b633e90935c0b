//! Real servers and real programs on free ports, for tests only.
//!
//! Nothing here is a fake: [`Nats`] is a nats-server, [`bin()`] finds the programs that the workspace
//! has built, [`Proxy`] stands between two of them and cuts or stalls what they say. Tests wait for
//! conditions with [`eventually()`], never for a time to pass. What cannot work panics and says what
//! would be right, since a test has no other use for an error.

mod audit;
mod bin;
mod eventually;
mod graph;
mod http;
mod jetstream;
mod nats;
mod orchestra;
mod outcome;
mod plain;
mod port;
mod promise;
mod proxy;
mod routes;
mod schedule;
pub mod seat;
mod small_disk;

pub use audit::{Audit, Deed};
pub use bin::{bin, repository_root};
pub use eventually::{eventually, eventually_some};
pub use graph::{closure, graph, inputs, write_graph};
pub use http::{Answer, break_off, exchange};
pub use jetstream::jetstream;
pub use nats::{Nats, NatsConfig};
pub use orchestra::{Orchestra, OrchestraOptions};
pub use outcome::Outcome;
pub use plain::plain_publish;
pub use port::free_port;
pub use promise::Promise;
pub use proxy::Proxy;
pub use routes::{Answered, Routes};
pub use schedule::{Step, schedule};
pub use small_disk::SmallDisk;
