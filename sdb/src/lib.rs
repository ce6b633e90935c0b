//! The mission database: import, export, announce.
//!
//! An import that was answered 201 is on disk and will be announced on `data.sdb`, whatever dies next; an
//! import that was not leaves nothing visible. A library only for its own tests.

mod args;
mod http;
mod keeper;
mod relay;
mod start;
mod status;
pub mod store;
mod wire;

pub use args::Args;
pub use http::App;
pub use start::{DESCRIPTION, INFO, start};
pub use wire::Address;
