//! The clients: one per service, all over one pool of connections ([`Http`]).

mod conductor;
mod download;
mod feed;
mod http;
mod pipeline;
mod sdb;
mod vhf;
mod webhook;

pub use conductor::ConductorClient;
pub use download::{Download, FetchClient};
pub use feed::FeedClient;
pub use http::Http;
pub use pipeline::PipelineClient;
pub use sdb::{Import, SdbClient};
pub use vhf::VhfClient;
pub use webhook::WebhookClient;
