//! What was said a moment ago, read from the stream, for those who do not want to wait until it is said again.

use crate::bus::{Bus, REQUEST_TIMEOUT};
use crate::listen::{ListenError, activity};
use crate::subject::ActivitySubject;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use domain::Activity;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::timeout;

/// If we are killed while we read, the server forgets our consumer after this.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(5);

/// A message of the stream of activity.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// When the server took it.
    pub at: Timestamp,
    /// What it says.
    pub said: Activity,
}

impl Bus {
    /// The last messages on `activity.*` that the stream has, at most `count`, oldest first; what cannot be
    /// read is left out. Empty if there is no stream.
    ///
    /// # Errors
    /// The server does not answer, or refuses.
    pub async fn recent_activity(&self, count: u64) -> Result<Vec<Said>, ListenError> {
        match timeout(REQUEST_TIMEOUT, self.read_recent(count)).await {
            Ok(read) => read,
            Err(_) => Err(error("the server does not answer")),
        }
    }

    async fn read_recent(&self, count: u64) -> Result<Vec<Said>, ListenError> {
        let Ok(name) = self.jetstream().stream_by_subject(ActivitySubject::FILTER).await else {
            return Ok(Vec::new());
        };
        let stream = self.jetstream().get_stream(&name).await.map_err(error)?;
        let state = &stream.cached_info().state;
        if state.messages == 0 {
            return Ok(Vec::new());
        }
        let start = state.last_sequence.saturating_sub(count.saturating_sub(1));
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: start.max(state.first_sequence),
            },
            filter_subject: ActivitySubject::FILTER.to_owned(),
            ack_policy: AckPolicy::None,
            inactive_threshold: FORGOTTEN_AFTER,
            memory_storage: true,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(error)?;
        let most = usize::try_from(count).unwrap_or(usize::MAX);
        let mut messages = consumer
            .fetch()
            .max_messages(most)
            .messages()
            .await
            .map_err(error)?;
        let mut read = Vec::new();
        while let Some(message) = messages.next().await {
            let message = message.map_err(error)?;
            let taken = message.info().map_err(error)?.published.unix_timestamp_nanos();
            if let (Ok(at), Ok((_, said))) = (Timestamp::from_nanosecond(taken), activity(&message)) {
                read.push(Said { at, said });
            }
        }
        // The server would forget it by itself.
        stream.delete_consumer(&consumer.cached_info().name).await.ok();
        Ok(read)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
fn error(reason: impl ToString) -> ListenError {
    ListenError::new(ActivitySubject::FILTER, reason.to_string())
}
