//! Questions about runs: to their providers, and to the SDB.

use super::Dispatcher;
use crate::inbox::Call;
use api::pipeline::{ProcessingRun, RunAnswer};
use api::sdb::ProductRecord;
use api::{ApiError, PageQuery, codes};
use conductor_core::{Arrival, Event, Identity, Report};
use domain::{
    Announcement, Attempt, ErrorClass, ObsId, ProcessingError, ProcessingState, ProductName, ProviderName,
    RunId, ServiceName,
};

/// Versions of a cell that are looked through for a run's product: it is among the newest if it is there.
const VERSIONS: u32 = 20;

/// Records of an observation that are asked for at once, the most that a page has.
const RECORDS: u32 = 1_000;

impl Dispatcher {
    /// What the provider says of a run, when asked.
    pub(super) async fn ask(
        &self,
        provider: &ProviderName,
        product: &ProductName,
        asked: &RunId,
        attempt: Attempt,
    ) -> (Report, Option<Call>) {
        let targets = self.0.addresses.now();
        let Some(target) = targets.of_run(product, provider) else {
            return (Report::Unknown, None);
        };
        let answer = self.0.pipelines.run(&target.url, asked).await;
        let call = self.0.reach.news(provider, &answer);
        let report = match answer {
            Ok(RunAnswer::Known(run)) => report(*run, attempt),
            Ok(RunAnswer::Unknown) => Report::Unknown,
            Ok(RunAnswer::NotOffered) => Report::NotOffered,
            Err(error) if error.is_unreachable() => Report::Unreachable,
            // Too busy to answer is no sign that the run is lost.
            Err(error) => {
                tracing::debug!(%error, %asked, "no answer about a run");
                Report::NotOffered
            }
        };
        (report, call)
    }

    /// Tells the provider that a run is to end. What it answers changes nothing: if the run goes on, it will be
    /// heard of again.
    pub(super) async fn cancel(&self, provider: &ProviderName, product: &ProductName, asked: &RunId) {
        let targets = self.0.addresses.now();
        if let Some(target) = targets.of_run(product, provider) {
            let answer = self.0.pipelines.cancel(&target.url, asked).await;
            tracing::debug!(%product, %asked, ?answer, "told to cancel");
        }
    }

    /// Everything that the SDB has of an observation, in the order in which it was made.
    pub(crate) async fn products(&self, obs_id: &ObsId) -> Result<Vec<Arrival>, ApiError> {
        let mut page = PageQuery {
            limit: Some(RECORDS),
            cursor: None,
        };
        let mut records: Vec<ProductRecord> = Vec::new();
        loop {
            let mut items = self.0.sdb.observation(obs_id, &page).await?;
            records.append(&mut items.items);
            page.cursor = items.next;
            if page.cursor.is_none() {
                break;
            }
        }
        records.retain(|record| record.retracted.is_none());
        records.sort_by_key(|record| (record.created_at, record.version));
        let of = |record| arrival(self.0.sdb_name.clone(), record);
        Ok(records.into_iter().map(of).collect())
    }

    /// What the SDB has of a cell, as arrivals, and whether it answered.
    pub(super) async fn ask_sdb(&self, obs_id: &ObsId, product: ProductName, run_id: RunId) -> Vec<Event> {
        let page = PageQuery {
            limit: Some(VERSIONS),
            ..PageQuery::default()
        };
        let (records, reached) = match self.0.sdb.versions(obs_id, &product, &page).await {
            Ok(records) => (records.items, true),
            Err(error) if error.is_code(codes::UNKNOWN_VERSION) => (Vec::new(), true),
            Err(error) => {
                tracing::warn!(%error, %obs_id, %product, "the SDB was asked for a product and did not answer");
                (Vec::new(), false)
            }
        };
        // Newest first on the wire; in the order of their making here.
        let mut events: Vec<Event> = records
            .into_iter()
            .rev()
            .filter(|record| record.retracted.is_none())
            .map(|record| Event::Data(Box::new(arrival(self.0.sdb_name.clone(), record))))
            .collect();
        events.push(Event::SdbAsked {
            product,
            run_id,
            reached,
        });
        events
    }
}

/// What a provider knows of a run, as far as it is about our attempt.
fn report(run: ProcessingRun, attempt: Attempt) -> Report {
    if run.attempt < attempt {
        // Our POST never reached it. An attempt that it is still at makes the product all the same.
        return if run.state.is_ended() {
            Report::Unknown
        } else {
            Report::Alive
        };
    }
    match run.state {
        ProcessingState::Accepted => Report::Alive,
        ProcessingState::Running => Report::Running,
        ProcessingState::Succeeded => Report::Succeeded {
            version: run.product_version,
        },
        ProcessingState::Failed => Report::Failed(run.error.unwrap_or_else(unexplained)),
        ProcessingState::Cancelled => Report::Cancelled,
    }
}

/// The error of a pipeline that says no more than that it failed.
pub(crate) fn unexplained() -> ProcessingError {
    ProcessingError {
        class: ErrorClass::Retriable,
        code: "failed".into(),
        message: "the pipeline does not say why".into(),
    }
}

/// A record of the SDB as it was announced.
fn arrival(source: ServiceName, record: ProductRecord) -> Arrival {
    let provenance = record.provenance.unwrap_or_default();
    let announcement = Announcement {
        version: Some(record.version),
        href: Some(record.href),
        sha256: Some(record.sha256),
        size: Some(record.size),
        at: Some(record.created_at),
        run_id: provenance.run_id,
        attempt: provenance.attempt,
        provider: provenance.provider,
        inputs: provenance.inputs,
        ..Announcement::of(record.product.clone(), record.obs_id)
    };
    Arrival {
        source,
        product: record.product,
        identity: Identity::Version(record.version),
        announcement,
    }
}
