//! The VHF source, `docs/protocol.md` section 3.4, and the replays of the mock one.

use domain::{ObsId, ProductName, Sha256, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A packet that the source has announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Packet {
    /// The observation.
    pub obs_id: ObsId,
    /// The input that the packet is.
    pub product: ProductName,
    /// The source's number of it; repeats of one input count up.
    pub version: Version,
    /// The number of bytes.
    pub size: u64,
    /// The checksum of the bytes.
    pub sha256: Sha256,
    /// Where the bytes are.
    pub href: String,
    /// When it was announced.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether it was withdrawn since.
    #[serde(default)]
    pub retracted: bool,
}

/// A burst that can be replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Burst {
    /// `sbYYMMDDnn`.
    pub burst_id: String,
    /// The trigger time of its first message.
    #[schema(value_type = String, format = DateTime)]
    pub t0: Timestamp,
    /// When its first message came in reality.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// From the first message to the last in reality, in seconds.
    pub span_seconds: u64,
    /// The instruments that saw it, in the order of their messages.
    pub instruments: Vec<String>,
    /// How many packets it has.
    pub packets: u64,
    /// The inputs among them.
    pub inputs: Vec<ProductName>,
    /// How many retraction notices it has.
    pub retractions: u64,
}

/// `POST /replay`: announce a burst, or all, as in reality.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReplayRequest {
    /// The burst; exactly one of `burst` and `all` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<String>,
    /// Every burst, in order.
    #[serde(default)]
    pub all: bool,
    /// What the delays within a burst are divided by; default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    /// From the last message of a burst to the first of the next: `2s`, the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
}

/// Where a replay is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// At work.
    Running,
    /// Everything was announced.
    Done,
    /// Somebody stopped it before its end.
    Stopped,
}

/// One replay and its progress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Replay {
    /// Its number, from 1.
    pub id: u64,
    /// Where it is.
    pub state: ReplayState,
    /// Its bursts: one, or all.
    pub bursts: Vec<String>,
    /// What the delays within a burst are divided by.
    pub speed: f64,
    /// Between two bursts: `2s`.
    pub gap: String,
    /// How many messages it has announced.
    pub announced: u64,
    /// How many it has in all.
    pub total: u64,
    /// The burst that it is at.
    #[serde(default)]
    pub burst: Option<String>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// When it was done.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}
