//! What reaches the model. Each can be written as a line of JSON and read again: a recorded night is a list of them.

use super::{Answer, Outcome, Peer};
use api::conductor::{GraphView, ObservationItem, ObservationView, ProviderView};
use domain::{Activity, Announcement, ObsId, ServiceName};
use serde::{Deserialize, Serialize};

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// Said on `activity.*`.
    Activity(Box<Activity>),
    /// Announced on `data.<source>`.
    Data(ServiceName, Box<Announcement>),
    /// A message that cannot be read: its subject, and why.
    Unreadable(String, String),
    /// Messages did not reach us: how many, if that is known.
    Lost(Option<u64>, Cause),
    /// How the way to somebody is.
    Link(Peer, LinkState),
    /// A part of a snapshot.
    Snapshot(Snapshot),
    /// Something of the console itself is wrong, or over: a recording that cannot be written.
    Trouble(String),
    /// What came of an act.
    Outcome(Box<Outcome>),
    /// What came of a question about one cell or observation.
    Answer(Box<Answer>),
}

/// Why something may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nothing is known yet.
    Start,
    /// The connection to NATS was lost for a while.
    Reconnected,
    /// More was said than the client of NATS could hold.
    TooSlow,
    /// More came than the screen took in.
    Full,
    /// The conductor was started again, or was not there for a while.
    Conductor,
    /// Another graph is in force.
    Graph,
    /// An operator asked for it.
    Asked,
}

/// How the way to somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkState {
    /// Whether it works.
    pub is_up: bool,
    /// How long an answer takes, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_us: Option<u64>,
    /// What is wrong with it, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A part of what the conductor knows. Parts of one resync stand between `Begin` and `End`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Snapshot {
    /// A resync begins: everything that it brings was asked for after this.
    Begin(Cause),
    /// What may be made from what.
    Graph(Box<GraphView>),
    /// Observations without their cells.
    Listed(Vec<ObservationItem>),
    /// One observation with all its cells.
    Observation(Box<ObservationView>),
    /// The conductor lists an observation and knows it no more.
    Unknown(ObsId),
    /// One observation with all its cells, asked for by itself: only what is newer in it is taken.
    Single(Box<ObservationView>),
    /// The provider board.
    Providers(Vec<ProviderView>),
    /// The resync is over, and what it did not bring is gone.
    End,
    /// The resync came to nothing, for this reason; what was known is as good as before.
    Failed(String),
}
