//! Whether somebody can be reached, told when it changes.

use super::inlet::{Gone, Inlet};
use crate::model::{LinkState, Peer, Update};
use std::time::Duration;

/// What was told last of the way to somebody.
#[derive(Debug)]
pub(super) struct Way {
    peer: Peer,
    told: Option<LinkState>,
}

impl Way {
    pub(super) fn to(peer: Peer) -> Self {
        Self { peer, told: None }
    }

    /// It works, and an answer takes so long.
    pub(super) async fn works(&mut self, inlet: &Inlet, round_trip: Option<Duration>) -> Result<(), Gone> {
        let round_trip_us = round_trip.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.tell(
            inlet,
            LinkState {
                is_up: true,
                round_trip_us,
                error: None,
            },
        )
        .await
    }

    /// It does not work, for this reason.
    pub(super) async fn fails(&mut self, inlet: &Inlet, error: impl Into<String>) -> Result<(), Gone> {
        self.tell(
            inlet,
            LinkState {
                is_up: false,
                round_trip_us: None,
                error: Some(error.into()),
            },
        )
        .await
    }

    async fn tell(&mut self, inlet: &Inlet, state: LinkState) -> Result<(), Gone> {
        let is_news = self.told.as_ref().is_none_or(|told| {
            (told.is_up, &told.error) != (state.is_up, &state.error)
                || differ(told.round_trip_us, state.round_trip_us)
        });
        if is_news {
            self.told = Some(state.clone());
            inlet.put(Update::Link(self.peer, state)).await?;
        }
        Ok(())
    }
}

/// Whether a person would call the times different: each one that is told is a frame.
fn differ(told_us: Option<u64>, now_us: Option<u64>) -> bool {
    match (told_us, now_us) {
        (Some(told), Some(now)) => told.abs_diff(now) > 1000.max(told / 2),
        (told, now) => told != now,
    }
}
