//! Receiving a body: small ones in memory, large ones on their way to the object store.

use super::{App, problems};
use crate::store::{MAX_INLINE_BYTES, Payload, StoreError, Upload};
use axum::body::{Body, BodyDataStream, Bytes};
use domain::Sha256;
use futures_util::StreamExt;
use service_kit::Problem;
use sha2::Digest;
use std::time::Duration;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// How long a body may be silent: a client that has gone without a word must not hold its place for ever.
const MAX_SILENCE: Duration = Duration::from_mins(1);

/// A whole body. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) size: u64,
    pub(super) sha256: Sha256,
    bytes: Held,
}

/// A body that is still coming.
#[derive(Debug, Default)]
pub(super) struct Receiving {
    size: u64,
    hasher: sha2::Sha256,
    held: Held,
}

impl Receiving {
    /// Takes what came.
    pub(super) async fn add(mut self, app: &App, chunk: &[u8]) -> Result<Self, Problem> {
        self.size += chunk.len() as u64;
        self.hasher.update(chunk);
        self.held = self.held.add(app, chunk).await?;
        Ok(self)
    }

    /// It is whole.
    pub(super) fn end(self) -> Received {
        Received {
            size: self.size,
            sha256: Sha256::from_bytes(self.hasher.finalize().into()),
            bytes: self.held,
        }
    }
}

#[derive(Debug)]
enum Held {
    Inline(Vec<u8>),
    Upload(Upload, OwnedSemaphorePermit),
}

impl Received {
    /// Receives a body of at most `max_body` bytes.
    pub(super) async fn stream(app: &App, body: Body) -> Result<Self, Problem> {
        let mut source = Source::new(body, app.max_body);
        let mut receiving = Receiving::default();
        while let Some(chunk) = source.next().await? {
            receiving = receiving.add(app, &chunk).await?;
        }
        Ok(receiving.end())
    }

    /// A body that is here already.
    pub(super) async fn whole(app: &App, bytes: Vec<u8>) -> Result<Self, Problem> {
        let sha256 = Sha256::from_bytes(sha2::Sha256::digest(&bytes).into());
        let size = bytes.len() as u64;
        let held = if bytes.len() <= MAX_INLINE_BYTES {
            Held::Inline(bytes)
        } else {
            Held::Inline(Vec::new()).add(app, &bytes).await?
        };
        Ok(Self {
            size,
            sha256,
            bytes: held,
        })
    }

    /// Makes the bytes ready to be named by a record: durable, or small enough to go with it.
    pub(super) async fn payload(self, app: &App) -> Result<Payload, StoreError> {
        match self.bytes {
            Held::Inline(bytes) => Ok(Payload::Inline(bytes)),
            Held::Upload(upload, _permit) => app.store.finish(upload).await,
        }
    }
}

impl Default for Held {
    fn default() -> Self {
        Self::Inline(Vec::new())
    }
}

impl Held {
    async fn add(self, app: &App, chunk: &[u8]) -> Result<Self, Problem> {
        match self {
            Self::Inline(mut bytes) if bytes.len() + chunk.len() <= MAX_INLINE_BYTES => {
                bytes.extend_from_slice(chunk);
                Ok(Self::Inline(bytes))
            }
            Self::Inline(bytes) => {
                let permit = app
                    .uploads
                    .clone()
                    .try_acquire_owned()
                    .map_err(|_none_left| problems::busy())?;
                let mut upload = app
                    .store
                    .upload()
                    .await
                    .map_err(|error| problems::store(&error))?;
                write(app, &mut upload, &bytes).await?;
                write(app, &mut upload, chunk).await?;
                Ok(Self::Upload(upload, permit))
            }
            Self::Upload(mut upload, permit) => {
                write(app, &mut upload, chunk).await?;
                Ok(Self::Upload(upload, permit))
            }
        }
    }
}

async fn write(app: &App, upload: &mut Upload, bytes: &[u8]) -> Result<(), Problem> {
    app.store
        .write(upload, bytes)
        .await
        .map_err(|error| problems::store(&error))
}

/// Receives a body of at most `max_bytes` into memory.
pub(super) async fn collect(body: Body, max_bytes: u64) -> Result<Vec<u8>, Problem> {
    let mut source = Source::new(body, max_bytes);
    let mut bytes = Vec::new();
    while let Some(chunk) = source.next().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A body as it comes, within its limits of size and silence.
pub(super) struct Source {
    stream: BodyDataStream,
    max_bytes: u64,
    received: u64,
}

impl Source {
    pub(super) fn new(body: Body, max_bytes: u64) -> Self {
        Self {
            stream: body.into_data_stream(),
            max_bytes,
            received: 0,
        }
    }

    /// The next bytes; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        match timeout(MAX_SILENCE, self.stream.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(chunk))) => {
                self.received += chunk.len() as u64;
                if self.received > self.max_bytes {
                    return Err(problems::too_large(self.max_bytes));
                }
                Ok(Some(chunk))
            }
            Ok(Some(Err(_broken))) => Err(problems::cut_off(self.received)),
            Err(_elapsed) => Err(problems::silent(self.received, MAX_SILENCE.as_secs())),
        }
    }
}
