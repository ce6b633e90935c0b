//! Hearing `activity.>`: what pipelines say of their runs, and that services live.

use crate::dispatch::unexplained;
use crate::herald::Herald;
use crate::inbox::{Lanes, Read, Word};
use crate::presence::Presence;
use conductor_core::{Event, Report};
use domain::{Activity, ProcessingActivity, ProcessingState, ServiceState};
use messaging::{Bus, Heard};
use service_kit::Clock;
use tokio_util::sync::CancellationToken;

/// Listens until the stop. A message that is missed is made up for by `data.sdb` or by asking.
pub(crate) async fn listen(
    bus: Bus,
    lanes: Lanes,
    presence: Presence,
    herald: Herald,
    clock: Clock,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut feed = bus.activity().await?;
    loop {
        let heard = tokio::select! {
            heard = feed.next() => heard,
            () = stop.cancelled() => return Ok(()),
        };
        match heard {
            Some(Heard::Message { from, said }) => match said {
                Activity::Processing(said) => {
                    if let Some(word) = word(said)
                        && lanes.words.send(word).await.is_err()
                    {
                        return Ok(());
                    }
                }
                Activity::Status(said) => {
                    let well = matches!(said.state, ServiceState::Ready | ServiceState::Busy);
                    if well && lanes.words.send(Word::Spoke(from.clone())).await.is_err() {
                        return Ok(());
                    }
                    if presence.heard(from.clone(), said, clock.now()) {
                        tracing::info!(service = %from, "it started again; what it was at is asked about");
                        if lanes.data.send(Read::WordsMissed).await.is_err() {
                            return Ok(());
                        }
                    }
                }
                // Our own.
                Activity::Cell(_)
                | Activity::Provider(_)
                | Activity::Alert(_)
                | Activity::Operator(_)
                | Activity::Rejected(_) => {}
            },
            Some(Heard::Unreadable {
                subject,
                reason,
                body,
            }) => {
                // What we said ourselves is not repeated for ever.
                if subject.strip_prefix("activity.") != Some(bus.name().as_str()) {
                    herald.rejected(clock.now(), subject, &reason, &body);
                }
            }
            Some(Heard::Missed(gap)) => {
                tracing::warn!(?gap, "activity may have been missed; runs will be asked about");
                if lanes.data.send(Read::WordsMissed).await.is_err() {
                    return Ok(());
                }
            }
            None => anyhow::bail!("the connection to NATS was closed"),
        }
    }
}

/// What a pipeline's message says of a run. `accepted` says no more than the answer to the POST did.
fn word(said: ProcessingActivity) -> Option<Word> {
    let report = match said.state {
        ProcessingState::Accepted => return None,
        ProcessingState::Running => Report::Running,
        ProcessingState::Succeeded => Report::Succeeded {
            version: said.product_version,
        },
        ProcessingState::Failed => Report::Failed(said.error.unwrap_or_else(unexplained)),
        ProcessingState::Cancelled => Report::Cancelled,
    };
    Some(Word::Runs {
        obs_id: said.obs_id,
        events: vec![Event::Reported {
            product: said.product,
            run_id: said.run_id,
            attempt: said.attempt,
            report,
        }],
        call: None,
    })
}
