//! The source: its feed and its replays, in memory as the journal has them.
//!
//! One writer at a time journals first and shows afterwards; readers never wait for the disk.

mod replay;
mod state;

pub use replay::ReplayError;

use crate::journal::{AnnouncedEntry, Entry, Journal, JournalError};
use crate::packet::Packet;
use crate::script::Act;
use crate::table;
use api::feed::FeedItem;
use api::vhf::{self, ReplayRequest};
use domain::{Announcement, ObsId, ProductName, Sha256, Version};
use jiff::Timestamp;
use replay::Replay;
use sha2::Digest as _;
use state::State;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::watch;
use url::Url;

/// The most announcements of one sync; a burst's messages have at most four packets.
const MAX_BATCH: usize = 64;

/// Replays that run at once; each is a timer and some memory.
const MAX_RUNNING: usize = 16;

/// The VHF source.
#[derive(Debug)]
pub struct Source {
    base: Url,
    writer: Mutex<Journal>,
    state: RwLock<State>,
    /// Rises with each change, for those who wait for one.
    changes: watch::Sender<u64>,
}

/// How far the source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Replays at work.
    pub running: u64,
    /// Announcements that the stream does not have yet.
    pub unpublished: u64,
    /// The last number of the feed.
    pub head: u64,
}

impl Source {
    /// Opens the journal of a directory and takes up where it ends; `base` is where packets are fetched.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub fn open(directory: &Path, base: Url, new_feed: &str) -> Result<Self, JournalError> {
        let (mut journal, mut entries) = Journal::open(directory)?;
        if entries.is_empty() {
            entries.push(Entry::Feed {
                feed: new_feed.to_owned(),
            });
            journal.append(&entries)?;
        }
        let mut state = State::default();
        for entry in entries {
            state.fold(entry);
        }
        Ok(Self {
            base,
            writer: Mutex::new(journal),
            state: RwLock::new(state),
            changes: watch::channel(0).0,
        })
    }

    /// The last time that the journal knows; the clock must not start before it.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.read().last_at
    }

    /// The feed's uuid.
    pub fn feed(&self) -> String {
        self.read().feed.clone()
    }

    /// Tells of each change of the source.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let state = self.read();
        let head = state.announced.len() as u64;
        let running = state.replays.iter().filter(|replay| replay.is_running()).count() as u64;
        Progress {
            running,
            unpublished: head - state.published,
            head,
        }
    }

    /// The announcements after a position, at most `limit`, and the last number of all.
    pub fn events(&self, after: u64, limit: usize) -> (Vec<FeedItem>, u64) {
        let state = self.read();
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        let items = state
            .announced
            .iter()
            .skip(skipped)
            .take(limit)
            .map(|entry| FeedItem {
                n: entry.n,
                announcement: entry.announcement.clone(),
            });
        (items.collect(), state.announced.len() as u64)
    }

    /// The announcements that the stream does not have yet, at most `limit`.
    pub fn unpublished(&self, limit: usize) -> Vec<FeedItem> {
        let published = self.read().published;
        self.events(published, limit).0
    }

    /// Notes that the stream has everything up to `n`.
    ///
    /// # Errors
    /// [`JournalError::Write`]; the worst of it is a repeat after a restart.
    pub fn published(&self, n: u64) -> Result<(), JournalError> {
        let mut journal = self.writer();
        let entry = Entry::Published { n };
        let noted = journal.note(&entry);
        self.show([entry]);
        noted
    }

    /// Takes up a replay.
    ///
    /// # Errors
    /// See [`ReplayError`].
    pub fn start(&self, now: Timestamp, request: &ReplayRequest) -> Result<vhf::Replay, ReplayError> {
        let mut journal = self.writer();
        let (id, running) = {
            let state = self.read();
            (
                state.replays.len() as u64 + 1,
                state.replays.iter().filter(|replay| replay.is_running()).count(),
            )
        };
        let entry = replay::accept(id, now, request)?;
        if running >= MAX_RUNNING {
            return Err(ReplayError::TooMany(MAX_RUNNING));
        }
        journal.append(&[Entry::Replay(entry.clone())])?;
        self.show([Entry::Replay(entry)]);
        self.replay(id).ok_or(ReplayError::Unknown(id))
    }

    /// Stops a replay; one that has ended stays as it is.
    ///
    /// # Errors
    /// See [`ReplayError`].
    pub fn stop(&self, now: Timestamp, id: u64) -> Result<vhf::Replay, ReplayError> {
        let mut journal = self.writer();
        let replay = self.replay(id).ok_or(ReplayError::Unknown(id))?;
        if replay.state == vhf::ReplayState::Running {
            let entry = Entry::Stopped { replay: id, at: now };
            journal.append(std::slice::from_ref(&entry))?;
            self.show([entry]);
        }
        self.replay(id).ok_or(ReplayError::Unknown(id))
    }

    /// Every replay, newest first.
    pub fn replays(&self) -> Vec<vhf::Replay> {
        self.read().replays.iter().rev().map(Replay::view).collect()
    }

    /// One replay.
    pub fn replay(&self, id: u64) -> Option<vhf::Replay> {
        self.read().replay(id).map(Replay::view)
    }

    /// Announces every step that is due, and says when the next one will be.
    ///
    /// # Errors
    /// [`JournalError::Write`]: nothing was announced, and it may be tried again.
    pub fn advance(&self, now: Timestamp) -> Result<Option<Timestamp>, JournalError> {
        let mut journal = self.writer();
        loop {
            let batch = self.due(now);
            if batch.is_empty() {
                return Ok(self.read().next_due(now));
            }
            journal.append(&batch)?;
            service_kit::crash::point("after-commit");
            self.show(batch);
        }
    }

    /// The packets of an observation, or of one input of it: every version that was announced.
    pub fn packets(&self, obs_id: &ObsId) -> Vec<vhf::Packet> {
        self.read().packets(obs_id)
    }

    /// The bytes of a packet that was announced: of this version, or the latest.
    pub fn packet(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        version: Option<Version>,
    ) -> Option<(vhf::Packet, Vec<u8>)> {
        let state = self.read();
        let (entry, packet) = state.packet(obs_id, product, version)?;
        let bytes = packet_of(entry)?.bytes();
        Some((packet, bytes))
    }

    /// The entries of the steps that are due, numbered on from the feed's last.
    fn due(&self, now: Timestamp) -> Vec<Entry> {
        let state = self.read();
        let mut batch: Vec<Entry> = Vec::new();
        for replay in state.replays.iter().filter(|replay| replay.is_running()) {
            for due in replay.due(now) {
                if batch.len() == MAX_BATCH {
                    return batch;
                }
                let n = (state.announced.len() + batch.len()) as u64 + 1;
                batch.push(Entry::Announced(Box::new(
                    self.announce(&state, &batch, n, now, &due),
                )));
            }
        }
        batch
    }

    fn announce(
        &self,
        state: &State,
        batch: &[Entry],
        n: u64,
        now: Timestamp,
        due: &replay::Due<'_>,
    ) -> AnnouncedEntry {
        let obs_id: ObsId = due
            .burst
            .id
            .parse()
            .expect("the ids of bursts are tested to be obs_ids");
        let product = &due.step.product;
        let mut announcement = Announcement::of(product.clone(), obs_id.clone());
        announcement.burst_id = Some(due.burst.id.into());
        announcement.at = Some(now);
        let seq = match due.step.act {
            Act::Packet { seq } => {
                let version = Version(state.packets_of(batch, &obs_id, product) + 1);
                let packet = Packet {
                    burst: due.burst,
                    message: due.step.message,
                    product,
                    seq,
                    version,
                };
                let bytes = packet.bytes();
                announcement.version = Some(version);
                announcement.href = Some(self.href(&obs_id, product, version));
                announcement.size = Some(bytes.len() as u64);
                announcement.sha256 = Some(Sha256::from_bytes(sha2::Sha256::digest(&bytes).into()));
                announcement.meta = Some(packet.meta());
                Some(seq)
            }
            Act::Retraction => {
                announcement.retracted = true;
                announcement.meta = Some(packet_meta_of_retraction(due));
                None
            }
        };
        AnnouncedEntry {
            n,
            replay: due.replay,
            message: due.step.message,
            seq,
            announcement,
        }
    }

    fn href(&self, obs_id: &ObsId, product: &ProductName, version: Version) -> String {
        format!(
            "{}/vhf/{obs_id}/{product}?version={version}",
            self.base.as_str().trim_end_matches('/')
        )
    }

    fn show(&self, entries: impl IntoIterator<Item = Entry>) {
        let mut state = self.write();
        for entry in entries {
            state.fold(entry);
        }
        drop(state);
        self.changes.send_modify(|count| *count += 1);
    }

    // A panic while a lock was held leaves the journal ahead of the state at most; both are still whole.
    fn writer(&self) -> MutexGuard<'_, Journal> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn packet_meta_of_retraction(due: &replay::Due<'_>) -> domain::JsonObject {
    let (product, version) = (&due.step.product, Version::FIRST);
    Packet {
        burst: due.burst,
        message: due.step.message,
        product,
        seq: 0,
        version,
    }
    .meta()
}

/// The packet that an entry announced; none for a withdrawal.
fn packet_of(entry: &AnnouncedEntry) -> Option<Packet<'_>> {
    let burst = table::burst(entry.announcement.burst_id.as_deref()?)?;
    Some(Packet {
        burst,
        message: entry.message,
        product: entry.announcement.product.as_ref()?,
        seq: entry.seq?,
        version: entry.announcement.version?,
    })
}
