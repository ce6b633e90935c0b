//! A whole service without a socket: the real store, the real routes.

use sdb::{
    Address, App, INFO,
    store::{Entry, Store},
};
use serde_json::Value;
use service_kit::{Health, Shutdown};
use std::{ops::Deref, path::Path, sync::Arc};
use tempfile::TempDir;
use testkit::Routes;

/// The largest body of the tests' service: small enough to go beyond.
pub(crate) const MAX_BODY: u64 = 1024 * 1024;

pub(crate) struct Sdb {
    pub(crate) routes: Routes,
    pub(crate) store: Arc<Store>,
    shutdown: Shutdown,
    directory: Option<TempDir>,
}

/// An SDB is asked as its routes are.
impl Deref for Sdb {
    type Target = Routes;

    fn deref(&self) -> &Routes {
        &self.routes
    }
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
            routes: Routes(router),
            store,
            shutdown,
            directory: None,
        }
    }

    /// Closes the store as a stop in good order does.
    pub(crate) async fn stop(self) {
        let (outbox, directory) = (self.store.outbox(), self.directory);
        drop((self.routes, self.store));
        outbox.closed().await;
        self.shutdown.stop();
        drop(directory);
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
