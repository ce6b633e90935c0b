//! Products that were made and could not be imported yet: an SDB that is away costs no work.
//!
//! A file per run, `{state-dir}/kept/{provider}/{run_id}.product`: a line of JSON, then the bytes. The next attempt
//! of the run imports it instead of making it again. It goes when the run has ended for good, and after a day.

use crate::{order::Order, parcel::Parcel, provenance, runs::REMEMBERED};
use api::Import;
use domain::{JsonObject, ObsId, ProductName, Provenance, ProviderName, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::{Error, ErrorKind, Result},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::io::AsyncWriteExt as _;

/// The most that is kept for one provider, in bytes. Beyond it the work is done again: that is slow, and a full
/// disk would stop the SDB on the same machine as well.
const MAX_KEPT_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// The ending of a kept product, and of one that is being written.
const KEPT: &str = ".product";
const HALF: &str = ".new";

/// What one provider has kept.
#[derive(Debug)]
pub(crate) struct Shelf {
    directory: PathBuf,
    kept: Mutex<BTreeMap<RunId, Kept>>,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    /// In bytes.
    size: u64,
    since: Timestamp,
}

/// The first line of a file: all of an import but its bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    obs_id: ObsId,
    product: ProductName,
    /// Of the bytes that follow: a file that was cut is none.
    size: u64,
    idempotency_key: Option<String>,
    content_type: Option<String>,
    meta: Option<JsonObject>,
    provenance: Option<Provenance>,
}

impl Shelf {
    /// The shelf of the provider, with what is on it from before a restart.
    pub(crate) fn open(state_dir: &Path, provider: &ProviderName, now: Timestamp) -> Result<Self> {
        let directory = state_dir.join("kept").join(provider.as_str());
        fs::create_dir_all(&directory)?;
        let mut kept = BTreeMap::new();
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            if name.ends_with(HALF) {
                fs::remove_file(entry.path())?;
            } else if let Some(run_id) = name.strip_suffix(KEPT).and_then(|run_id| run_id.parse().ok()) {
                let metadata = entry.metadata()?;
                let since = Timestamp::try_from(metadata.modified()?).unwrap_or(now);
                let size = metadata.len();
                kept.insert(run_id, Kept { size, since });
            }
        }
        let shelf = Self {
            directory,
            kept: Mutex::new(kept),
        };
        shelf.sweep(now);
        Ok(shelf)
    }

    /// Keeps the parcel until the run is attempted again; nothing to do if it is kept already.
    pub(crate) async fn keep(&self, now: Timestamp, order: &Order, parcel: &Parcel) -> Result<()> {
        let size = parcel.bytes.len() as u64;
        {
            let kept = self.kept();
            if kept.contains_key(&order.run_id) {
                return Ok(());
            }
            let total: u64 = kept.values().map(|kept| kept.size).sum();
            if total + size > MAX_KEPT_BYTES {
                let full = format!("{total} bytes are kept already; {MAX_KEPT_BYTES} is the limit");
                return Err(Error::new(ErrorKind::QuotaExceeded, full));
            }
        }
        let half = self.path(&order.run_id, HALF);
        let written = write(&half, order, parcel).await;
        let kept = match written {
            Ok(()) => tokio::fs::rename(&half, self.path(&order.run_id, KEPT)).await,
            Err(error) => Err(error),
        };
        match kept {
            Ok(()) => {
                self.kept()
                    .insert(order.run_id.clone(), Kept { size, since: now });
                Ok(())
            }
            Err(error) => {
                // On a full disk half a file is worse than none; it may also not be there.
                tokio::fs::remove_file(&half).await.ok();
                Err(error)
            }
        }
    }

    /// What an earlier attempt has kept, if it is what the order asks for.
    pub(crate) async fn find(&self, order: &Order) -> Option<Parcel> {
        if !self.kept().contains_key(&order.run_id) {
            return None;
        }
        let path = self.path(&order.run_id, KEPT);
        let found = tokio::fs::read(&path).await.and_then(|file| read(file, order));
        match found {
            Ok(parcel) => Some(parcel),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "a kept product cannot be used; it is made again");
                self.discard(&order.run_id);
                None
            }
        }
    }

    /// Forgets what is kept for the run, if anything is.
    pub(crate) fn discard(&self, run_id: &RunId) {
        if self.kept().remove(run_id).is_none() {
            return;
        }
        let path = self.path(run_id, KEPT);
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "a kept product could not be removed");
        }
    }

    /// Forgets what is older than the memory of runs.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let is_old = |kept: &Kept| now.duration_since(kept.since) > REMEMBERED;
        let kept = self.kept();
        let old: Vec<_> = kept
            .iter()
            .filter(|(_, kept)| is_old(kept))
            .map(|(run_id, _)| run_id.clone())
            .collect();
        drop(kept);
        for run_id in old {
            self.discard(&run_id);
        }
    }

    /// Whatever a run is called, with its ending this is no `.` and no `..`.
    fn path(&self, run_id: &RunId, ending: &str) -> PathBuf {
        self.directory.join(format!("{run_id}{ending}"))
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<RunId, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Synced, so that a name never stands for bytes that a power cut took.
async fn write(path: &Path, order: &Order, parcel: &Parcel) -> Result<()> {
    let import = &parcel.import;
    let head = Head {
        obs_id: order.obs_id.clone(),
        product: parcel.product.clone(),
        size: parcel.bytes.len() as u64,
        idempotency_key: import.idempotency_key.clone(),
        content_type: import.content_type.clone(),
        meta: import.meta.clone(),
        provenance: import.provenance.clone(),
    };
    let mut line = serde_json::to_vec(&head)?;
    line.push(b'\n');
    let mut file = tokio::fs::File::create(path).await?;
    file.write_all(&line).await?;
    file.write_all(&parcel.bytes).await?;
    file.sync_all().await
}

fn read(file: Vec<u8>, order: &Order) -> Result<Parcel> {
    let wrong = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
    let end = file
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(|| wrong("it has no first line"))?;
    let head: Head = serde_json::from_slice(&file[..end])?;
    let bytes = bytes::Bytes::from(file).slice(end + 1..);
    if head.size != bytes.len() as u64 {
        return Err(wrong("it was cut"));
    }
    let mut provenance = head.provenance.unwrap_or_default();
    let is_wanted =
        head.obs_id == order.obs_id && head.product == order.product && provenance::is_of(&provenance, order);
    if !is_wanted {
        return Err(wrong("the run is now asked for with other inputs or parameters"));
    }
    // It is this attempt that imports it; who made it, from what and with which software stays as it was.
    provenance.attempt = Some(order.attempt);
    let import = Import {
        content_type: head.content_type,
        idempotency_key: head.idempotency_key,
        meta: head.meta,
        provenance: Some(provenance),
        sha256: None,
    };
    Ok(Parcel::new(head.product, bytes, import))
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
