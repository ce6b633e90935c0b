//! Taking up where the ledger stands.

use super::Writer;
use domain::ObsId;

/// Observations that are read in one go: a few thousand rows.
const CHUNK: usize = 500;

impl Writer {
    /// Reads what is unfinished, and nothing else: start-up does not grow with the archive.
    pub(super) async fn restore(&mut self) -> anyhow::Result<()> {
        for (provider, restraint) in self.parts.ledger.restraints().await? {
            tracing::info!(%provider, "{restraint}, since {:.0}", restraint.signature.at);
            self.providers.restrain(&provider, Some(restraint));
        }
        let unfinished = self.parts.ledger.unfinished().await?;
        for chunk in unfinished.chunks(CHUNK) {
            self.take_in(chunk).await?;
        }
        if !unfinished.is_empty() {
            tracing::info!(
                observations = unfinished.len(),
                "unfinished work was found in the ledger"
            );
        }
        // It has answered: where nothing happens, no turn would tell.
        self.parts.ledger_check.ok();
        Ok(())
    }

    async fn take_in(&mut self, chunk: &[ObsId]) -> anyhow::Result<()> {
        let now = self.parts.clock.now();
        for observation in self.parts.ledger.load(now, chunk).await? {
            self.providers.take_in(&observation, &self.parts.graph.graph);
            self.cache.insert(observation);
        }
        Ok(())
    }
}
