//! Messages that were delivered so often that something may be wrong with them.
//!
//! What makes the decider panic is put aside at once. What ends the whole process (an overflowing stack, all
//! memory) leaves no one to do so: the message comes again and kills the next process. So before a message that
//! came often is decided about, that is noted in the ledger; one that was begun several times and never stored is
//! put aside. A message that merely was delivered often, since the server or we were restarted, is not.

use super::Writer;
use super::turn::Turn;
use jiff::Timestamp;

/// Deliveries that need no suspicion.
const USUAL_DELIVERIES: u64 = 5;

/// How often a decision about a suspect may begin and not be stored.
const TRIES: u32 = 3;

impl Writer {
    /// Puts aside what the process probably dies of; none at the stop.
    pub(super) async fn judge_suspects(&mut self, turn: &mut Turn, now: Timestamp) -> Option<()> {
        let ledger = self.parts.ledger.clone();
        for place in suspects(turn) {
            let sequence = turn.deliveries.get(place)?.stream_sequence;
            let tries = self
                .insist(&turn.deliveries, || ledger.begin_suspect(sequence))
                .await?;
            if tries > TRIES {
                let reason = format!("the conductor died {TRIES} times while it decided about this message");
                turn.put_aside_delivery(place, &reason, now);
            }
        }
        Some(())
    }

    /// What was suspected is stored.
    pub(super) async fn clear_suspects(&self, turn: &Turn) -> Option<()> {
        let stored: Vec<u64> = suspects(turn)
            .into_iter()
            .filter_map(|place| Some(turn.deliveries.get(place)?.stream_sequence))
            .collect();
        if stored.is_empty() {
            return Some(());
        }
        let ledger = self.parts.ledger.clone();
        self.insist(&turn.deliveries, || ledger.clear_suspects(&stored))
            .await
    }
}

fn suspects(turn: &Turn) -> Vec<usize> {
    let often = |(place, delivery): (usize, &messaging::Delivery)| {
        (delivery.delivered > USUAL_DELIVERIES).then_some(place)
    };
    turn.deliveries.iter().enumerate().filter_map(often).collect()
}
