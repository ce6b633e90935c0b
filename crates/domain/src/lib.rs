//! The words of the orchestra as types: names, ids, versions, and the messages on the wire.
//!
//! Everything that crosses a process boundary is parsed here, once, at the edge: a [`ObsId`] or a
//! [`ProductName`] that exists is valid, is safe as a NATS token, as a path segment and as a file
//! name, and has one spelling. The rules are those of `docs/protocol.md`.

mod activity;
mod announcement;
mod canary;
mod cell_state;
mod input;
mod name;
mod number;
mod obs_id;
mod run_id;
mod run_state;
mod sha256;

pub use activity::{
    Activity, AlertActivity, AlertState, CellActivity, ErrorClass, OperatorActivity, ProcessingActivity,
    ProcessingError, ProcessingState, ProviderActivity, ProviderState, RejectedActivity, ServiceState,
    Severity, StatusActivity,
};
pub use announcement::{Announcement, AnnouncementError, MAX_ANNOUNCEMENT_BYTES};
pub use canary::{CANARY, canary_input, canary_obs_id, canary_product, canary_provider, canary_source};
pub use cell_state::{CellState, CellStateError};
pub use input::{InputRef, Provenance};
pub use name::{NameError, ProductName, ProviderName, ServiceName};
pub use number::{Attempt, Revision, Version};
pub use obs_id::{ObsId, ObsIdError};
pub use run_id::{RunId, RunIdError};
pub use run_state::RunState;
pub use sha256::{Sha256, Sha256Error};

/// A JSON object, as carried by `meta` and `params`.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
