//! Request and response types of the REST services, and their clients.
//!
//! One module per service of `docs/protocol.md` section 3: [`pipeline`], [`sdb`], [`feed`], [`conductor`]
//! and [`vhf`]. A server writes these types and a client reads them, so that the two cannot drift apart;
//! readers are lenient all the same, since a pipeline of somebody else's may say less or more: what is
//! optional has a default, and what is unknown is ignored.

mod client;
pub mod codes;
pub mod conductor;
mod error;
pub mod feed;
mod list;
pub mod pipeline;
pub mod sdb;
pub mod vhf;

pub use client::{
    ConductorClient, Download, FeedClient, FetchClient, Http, Import, PipelineClient, SdbClient, VhfClient,
    WebhookClient,
};
pub use error::{ApiError, Problem};
pub use list::{Items, PageQuery};
