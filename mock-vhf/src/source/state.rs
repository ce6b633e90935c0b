//! What the journal says, folded.

use super::replay::Replay;
use crate::journal::{AnnouncedEntry, Entry};
use api::vhf::Packet;
use domain::{ObsId, ProductName, Version};
use jiff::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) feed: String,
    /// The feed: the entry of number `n` is at `n - 1`.
    pub(super) announced: Vec<AnnouncedEntry>,
    /// The stream has everything up to here.
    pub(super) published: u64,
    pub(super) replays: Vec<Replay>,
    pub(super) last_at: Option<Timestamp>,
    inputs: BTreeMap<(ObsId, ProductName), Input>,
}

/// One input of an observation.
#[derive(Debug, Default)]
struct Input {
    /// Where its packets are in the feed: version `v` is at `v - 1`.
    packets: Vec<usize>,
    /// So many of them were withdrawn.
    withdrawn: usize,
}

impl State {
    pub(super) fn fold(&mut self, entry: Entry) {
        match entry {
            Entry::Feed { feed } => self.feed = feed,
            Entry::Replay(replay) => {
                self.saw(replay.at);
                self.replays.push(Replay::new(replay));
            }
            Entry::Announced(entry) => self.fold_announced(*entry),
            Entry::Published { n } => self.published = n.min(self.announced.len() as u64),
            Entry::Stopped { replay, at } => {
                self.saw(at);
                if let Some(replay) = self.replay_mut(replay) {
                    replay.stopped(at);
                }
            }
        }
    }

    pub(super) fn replay(&self, id: u64) -> Option<&Replay> {
        self.replays.get(index(id)?)
    }

    /// When the next step of any replay is due.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let running = self.replays.iter().filter(|replay| replay.is_running());
        running.map(|replay| replay.due_at().max(now)).min()
    }

    /// How many packets of an input were announced, those of an unwritten batch included.
    pub(super) fn packets_of(&self, batch: &[Entry], obs_id: &ObsId, product: &ProductName) -> u64 {
        let written = self
            .inputs
            .get(&(obs_id.clone(), product.clone()))
            .map_or(0, |input| input.packets.len());
        let unwritten = batch.iter().filter(|entry| match entry {
            Entry::Announced(entry) => {
                entry.seq.is_some()
                    && entry.announcement.obs_id == *obs_id
                    && entry.announcement.product.as_ref() == Some(product)
            }
            Entry::Feed { .. } | Entry::Replay(_) | Entry::Published { .. } | Entry::Stopped { .. } => false,
        });
        (written + unwritten.count()) as u64
    }

    pub(super) fn packets(&self, obs_id: &ObsId) -> Vec<Packet> {
        let of_observation = self.inputs.iter().filter(|((of, _), _)| of == obs_id);
        of_observation
            .flat_map(|(_, input)| (0..input.packets.len()).filter_map(|at| self.view(input, at)))
            .collect()
    }

    /// The packet of this version, or the latest.
    pub(super) fn packet(
        &self,
        obs_id: &ObsId,
        product: &ProductName,
        version: Option<Version>,
    ) -> Option<(&AnnouncedEntry, Packet)> {
        let input = self.inputs.get(&(obs_id.clone(), product.clone()))?;
        let at = version.map_or_else(|| input.packets.len().checked_sub(1), |version| index(version.0))?;
        let entry = self.announced.get(*input.packets.get(at)?)?;
        Some((entry, self.view(input, at)?))
    }

    fn view(&self, input: &Input, at: usize) -> Option<Packet> {
        let announcement = &self.announced.get(*input.packets.get(at)?)?.announcement;
        Some(Packet {
            obs_id: announcement.obs_id.clone(),
            product: announcement.product.clone()?,
            version: announcement.version?,
            size: announcement.size?,
            sha256: announcement.sha256?,
            href: announcement.href.clone()?,
            at: announcement.at?,
            retracted: at < input.withdrawn,
        })
    }

    fn fold_announced(&mut self, entry: AnnouncedEntry) {
        let announcement = &entry.announcement;
        if let Some(at) = announcement.at {
            self.saw(at);
            if let Some(replay) = self.replay_mut(entry.replay) {
                replay.announced(at);
            }
        }
        if let Some(product) = &announcement.product {
            let input = self
                .inputs
                .entry((announcement.obs_id.clone(), product.clone()))
                .or_default();
            if announcement.retracted {
                input.withdrawn = input.packets.len();
            } else {
                input.packets.push(self.announced.len());
            }
        }
        self.announced.push(entry);
    }

    fn replay_mut(&mut self, id: u64) -> Option<&mut Replay> {
        self.replays.get_mut(index(id)?)
    }

    fn saw(&mut self, at: Timestamp) {
        self.last_at = self.last_at.max(Some(at));
    }
}

/// The place of what is numbered from 1.
fn index(number: u64) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}
