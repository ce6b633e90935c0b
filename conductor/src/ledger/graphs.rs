//! The graphs that were in force.

use super::lists::parsed;
use super::{Ledger, LedgerError};
use conductor_core::Signature;
use domain::{ObsId, Sha256};
use jiff::Timestamp;
use serde_json::json;
use sqlx::SqliteConnection;

/// So many are kept: the one in force, and those whose runs may still be under way.
const KEPT: i64 = 8;

const NEWEST: &str = "SELECT at, sha256, file_sha256, signature, body FROM graph ORDER BY n DESC";

const INSERT: &str = "INSERT INTO graph (at, sha256, file_sha256, signature, body) VALUES (?, ?, ?, ?, ?)";

const FORGET: &str = "DELETE FROM graph WHERE n <= (SELECT max(n) FROM graph) - ?";

/// Each half by the index of its state.
const STANDING_STILL: &str =
    "SELECT obs_id FROM cell WHERE state = 'waiting' UNION SELECT obs_id FROM cell WHERE state = 'held'";

const NEWEST_OF: &str = "SELECT obs_id FROM observation WHERE obs_id IN (SELECT value FROM json_each(?1))
    ORDER BY rtrim(changed_at, 'Z') DESC LIMIT ?2";

/// A graph that was put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphRecord {
    /// When.
    pub at: Timestamp,
    /// The checksum of its document.
    pub sha256: Sha256,
    /// That of the file of `--graph` at that time.
    pub file_sha256: Sha256,
    /// Who put it there; none if it is the file's.
    pub signature: Option<Signature>,
    /// Its document, as it was written.
    pub text: String,
}

impl Ledger {
    /// The last graphs that were in force, the newest first.
    pub async fn graphs(&self) -> Result<Vec<GraphRecord>, LedgerError> {
        let rows: Vec<(String, String, String, Option<String>, String)> = sqlx::query_as(NEWEST)
            .fetch_all(&mut *self.writer.get().await?)
            .await?;
        let of_row = |(at, sha256, file_sha256, signature, text): (String, String, String, _, _)| {
            let signature: Option<String> = signature;
            let signature = signature.map(|json| serde_json::from_str(&json)).transpose();
            Ok(GraphRecord {
                at: parsed(&at)?,
                sha256: parsed(&sha256)?,
                file_sha256: parsed(&file_sha256)?,
                signature: signature.map_err(LedgerError::Record)?,
                text,
            })
        };
        rows.into_iter().map(of_row).collect()
    }

    /// The observations that another graph may change: what is unfinished, and what waits for an input or is held.
    pub async fn unsettled(&self) -> Result<Vec<ObsId>, LedgerError> {
        let mut unsettled = self.unfinished().await?;
        let keys: Vec<String> = sqlx::query_scalar(STANDING_STILL).fetch_all(&self.reader).await?;
        unsettled.extend(keys.iter().filter_map(|key| key.parse().ok()));
        unsettled.sort();
        unsettled.dedup();
        Ok(unsettled)
    }

    /// Those of some observations that changed last, at most `limit`.
    pub async fn newest_of(&self, among: &[ObsId], limit: u32) -> Result<Vec<ObsId>, LedgerError> {
        let keys: Vec<String> = among.iter().map(ToString::to_string).collect();
        let found: Vec<String> = sqlx::query_scalar(NEWEST_OF)
            .bind(serde_json::to_string(&keys).map_err(LedgerError::Record)?)
            .bind(limit)
            .fetch_all(&self.reader)
            .await?;
        Ok(found.iter().filter_map(|key| key.parse().ok()).collect())
    }
}

/// Stores graphs that are in force from now on, the last one last.
pub(super) async fn store(
    connection: &mut SqliteConnection,
    graphs: &[GraphRecord],
) -> Result<(), sqlx::Error> {
    for graph in graphs {
        let signature = graph
            .signature
            .as_ref()
            .map(|signature| json!(signature).to_string());
        sqlx::query(INSERT)
            .bind(graph.at.to_string())
            .bind(graph.sha256.to_string())
            .bind(graph.file_sha256.to_string())
            .bind(signature)
            .bind(&graph.text)
            .execute(&mut *connection)
            .await?;
    }
    if !graphs.is_empty() {
        sqlx::query(FORGET).bind(KEPT).execute(&mut *connection).await?;
    }
    Ok(())
}
