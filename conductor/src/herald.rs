//! `activity.conductor`: what happened, for whoever looks on.
//!
//! A hint, never the truth: who must know asks the routes. So nothing waits for it; what cannot be said while
//! there is no connection, or comes faster than it can be said, is dropped and counted.

use crate::alerts::Alert;
use crate::desk::Load;
use domain::{
    Activity, AlertActivity, AlertState, CellActivity, OperatorActivity, ProviderActivity, ProviderState,
    RejectedActivity, ServiceName,
};
use jiff::Timestamp;
use messaging::Bus;
use smol_str::SmolStr;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Sentences that wait to be said: some seconds of the busiest night.
const CAPACITY: usize = 16_384;

/// Says what happened.
#[derive(Debug, Clone)]
pub(crate) struct Herald {
    sentences: mpsc::Sender<Activity>,
    service: ServiceName,
    instance: SmolStr,
}

/// The herald's voice: [`Voice::run`] is to be spawned.
#[derive(Debug)]
pub(crate) struct Voice {
    sentences: mpsc::Receiver<Activity>,
    bus: Bus,
}

impl Herald {
    /// A herald that speaks for the service that the bus was opened for.
    pub(crate) fn new(bus: Bus) -> (Self, Voice) {
        let (sender, sentences) = mpsc::channel(CAPACITY);
        let herald = Self {
            sentences: sender,
            service: bus.name().clone(),
            instance: smol_str::format_smolstr!("{}", std::process::id()),
        };
        (herald, Voice { sentences, bus })
    }

    /// A cell changed.
    pub(crate) fn cell(&self, now: Timestamp, cell: CellActivity) {
        self.say(Activity::Cell(CellActivity {
            service: self.service.clone(),
            instance: self.instance.clone(),
            at: Some(now),
            ..cell
        }));
    }

    /// How a provider is.
    pub(crate) fn provider(&self, now: Timestamp, state: ProviderState, load: &Load) {
        let signature = load.restraint.as_ref().map(|restraint| &restraint.signature);
        self.say(Activity::Provider(ProviderActivity {
            service: self.service.clone(),
            instance: self.instance.clone(),
            at: Some(now),
            provider: load.provider.clone(),
            state,
            in_flight: load.in_flight as u64,
            queued: load.queued as u64,
            by: signature.map(|signature| signature.by.clone()),
            note: signature.and_then(|signature| signature.note.clone()),
        }));
    }

    /// An alert is new, worse, or over.
    pub(crate) fn alert(&self, now: Timestamp, alert: &Alert, state: AlertState) {
        self.say(Activity::Alert(AlertActivity {
            service: self.service.clone(),
            instance: self.instance.clone(),
            at: Some(now),
            fingerprint: alert.fingerprint.to_string(),
            severity: alert.severity,
            title: alert.title.clone(),
            targets: alert.targets.clone(),
            state,
        }));
    }

    /// A message was not used.
    pub(crate) fn rejected(&self, now: Timestamp, subject: String, reason: &str, body: &[u8]) {
        tracing::warn!(subject, reason, "a message was not used");
        metrics::counter!("conductor_rejected_messages_total").increment(1);
        self.say(Activity::Rejected(RejectedActivity {
            service: self.service.clone(),
            instance: self.instance.clone(),
            at: Some(now),
            subject,
            reason: reason.to_owned(),
            excerpt: RejectedActivity::excerpt_of(body),
        }));
    }

    /// An operator did something.
    pub(crate) fn operator(&self, act: &crate::ledger::Act) {
        self.say(Activity::Operator(OperatorActivity {
            service: self.service.clone(),
            instance: self.instance.clone(),
            at: Some(act.at),
            verb: act.verb.clone(),
            target: act.target.clone(),
            by: act.by.clone(),
            note: act.note.clone(),
            outcome: act.outcome.clone(),
        }));
    }

    fn say(&self, activity: Activity) {
        if self.sentences.try_send(activity).is_err() {
            metrics::counter!("conductor_unsaid_activities_total").increment(1);
        }
    }
}

impl Voice {
    /// Says one after the other until the stop.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        let health = self.bus.health();
        loop {
            let said = tokio::select! {
                biased;
                said = self.sentences.recv() => said,
                () = stop.cancelled() => return Ok(()),
            };
            let Some(activity) = said else { return Ok(()) };
            // What is said into no connection would arrive late, and be wrong by then.
            let connected = health.borrow().connected;
            if !connected || self.bus.say(&activity).await.is_err() {
                metrics::counter!("conductor_unsaid_activities_total").increment(1);
            }
        }
    }
}
