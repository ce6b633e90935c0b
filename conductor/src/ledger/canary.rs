//! Who sends the canary.
//!
//! Today the lock beside the file leaves one conductor to a ledger, so the claim is always had. It is in the
//! ledger all the same: it numbers the rounds, and holds where several conductors share a ledger. The numbers are
//! the second of the claim, or above the last, so a new ledger beside an old SDB gives none that was given before.

use super::{Ledger, LedgerError};
use jiff::Timestamp;

const CLAIM: &str = "INSERT INTO canary (only_row, round, holder, until) VALUES (1, ?4, ?1, ?3)
    ON CONFLICT (only_row) DO UPDATE SET round = max(canary.round + 1, ?4), holder = excluded.holder, until = excluded.until
        WHERE canary.holder = excluded.holder OR canary.until <= ?2
    RETURNING round";

const GIVE_UP: &str = "UPDATE canary SET until = 0 WHERE holder = ?1";

impl Ledger {
    /// Claims the next round of the canary, until then; its number, or none if another conductor sends it.
    ///
    /// # Errors
    /// The ledger does not answer.
    pub async fn claim_canary(
        &self,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<u32>, LedgerError> {
        let round: Option<i64> = sqlx::query_scalar(CLAIM)
            .bind(holder)
            .bind(now.as_millisecond())
            .bind(until.as_millisecond())
            .bind(now.as_second())
            .fetch_optional(&mut *self.writer.get().await?)
            .await?;
        Ok(round.map(|round| u32::try_from(round).unwrap_or(u32::MAX)))
    }

    /// Leaves the canary to whoever claims it next.
    ///
    /// # Errors
    /// The ledger does not answer; the claim ends by itself.
    pub async fn give_up_canary(&self, holder: &str) -> Result<(), LedgerError> {
        sqlx::query(GIVE_UP)
            .bind(holder)
            .execute(&mut *self.writer.get().await?)
            .await?;
        Ok(())
    }
}
