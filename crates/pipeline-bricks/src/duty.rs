//! What the providers do beside their runs: they say how they are, and they stop in order.

use crate::{registry::Registry, station::Station};
use domain::{ProviderName, ServiceState};
use messaging::{Bus, Micro};
use std::{collections::BTreeMap, fs::File, sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// How often each provider says its status (protocol section 2).
const STATUS: Duration = Duration::from_secs(5);
/// Changes are said at most this often: a busy provider goes between ready and busy a thousand times a second.
const SETTLED: Duration = Duration::from_millis(100);
/// How long interrupted runs may take to leave; longer than a task has for it.
const LEAVE: Duration = Duration::from_secs(6);

/// What the duties need.
pub(crate) struct Duty {
    pub(crate) bus: Option<Bus>,
    /// Fired when nothing more will be said.
    pub(crate) closing: CancellationToken,
    /// How long runs at work may go on after the stop.
    pub(crate) drain: Duration,
}

/// Says the status of all providers until the stop, then sees them off. `lock` is held until then.
pub(crate) async fn run(duty: Duty, registry: Arc<Registry>, lock: Option<File>) -> anyhow::Result<()> {
    // Whatever happens here, the voice must not wait for more.
    let _closing = duty.closing.clone().drop_guard();
    let tools = Arc::clone(registry.tools());
    let stop = tools.shutdown.token();
    let mut tick = interval(STATUS);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut listed = BTreeMap::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {
                list(duty.bus.as_ref(), &registry, &mut listed).await;
                say_all(&registry, None, false);
                registry.all().iter().for_each(|station| station.forget());
            }
            () = tools.changed.notified() => {
                say_all(&registry, None, true);
                sleep(SETTLED).await;
                registry.all().iter().for_each(|station| station.say_waiting());
            }
        }
    }
    see_off(&registry, duty.drain).await;
    for micro in listed.into_values() {
        micro.stop().await;
    }
    say_all(&registry, Some(ServiceState::Stopped), false);
    drop(lock);
    Ok(())
}

/// Lets what is at work finish, for a while; then asks it to leave, and waits for that.
async fn see_off(registry: &Registry, drain: Duration) {
    let stations = registry.all();
    for station in &stations {
        station.drain();
    }
    say_all(registry, None, false);
    let began = Instant::now();
    let mut interrupted = false;
    let mut tick = interval(STATUS);
    tick.tick().await;
    while stations.iter().any(|station| station.load().0 > 0) {
        let until = began + drain + if interrupted { LEAVE } else { Duration::ZERO };
        tokio::select! {
            () = registry.tools().changed.notified() => {}
            _ = tick.tick() => say_all(registry, None, false),
            () = sleep_until(until) => {
                if interrupted {
                    tracing::warn!("runs are still at work; they will be known as restarted");
                    return;
                }
                interrupted = true;
                for station in &stations { station.interrupt(); }
            }
        }
    }
}

fn say_all(registry: &Registry, state: Option<ServiceState>, only_changes: bool) {
    for station in registry.all() {
        station.say_status(state, only_changes);
    }
}

/// Answers the NATS service protocol for each provider.
async fn list(bus: Option<&Bus>, registry: &Registry, listed: &mut BTreeMap<ProviderName, Micro>) {
    let Some(bus) = bus else { return };
    for station in registry.all() {
        if !listed.contains_key(&station.provider)
            && let Some(micro) = list_one(bus, &station).await
        {
            listed.insert(station.provider.clone(), micro);
        }
    }
}

async fn list_one(bus: &Bus, station: &Station) -> Option<Micro> {
    let (name, version) = (station.provider.as_str(), station.tools.version.as_str());
    match bus
        .serve_micro(name, version, "A pipeline of the orchestra")
        .await
    {
        Ok(micro) => Some(micro),
        Err(error) => {
            tracing::debug!(%error, "not listed");
            None
        }
    }
}
