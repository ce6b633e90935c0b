//! An audit: whether the ledger, the SDB, the pipelines and the operators' memory tell the same story.
//!
//! [`Audit::taken`] reads everybody's books once nothing is in progress, [`Audit::faults`] compares them. The
//! second knows no network, so that it can be shown books in which something is lost, doubled or made up.

mod faults;
#[cfg(test)]
mod tests;

use crate::orchestra::Orchestra;
use crate::outcome::{Outcome, PAGE, all};
use crate::promise::{Arrivals, Promise, not_ready};
use api::conductor::EventView;
use api::{ApiError, PageQuery};
use serde_json::Value;
use stage::{CONDUCTOR, MOCK_PIPELINE};
use std::time::Duration;

/// What a brick says when a pipeline really begins; it needs `--log pipeline_bricks=debug --log-format json`.
const PUT_TO_WORK: &str = "the pipeline is put to work";

/// What the conductor says when it puts a message aside instead of deciding about it. No round has such a message.
const PUT_ASIDE: [&str; 2] = ["panics", "while it decided about this message"];

/// An act of an operator, as he remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// What he did, `cancel`.
    pub verb: String,
    /// The note that he gave with it: another one for each act.
    pub note: String,
    /// How many cells the answer named; `None` if the act was not answered, and may or may not have been done.
    pub touched: Option<usize>,
}

/// Everybody's books, after the last work.
#[derive(Debug, Clone)]
pub struct Audit {
    outcome: Outcome,
    arrivals: Arrivals,
    /// Each time that a pipeline was put to work: run and attempt.
    worked: Vec<(String, u64)>,
    trail: Vec<EventView>,
    deeds: Vec<Deed>,
    /// The product of which a pipeline was to store two versions for one run.
    stored_twice: Option<String>,
    /// What could be told while the books were read: wrong bytes, services that are not ready.
    seen: Vec<String>,
}

impl Audit {
    /// Waits until all that can be made is made and nothing is in progress, and reads everybody's books.
    ///
    /// # Errors
    /// What is missing or in progress at the deadline, or who does not answer.
    pub async fn taken(
        orchestra: &Orchestra,
        promise: &Promise,
        deeds: Vec<Deed>,
        deadline: Duration,
    ) -> Result<Self, String> {
        let (outcome, arrivals) = promise.settled(orchestra, deadline).await?;
        let told = |error: ApiError| error.to_string();
        let mut seen = outcome.wrong_exports(orchestra).await.map_err(told)?;
        seen.extend(not_ready(orchestra).await);
        seen.extend(put_aside(&orchestra.log(CONDUCTOR)));
        Ok(Self {
            worked: worked(&orchestra.log(MOCK_PIPELINE)),
            trail: trail(orchestra).await.map_err(told)?,
            outcome,
            arrivals,
            deeds,
            stored_twice: None,
            seen,
        })
    }

    /// Forgives that a run of this product has two versions: its pipeline was told to store both.
    #[must_use]
    pub fn with_stored_twice(mut self, product: Option<&str>) -> Self {
        self.stored_twice = product.map(str::to_owned);
        self
    }

    /// How much was compared, for the eye: a round in which nothing happened proves nothing.
    pub fn summary(&self) -> String {
        format!(
            "{} observations, {} runs, {} versions, {} times at work, {} acts",
            self.outcome.observations.len(),
            self.outcome.runs.len(),
            self.outcome.records.len(),
            self.worked.len(),
            self.deeds.len()
        )
    }
}

/// Each time that a pipeline was put to work, over all its restarts.
fn worked(log: &str) -> Vec<(String, u64)> {
    let lines = log.lines().filter(|line| line.contains(PUT_TO_WORK));
    lines
        .filter_map(|line| {
            let json: Value = serde_json::from_str(line.get(line.find('{')?..)?).ok()?;
            let fields = if json["fields"].is_object() {
                &json["fields"]
            } else {
                &json
            };
            Some((fields["run.id"].as_str()?.to_owned(), fields["attempt"].as_u64()?))
        })
        .collect()
}

fn put_aside(log: &str) -> impl Iterator<Item = String> {
    let lines = log
        .lines()
        .filter(|line| PUT_ASIDE.iter().any(|said| line.contains(said)));
    lines.map(|line| format!("put aside: {line}"))
}

async fn trail(orchestra: &Orchestra) -> Result<Vec<EventView>, ApiError> {
    let conductor = orchestra.conductor();
    all(async |cursor| {
        let page = PageQuery {
            limit: Some(PAGE),
            cursor,
        };
        conductor.events(&page).await
    })
    .await
}
