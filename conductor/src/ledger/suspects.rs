//! Messages that come again and again: perhaps the process dies of them.

use super::{Ledger, LedgerError};

const BEGIN: &str = "INSERT INTO suspect (stream_sequence, tries) VALUES (?1, 1)
    ON CONFLICT (stream_sequence) DO UPDATE SET tries = suspect.tries + 1
    RETURNING tries";

const CLEAR: &str = "DELETE FROM suspect WHERE stream_sequence IN (SELECT value FROM json_each(?1))";

impl Ledger {
    /// Notes that a decision about a message begins; how often one has begun and was never stored, this time
    /// included.
    pub async fn begin_suspect(&self, stream_sequence: u64) -> Result<u32, LedgerError> {
        let tries: i64 = sqlx::query_scalar(BEGIN)
            .bind(i64::try_from(stream_sequence).unwrap_or(i64::MAX))
            .fetch_one(&mut *self.writer.get().await?)
            .await?;
        Ok(u32::try_from(tries).unwrap_or(u32::MAX))
    }

    /// Decisions about these messages are stored.
    pub async fn clear_suspects(&self, stream_sequences: &[u64]) -> Result<(), LedgerError> {
        let sequences = serde_json::to_string(stream_sequences).map_err(LedgerError::Record)?;
        sqlx::query(CLEAR)
            .bind(sequences)
            .execute(&mut *self.writer.get().await?)
            .await?;
        Ok(())
    }
}
