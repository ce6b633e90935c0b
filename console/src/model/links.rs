//! Who can be reached, since when, and how far the snapshot is.

use super::{Cause, LinkState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whom the console talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// The NATS server.
    Nats,
    /// The conductor.
    Conductor,
    /// The mission database.
    Sdb,
}

impl Peer {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nats => "NATS",
            Self::Conductor => "conductor",
            Self::Sdb => "SDB",
        }
    }
}

/// The way to one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// How it is; none before it was tried.
    pub state: Option<LinkState>,
    /// Since when it works, or does not.
    pub since: Option<Timestamp>,
}

/// Where the snapshot is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sync {
    /// Why one is under way, if it is.
    pub running: Option<Cause>,
    /// When the last one was whole.
    pub at: Option<Timestamp>,
    /// How many were whole.
    pub count: u64,
    /// Why the last one came to nothing, if it did.
    pub error: Option<String>,
    /// The sequence of the model when the one under way began.
    pub(super) began: u64,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Links {
    nats: Link,
    conductor: Link,
    sdb: Link,
    pub(super) sync: Sync,
}

impl Link {
    /// Whether it works; also not while nobody tried.
    pub fn is_up(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.is_up)
    }

    /// Whether it was tried and does not work.
    pub fn is_down(&self) -> bool {
        self.state.as_ref().is_some_and(|state| !state.is_up)
    }
}

impl Links {
    /// The way to one of them.
    pub fn to(&self, peer: Peer) -> &Link {
        match peer {
            Peer::Nats => &self.nats,
            Peer::Conductor => &self.conductor,
            Peer::Sdb => &self.sdb,
        }
    }

    /// Whether what is shown is news and acts can be sent: both NATS and the conductor are there.
    pub fn are_up(&self) -> bool {
        self.nats.is_up() && self.conductor.is_up()
    }

    /// Where the snapshot is.
    pub fn sync(&self) -> &Sync {
        &self.sync
    }

    /// Takes in how the way to somebody is, and says whether that is news.
    pub(super) fn fold(&mut self, now: Timestamp, peer: Peer, state: LinkState) -> bool {
        let link = match peer {
            Peer::Nats => &mut self.nats,
            Peer::Conductor => &mut self.conductor,
            Peer::Sdb => &mut self.sdb,
        };
        if link
            .state
            .as_ref()
            .is_none_or(|before| before.is_up != state.is_up)
        {
            link.since = Some(now);
        }
        let is_news = link.state.as_ref() != Some(&state);
        link.state = Some(state);
        is_news
    }
}
