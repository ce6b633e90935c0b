//! A whole service without a socket: the real store, the real routes.

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode},
};
use sdb::{
    Address, App, INFO,
    store::{Entry, Store},
};
use serde_json::Value;
use service_kit::{Health, Shutdown};
use std::{path::Path, sync::Arc};
use tempfile::TempDir;
use tower::ServiceExt;

/// The largest body of the tests' service: small enough to go beyond.
pub(crate) const MAX_BODY: u64 = 1024 * 1024;

pub(crate) struct Sdb {
    pub(crate) router: Router,
    pub(crate) store: Arc<Store>,
    shutdown: Shutdown,
    directory: Option<TempDir>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Sdb {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let sdb = Self::open(directory.path()).await;
        Self {
            directory: Some(directory),
            ..sdb
        }
    }

    pub(crate) async fn open(directory: &Path) -> Self {
        let (store, writer) = Store::open(directory).await.unwrap();
        let shutdown = Shutdown::default();
        shutdown.spawn("writer", async {
            writer.run().await;
            Ok(())
        });
        let app = App::new(Arc::clone(&store), Address::new("http://sdb/"), MAX_BODY);
        let router = service_kit::assemble(app.router(), INFO, Health::default(), &shutdown);
        Self {
            router,
            store,
            shutdown,
            directory: None,
        }
    }

    /// Closes the store as a stop in good order does.
    pub(crate) async fn stop(self) {
        let (outbox, directory) = (self.store.outbox(), self.directory);
        drop((self.router, self.store));
        outbox.closed().await;
        self.shutdown.stop();
        drop(directory);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// The feed from its start.
    pub(crate) async fn feed(&self) -> Vec<Entry> {
        self.store.feed_after(0, 1000).await.unwrap()
    }

    /// Asserts that nothing was stored, not even for a while.
    pub(crate) async fn assert_empty(&self) {
        assert_eq!(self.get("/products").await.json()["items"], serde_json::json!([]));
        assert_eq!(self.feed().await, []);
        let directory = self.directory.as_ref().expect("a store of its own").path();
        testkit::eventually(std::time::Duration::from_secs(10), async || {
            files(&directory.join("blobs")) == 0
        })
        .await;
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts a problem, and gives its detail.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> String {
        let body = self.json();
        assert_eq!(
            (self.status.as_u16(), body["code"].as_str()),
            (status, Some(code)),
            "{body}"
        );
        assert_eq!(self.headers["content-type"], "application/problem+json");
        body["detail"].as_str().unwrap_or_default().to_owned()
    }

    /// Asserts a new version, and gives its record.
    #[track_caller]
    pub(crate) fn created(&self) -> Value {
        assert_eq!(self.status, StatusCode::CREATED, "{self:?}");
        self.json()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// How many files there are below a directory.
pub(crate) fn files(directory: &Path) -> usize {
    let entries = std::fs::read_dir(directory)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}

/// The value with its times and the feed's name made equal, for snapshots.
pub(crate) fn timeless(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            for (name, member) in object.iter_mut() {
                let changes = matches!(
                    name.as_str(),
                    "created_at" | "at" | "first_import" | "last_import" | "feed"
                );
                *member = if changes && member.is_string() {
                    format!("[{name}]").into()
                } else {
                    timeless(member.take())
                };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = timeless(item.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

/// Bytes that no two places have in common.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64 ^ length as u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}
