//! The streams `DATA` and `ACTIVITY`: made if they are not there, checked if they are.

use crate::subject::{ActivitySubject, DataSubject, covers};
use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode};
use std::fmt::Debug;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
const GIB: u64 = 1024 * 1024 * 1024;
/// Another service may make, or delete, the same stream between our two requests.
const ATTEMPTS: usize = 3;

/// What a stream should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSpec {
    /// Its name.
    pub name: String,
    /// How long a message is kept.
    pub max_age: Duration,
    /// How much is kept, in bytes; the oldest goes first.
    pub max_bytes: u64,
    /// For how long a repeated message id is recognised.
    pub duplicate_window: Duration,
    /// In how many servers of a cluster it is.
    pub replicas: usize,
}

/// What the streams of the orchestra should be; the default is PROTOCOL section 2's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Streams {
    /// Captures `data.>`.
    pub data: StreamSpec,
    /// Captures `activity.>`.
    pub activity: StreamSpec,
    /// Whether a stream that is there but differs is changed. Only one service of an orchestra should,
    /// the conductor, lest each starts by undoing another's configuration; the others say what differs.
    pub update: bool,
}

impl Default for Streams {
    fn default() -> Self {
        let duplicate_window = Duration::from_mins(10);
        Self {
            data: StreamSpec {
                name: "DATA".to_owned(),
                max_age: 30 * DAY,
                max_bytes: 4 * GIB,
                duplicate_window,
                replicas: 1,
            },
            activity: StreamSpec {
                name: "ACTIVITY".to_owned(),
                max_age: 7 * DAY,
                max_bytes: GIB,
                duplicate_window,
                replicas: 1,
            },
            update: false,
        }
    }
}

/// The names of the streams in use: those asked for, or of streams that were there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamNames {
    /// Captures `data.>`.
    pub data: String,
    /// Captures `activity.>`.
    pub activity: String,
}

/// How full a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFill {
    /// Its name.
    pub name: String,
    /// What is in it, in bytes.
    pub bytes: u64,
    /// How much is kept; the oldest goes first.
    pub max_bytes: u64,
}

/// Why there is no stream to work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamsError {
    /// Another stream holds some of the subjects.
    #[error(
        "the stream {wanted} cannot capture {subject}: the stream {other} already captures {subjects:?}, which is \
         a part of it; remove {other} or change its subjects (`nats stream edit {other}`)"
    )]
    Overlap {
        /// The stream that is wanted.
        wanted: String,
        /// What it should capture.
        subject: String,
        /// The one in its way.
        other: String,
        /// What that one captures.
        subjects: Vec<String>,
    },
    /// The stream of this name cannot serve.
    #[error("the stream {stream} cannot be used: {reason}")]
    Unsuitable {
        /// The stream.
        stream: String,
        /// Why not.
        reason: String,
    },
    /// The server made it otherwise than it was told.
    #[error("the server made the stream {stream} otherwise than it was told: {difference}")]
    NotAsTold {
        /// The stream.
        stream: String,
        /// What differs.
        difference: String,
    },
    /// The server said no, or nothing.
    #[error("the stream {stream} is not there: {reason}")]
    Failed {
        /// The stream.
        stream: String,
        /// What happened.
        reason: String,
    },
}

impl StreamSpec {
    fn config(&self, subject: &str) -> Config {
        Config {
            name: self.name.clone(),
            subjects: vec![subject.to_owned()],
            max_age: self.max_age,
            max_bytes: i64::try_from(self.max_bytes).unwrap_or(i64::MAX),
            duplicate_window: self.duplicate_window,
            num_replicas: self.replicas,
            storage: StorageType::File,
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            ..Config::default()
        }
    }

    fn failed(&self, reason: &(impl ToString + ?Sized)) -> StreamsError {
        StreamsError::Failed {
            stream: self.name.clone(),
            reason: reason.to_string(),
        }
    }
}

/// Makes or checks both streams.
pub(crate) async fn ensure(jetstream: &Context, streams: &Streams) -> Result<StreamNames, StreamsError> {
    Ok(StreamNames {
        data: ensure_one(jetstream, &streams.data, DataSubject::FILTER, streams.update).await?,
        activity: ensure_one(
            jetstream,
            &streams.activity,
            ActivitySubject::FILTER,
            streams.update,
        )
        .await?,
    })
}

async fn ensure_one(
    jetstream: &Context,
    spec: &StreamSpec,
    subject: &str,
    update: bool,
) -> Result<String, StreamsError> {
    let wanted = spec.config(subject);
    let mut failure = spec.failed("another service makes and deletes it all the time");
    for _ in 0..ATTEMPTS {
        match jetstream.get_stream(&spec.name).await {
            Ok(stream) => return adopt(jetstream, &wanted, &stream.cached_info().config, update).await,
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                }
                GetStreamErrorKind::JetStream(_)
                | GetStreamErrorKind::Request
                | GetStreamErrorKind::EmptyName
                | GetStreamErrorKind::InvalidStreamName => return Err(spec.failed(&error)),
            },
        }
        match jetstream.create_stream(wanted.clone()).await {
            Ok(stream) => {
                let made = &stream.cached_info().config;
                return match differences(&wanted, made) {
                    difference if difference.is_empty() => Ok(spec.name.clone()),
                    difference => Err(StreamsError::NotAsTold {
                        stream: spec.name.clone(),
                        difference,
                    }),
                };
            }
            Err(error) => {
                if let CreateStreamErrorKind::JetStream(why) = error.kind()
                    && why.error_code() == ErrorCode::STREAM_SUBJECT_OVERLAP
                {
                    return adopt_other(jetstream, spec, subject).await;
                }
                failure = spec.failed(&error);
            }
        }
    }
    Err(failure)
}

/// Uses the stream of the right name that is there, after changing it if that is wanted.
async fn adopt(
    jetstream: &Context,
    wanted: &Config,
    found: &Config,
    update: bool,
) -> Result<String, StreamsError> {
    let name = &wanted.name;
    let unsuitable = |reason| StreamsError::Unsuitable {
        stream: name.clone(),
        reason,
    };
    if found.retention != RetentionPolicy::Limits {
        let reason = format!(
            "its retention is {:?}, so it forgets what one reader has read",
            found.retention
        );
        return Err(unsuitable(reason));
    }
    let difference = differences(wanted, found);
    if update && !difference.is_empty() {
        let changed = Config {
            subjects: wanted.subjects.clone(),
            max_age: wanted.max_age,
            max_bytes: wanted.max_bytes,
            duplicate_window: wanted.duplicate_window,
            num_replicas: wanted.num_replicas,
            discard: wanted.discard,
            ..found.clone()
        };
        tracing::warn!(stream = %name, %difference, "the stream is changed to what is configured");
        let info = jetstream
            .update_stream(changed)
            .await
            .map_err(|error| unsuitable(error.to_string()))?;
        let left = differences(wanted, &info.config);
        if !left.is_empty() {
            tracing::warn!(stream = %name, difference = %left, "the stream is used although it differs");
        }
        return Ok(name.clone());
    }
    if let Some(subject) = wanted.subjects.iter().find(|subject| !captures(found, subject)) {
        return Err(unsuitable(format!(
            "it captures {:?} and not {subject}",
            found.subjects
        )));
    }
    if !difference.is_empty() {
        tracing::warn!(stream = %name, %difference, "the stream is used although it differs");
    }
    Ok(name.clone())
}

/// Uses the stream of another name that has taken our subjects, if it has taken all of them.
async fn adopt_other(jetstream: &Context, spec: &StreamSpec, subject: &str) -> Result<String, StreamsError> {
    let other = jetstream
        .stream_by_subject(subject)
        .await
        .map_err(|error| spec.failed(&error))?;
    let stream = jetstream
        .get_stream(&other)
        .await
        .map_err(|error| spec.failed(&error))?;
    let found = &stream.cached_info().config;
    if !captures(found, subject) {
        return Err(StreamsError::Overlap {
            wanted: spec.name.clone(),
            subject: subject.to_owned(),
            other,
            subjects: found.subjects.clone(),
        });
    }
    if found.retention != RetentionPolicy::Limits {
        let reason = format!("it captures {subject}, but with retention {:?}", found.retention);
        return Err(StreamsError::Unsuitable {
            stream: other,
            reason,
        });
    }
    tracing::info!(stream = %other, wanted = %spec.name, "another stream captures {subject} already and is used");
    Ok(other)
}

/// How full the streams are that capture our subjects; one without a limit is left out, and so is one that
/// nobody can be asked about.
pub(crate) async fn fills(jetstream: &Context) -> Vec<StreamFill> {
    let mut fills = Vec::new();
    for subject in [DataSubject::FILTER, ActivitySubject::FILTER] {
        let Ok(name) = jetstream.stream_by_subject(subject).await else {
            continue;
        };
        let Ok(stream) = jetstream.get_stream(&name).await else {
            continue;
        };
        let info = stream.cached_info();
        if let Some(max_bytes) = u64::try_from(info.config.max_bytes).ok().filter(|max| *max > 0) {
            fills.push(StreamFill {
                name,
                bytes: info.state.bytes,
                max_bytes,
            });
        }
    }
    fills
}

fn captures(stream: &Config, subject: &str) -> bool {
    stream.subjects.iter().any(|captured| covers(captured, subject))
}

/// What differs, as a sentence; empty if nothing that matters does.
fn differences(wanted: &Config, found: &Config) -> String {
    let mut differences = Vec::new();
    let mut compare = |what: &str, wanted: &dyn Debug, found: &dyn Debug| {
        let (wanted, found) = (format!("{wanted:?}"), format!("{found:?}"));
        if wanted != found {
            differences.push(format!("{what} is {found} instead of {wanted}"));
        }
    };
    compare("subjects", &wanted.subjects, &found.subjects);
    compare("storage", &wanted.storage, &found.storage);
    compare("retention", &wanted.retention, &found.retention);
    compare("discard", &wanted.discard, &found.discard);
    compare("max_age", &wanted.max_age, &found.max_age);
    compare("max_bytes", &wanted.max_bytes, &found.max_bytes);
    compare(
        "duplicate_window",
        &wanted.duplicate_window,
        &found.duplicate_window,
    );
    compare("replicas", &wanted.num_replicas, &found.num_replicas);
    differences.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named() {
        let wanted = Streams::default().data.config("data.>");
        assert_eq!(differences(&wanted, &wanted), "");
        let found = Config {
            max_bytes: 1,
            subjects: vec!["data.vhf".to_owned()],
            ..wanted.clone()
        };
        assert_eq!(
            differences(&wanted, &found),
            r#"subjects is ["data.vhf"] instead of ["data.>"], max_bytes is 1 instead of 4294967296"#
        );
    }
}
