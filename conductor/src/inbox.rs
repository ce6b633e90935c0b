//! What comes in for the writer, by lane.
//!
//! | lane | from | why apart |
//! |---|---|---|
//! | data | the stream and the feeds | acknowledged after the commit; goes first, since products start others |
//! | words | `activity.*`, the dispatcher's answers | hints, and many of them |
//! | desk | operators | somebody waits for the answer |

use api::feed::FeedItem;
use conductor_core::Event;
use domain::{ObsId, ProviderName, ServiceName};
use messaging::{Delivery, Position};
use tokio::sync::{mpsc, oneshot};

/// Batches of the stream that wait while one is decided: the next one, and no more, so that what is read and
/// not yet acknowledged stays well below what the server lets us hold.
const DATA_CAPACITY: usize = 2;

/// Words that wait; a full lane makes pipelines' messages wait in the NATS client.
const WORDS_CAPACITY: usize = 4_096;

/// What brings data, as far as the conductor must have read it before it sends anything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// The stream `DATA`.
    Stream,
    /// The feed of the SDB or of another source.
    Feed(ServiceName),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stream => f.write_str("the stream"),
            Self::Feed(source) => write!(f, "the feed of {source}"),
        }
    }
}

/// The data lane.
#[derive(Debug)]
pub(crate) enum Read {
    /// Messages of the stream, in order.
    Stream {
        /// The messages, to be acknowledged after the commit.
        deliveries: Vec<Delivery>,
        /// Up to where the stream is read once they are committed.
        position: Position,
        /// Told after the commit.
        committed: oneshot::Sender<()>,
    },
    /// The stream is another one, to be read from its start: what was in the old one is in the feeds.
    StreamReset(Position),
    /// A page of a feed, in order.
    Feed {
        /// Whose.
        source: ServiceName,
        /// The feed.
        feed: String,
        /// Its announcements.
        items: Vec<FeedItem>,
        /// Up to where the feed is read once they are committed.
        through: u64,
        /// Told after the commit.
        committed: oneshot::Sender<()>,
    },
    /// All that was there when the conductor started was sent before this.
    CaughtUp(Origin),
    /// What pipelines said may have been missed: what they have is asked about. No data, but as rare as it is
    /// far-reaching, so it does not wait behind the words.
    WordsMissed,
}

/// The words lane.
#[derive(Debug)]
pub(crate) enum Word {
    /// What happened to an observation's runs.
    Runs {
        /// The observation.
        obs_id: ObsId,
        /// What happened, in order.
        events: Vec<Event>,
        /// Whether a provider that was called for it was reached, if that is news.
        call: Option<Call>,
    },
    /// A service said that it is well; it may be a provider that was not reached.
    Spoke(ServiceName),
}

/// How a call to a provider went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The provider.
    pub(crate) provider: ProviderName,
    /// Whether it answered; if not, the connection was refused or could not be made.
    pub(crate) reached: bool,
}

/// The writer's side.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// The data lane.
    pub(crate) data: mpsc::Receiver<Read>,
    /// The words lane.
    pub(crate) words: mpsc::Receiver<Word>,
}

/// The others' side; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    /// The data lane.
    pub(crate) data: mpsc::Sender<Read>,
    /// The words lane.
    pub(crate) words: mpsc::Sender<Word>,
}

/// The lanes.
pub(crate) fn open() -> (Lanes, Inbox) {
    let (data, data_receiver) = mpsc::channel(DATA_CAPACITY);
    let (words, words_receiver) = mpsc::channel(WORDS_CAPACITY);
    let inbox = Inbox {
        data: data_receiver,
        words: words_receiver,
    };
    (Lanes { data, words }, inbox)
}
