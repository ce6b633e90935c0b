//! The only crate that knows NATS: typed subjects, streams, publishers, consumers.
//!
//! A [`Bus`] is a connection that comes back for ever. Announcements (`data.<source>`) are published
//! with acknowledgement and read through a durable [`DataConsumer`]; activity (`activity.<service>`)
//! is said and heard without either, since it is a hint. NATS is transport, never the only copy of a
//! trigger: whoever must not miss anything reconciles from the feeds behind it.
//!
//! Nothing here spawns tasks of its own: what must run beside the caller is a future to be spawned.

mod attach;
mod bus;
mod connect;
mod consumer;
mod delivery;
mod floor;
mod health;
mod listen;
mod liveness;
mod micro;
mod publish;
mod pull;
mod recent;
mod server;
mod streams;
mod subject;

pub use bus::Bus;
pub use connect::{BusOptions, ConnectError};
pub use consumer::{ConsumerOptions, DataConsumer, Next, Position};
pub use delivery::Delivery;
pub use health::Health;
pub use listen::{ActivityFeed, DataFeed, Gap, Heard, ListenError};
pub use liveness::{LAG_GROWTH_LIMIT, Liveness, Measure, Monitor};
pub use micro::{Micro, MicroError};
pub use publish::{Ack, MAX_IN_FLIGHT, Outbound, PublishError, Published};
pub use recent::Said;
pub use server::{MIN_SERVER, ServerVersion, Unfit, VersionError};
pub use streams::{StreamFill, StreamNames, StreamSpec, Streams, StreamsError};
pub use subject::{ActivitySubject, DataSubject, SubjectError};
