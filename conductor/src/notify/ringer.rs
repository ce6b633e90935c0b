//! Who tells the notices of one bell, each until it is taken.

use super::bell::Bell;
use super::command;
use crate::ledger::Ledger;
use api::conductor::Notice;
use api::{ApiError, WebhookClient};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use service_kit::in_full;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two attempts, at first.
const MIN_PAUSE: Duration = Duration::from_secs(1);

/// And at most: who was called should not sleep much longer than the webhook did.
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// Where notices go.
#[derive(Debug)]
pub(crate) enum Sink {
    /// POSTed.
    Webhook(WebhookClient),
    /// Given to a command of the shell.
    Command(String),
}

/// Tells.
#[derive(Debug)]
pub(crate) struct Ringer {
    bell: Bell,
    sink: Sink,
    ledger: Ledger,
    /// Notices that were told before the ledger had them, by their ids: there they are not told again.
    told: BTreeSet<String>,
}

/// What came of an attempt.
enum Told {
    Taken,
    /// It will never be taken.
    Refused(String),
    NotNow(String),
}

impl Ringer {
    /// Who tells, and what is to be rung for it.
    pub(crate) fn new(sink: Sink, ledger: Ledger) -> (Self, Bell) {
        let bell = Bell::new(match sink {
            Sink::Webhook(_) => "webhook",
            Sink::Command(_) => "command",
        });
        let ringer = Self {
            bell: bell.clone(),
            sink,
            ledger,
            told: BTreeSet::new(),
        };
        (ringer, bell)
    }

    /// Tells one after the other until the stop; first what was left from before.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        let backoff = ExponentialBuilder::new()
            .with_min_delay(MIN_PAUSE)
            .with_max_delay(MAX_PAUSE)
            .without_max_times();
        let mut left = backoff.build();
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                next = self.tell_next() => next,
            };
            let pause = match next {
                Ok(true) => {
                    left = backoff.build();
                    continue;
                }
                Ok(false) => tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = self.bell.rung() => continue,
                },
                Err(reason) => {
                    let pause = left.next().unwrap_or(MAX_PAUSE);
                    let (bell, pause_s) = (self.bell.name(), pause.as_secs());
                    tracing::warn!(bell, reason, pause_s, "nobody could be told; it is tried again");
                    pause
                }
            };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Tells the first notice that waits; false if none does. Between the telling and its being noted the
    /// process may end: then it is told twice, with the same id.
    async fn tell_next(&mut self) -> Result<bool, String> {
        if let Some(notice) = self.bell.first_unstored() {
            self.tell(&notice).await?;
            self.told.insert(notice.id);
            self.bell.unstored_told();
            return Ok(true);
        }
        let next = self.ledger.next_notice(self.bell.name()).await;
        let Some((n, notice)) = next.map_err(|error| in_full(&error))? else {
            return Ok(false);
        };
        if !self.told.contains(&notice.id) {
            self.tell(&notice).await?;
        }
        self.ledger
            .notice_told(n)
            .await
            .map_err(|error| in_full(&error))?;
        self.told.remove(&notice.id);
        Ok(true)
    }

    /// Tells a notice; an error if that is to be tried again.
    async fn tell(&self, notice: &Notice) -> Result<(), String> {
        let bell = self.bell.name();
        let (outcome, told) = match self.sink.tell(notice).await {
            Told::Taken => ("taken", Ok(())),
            Told::Refused(reason) => {
                let id = &notice.id;
                tracing::error!(bell, notice = %id, reason, "a notice was refused for good, and is forgotten");
                ("refused", Ok(()))
            }
            Told::NotNow(reason) => ("failed", Err(reason)),
        };
        metrics::counter!("conductor_notices_total", "bell" => bell, "outcome" => outcome).increment(1);
        told
    }
}

impl Sink {
    async fn tell(&self, notice: &Notice) -> Told {
        match self {
            Self::Webhook(webhook) => match webhook.tell(notice).await {
                Ok(()) => Told::Taken,
                Err(error) if is_for_good(&error) => Told::Refused(in_full(&error)),
                Err(error) => Told::NotNow(in_full(&error)),
            },
            Self::Command(line) => match command::run(line, notice).await {
                Ok(()) => Told::Taken,
                Err(error) => Told::NotNow(in_full(&error)),
            },
        }
    }
}

/// Whether the webhook will never take this notice: it says that the request is wrong. 404 is a webhook that is
/// still to be set up, 408 and 429 are none of the request's fault, and 401 and 403 an operator's to put right.
fn is_for_good(error: &ApiError) -> bool {
    matches!(error.status(), Some(400 | 413 | 415 | 422))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Http;
    use axum::http::StatusCode;
    use axum::{Json, Router, routing::post};
    use domain::{AlertState, Severity};
    use std::collections::VecDeque;
    use std::path::Path;
    use std::sync::{Arc, Mutex};
    use tokio::net::TcpListener;
    use url::Url;

    use crate::ledger::AlertBatch;

    const DEADLINE: Duration = Duration::from_secs(30);

    /// A webhook that answers as it is told, and then takes everything.
    #[derive(Debug, Clone, Default)]
    struct Webhook {
        answers: Arc<Mutex<VecDeque<u16>>>,
        heard: Arc<Mutex<Vec<(u16, String)>>>,
    }

    impl Webhook {
        fn answering(answers: impl IntoIterator<Item = u16>) -> Self {
            let webhook = Self::default();
            webhook.answers.lock().unwrap().extend(answers);
            webhook
        }

        async fn serve(&self) -> Url {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/hook?key=1", listener.local_addr().unwrap());
            let Self { answers, heard } = self.clone();
            let take = async move |Json(notice): Json<Notice>| {
                let answer = answers.lock().unwrap().pop_front().unwrap_or(204);
                heard.lock().unwrap().push((answer, notice.id));
                StatusCode::from_u16(answer).unwrap()
            };
            let router = Router::new().route("/hook", post(take));
            let serving = async { axum::serve(listener, router).await };
            service_kit::Shutdown::default().spawn("webhook", async { Ok(serving.await?) });
            url.parse().unwrap()
        }

        fn heard(&self) -> Vec<(u16, String)> {
            self.heard.lock().unwrap().clone()
        }

        async fn has_heard(&self, wanted: &[(u16, &str)]) {
            let wanted: Vec<(u16, String)> = wanted
                .iter()
                .map(|(code, id)| (*code, (*id).to_owned()))
                .collect();
            testkit::eventually(DEADLINE, async || self.heard() == wanted).await;
        }
    }

    async fn ledger(folder: &Path) -> Ledger {
        Ledger::open(&folder.join("ledger.db")).await.unwrap()
    }

    async fn leave(ledger: &Ledger, ids: impl IntoIterator<Item = String>) {
        let at = "2026-11-24T08:00:00Z".parse().unwrap();
        let notice = |id| Notice {
            id,
            state: AlertState::Raised,
            fingerprint: "x".to_owned(),
            severity: Severity::Warning,
            title: "it stands".to_owned(),
            count: 1,
            targets: Vec::new(),
            since: at,
            at,
        };
        let notices = ids.into_iter().map(|id| ("webhook", notice(id))).collect();
        let batch = AlertBatch {
            notices,
            ..AlertBatch::default()
        };
        ledger.store_alerts(&batch).await.unwrap();
    }

    fn named(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn ringer(url: Url, ledger: &Ledger) -> (Ringer, Bell) {
        let webhook = WebhookClient::new(Http::new(), url);
        Ringer::new(Sink::Webhook(webhook), ledger.clone())
    }

    #[tokio::test]
    async fn each_is_told_in_order_until_it_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(folder.path()).await;
        let webhook = Webhook::answering([503, 204, 422]);
        let (ringer, bell) = ringer(webhook.serve().await, &ledger);
        let stop = CancellationToken::new();
        leave(&ledger, named(&["a", "b"])).await;
        let script = async {
            // What is refused for good is not in the way of what comes after it.
            webhook.has_heard(&[(503, "a"), (204, "a"), (422, "b")]).await;
            leave(&ledger, named(&["c"])).await;
            bell.ring();
            webhook
                .has_heard(&[(503, "a"), (204, "a"), (422, "b"), (204, "c")])
                .await;
            testkit::eventually(DEADLINE, async || {
                ledger.next_notice("webhook").await.unwrap().is_none()
            })
            .await;
            stop.cancel();
        };
        let (ran, ()) = tokio::join!(ringer.run(stop.clone()), script);
        ran.unwrap();
    }

    #[tokio::test]
    async fn what_nobody_took_is_told_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(folder.path()).await;
        leave(&ledger, named(&["a"])).await;
        let dead: Url = format!("http://127.0.0.1:{}/hook", testkit::free_port())
            .parse()
            .unwrap();
        let (mut dead, _) = ringer(dead, &ledger);
        let reason = dead.tell_next().await.unwrap_err();
        assert!(reason.contains("cannot be reached"), "{reason}");
        assert!(ledger.next_notice("webhook").await.unwrap().is_some());

        let webhook = Webhook::default();
        let (mut ringer, _) = ringer(webhook.serve().await, &ledger);
        assert_eq!(ringer.tell_next().await, Ok(true));
        assert_eq!(ringer.tell_next().await, Ok(false));
        assert_eq!(webhook.heard(), [(204, "a".to_owned())]);
    }

    #[tokio::test]
    async fn what_the_ledger_takes_later_is_told_at_once_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(folder.path()).await;
        let webhook = Webhook::answering([503]);
        let (mut ringer, bell) = ringer(webhook.serve().await, &ledger);
        leave(&ledger, named(&["a"])).await;
        let (_, notice) = ledger.next_notice("webhook").await.unwrap().unwrap();
        bell.ring_for([notice]);
        assert!(ringer.tell_next().await.is_err());
        while ringer.tell_next().await.unwrap() {}
        assert_eq!(webhook.heard(), [(503, "a".to_owned()), (204, "a".to_owned())]);
        leave(&ledger, named(&["b"])).await;
        while ringer.tell_next().await.unwrap() {}
        assert_eq!(webhook.heard().last(), Some(&(204, "b".to_owned())));
        assert_eq!(ledger.next_notice("webhook").await.unwrap(), None);
    }

    #[tokio::test]
    async fn of_too_many_the_oldest_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(folder.path()).await;
        leave(&ledger, (0..1_001).map(|n| n.to_string())).await;
        let (_, first) = ledger.next_notice("webhook").await.unwrap().unwrap();
        assert_eq!(first.id, "1");
        assert_eq!(ledger.next_notice("command").await.unwrap(), None);
    }
}
