//! Hearing `activity.>`: what pipelines say of their runs, and that services live.

use crate::dispatch::unexplained;
use crate::herald::Herald;
use crate::in_force::Graphs;
use crate::inbox::{Lanes, Read, Word};
use crate::presence::Presence;
use crate::targets::Targets;
use conductor_core::{Event, Report};
use domain::{Activity, ObsId, ProcessingActivity, ProcessingState, ServiceName, ServiceState};
use messaging::{Bus, Heard};
use service_kit::Clock;
use tokio_util::sync::CancellationToken;

/// Listens until the stop. A message that is missed is made up for by `data.sdb` or by asking.
pub(crate) async fn listen(
    bus: Bus,
    lanes: Lanes,
    presence: Presence,
    graphs: Graphs,
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
                    if let Some(word) = word(said, &from, &graphs.get().targets)
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
                // What a conductor says: another one, for our own is not heard.
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

/// What a pipeline's message says of a run. Who makes the product can have a run of it that we do not know; of anybody
/// else, `accepted` says no more than the answer to the POST did. The canary's pipeline says nothing, so whoever
/// speaks of it is another.
fn word(said: ProcessingActivity, from: &ServiceName, targets: &Targets) -> Option<Word> {
    if said.obs_id.is_canary() {
        return None;
    }
    let ProcessingActivity {
        product,
        run_id,
        attempt,
        ..
    } = said;
    let own = targets.target(&product).map(|target| target.provider.as_str());
    let is_its_provider = own == Some(from.as_str());
    let report = match said.state {
        ProcessingState::Accepted | ProcessingState::Running if is_its_provider => {
            let at_work = said.state == ProcessingState::Running;
            return Some(about(
                said.obs_id,
                Event::Overheard {
                    product,
                    run_id,
                    attempt,
                    at_work,
                },
            ));
        }
        ProcessingState::Accepted => return None,
        ProcessingState::Running => Report::Running,
        ProcessingState::Succeeded => Report::Succeeded {
            version: said.product_version,
        },
        ProcessingState::Failed => Report::Failed(said.error.unwrap_or_else(unexplained)),
        ProcessingState::Cancelled => Report::Cancelled,
    };
    Some(about(
        said.obs_id,
        Event::Reported {
            product,
            run_id,
            attempt,
            report,
        },
    ))
}

fn about(obs_id: ObsId, event: Event) -> Word {
    Word::Runs {
        obs_id,
        events: vec![event],
        call: None,
    }
}
