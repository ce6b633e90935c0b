//! Reconciling with the pipelines: what each says that it runs, compared with what the ledger has with it.
//!
//! | | what it is | what is done |
//! |---|---|---|
//! | ghost | the ledger has it with the pipeline, which does not list it | the pipeline is asked about it, as after a silence |
//! | orphan | the pipeline has it, and no run of its cell is known by its name | it is adopted, as if it had been heard of |
//! | leftover | the pipeline has it, and it was given up | a cancelled one is cancelled again; of another the product still counts, so it is only noted |
//!
//! Each pipeline has a task of its own, so that a slow one is waited for by nobody else. What is found goes
//! the way of everything that is heard of runs.

mod compare;
mod stations;

pub(crate) use stations::Stations;

use crate::dispatch::Dispatcher;
use crate::in_force::Graphs;
use crate::inbox::{Lanes, Word};
use crate::ledger::{Ledger, LedgerError, OpenRun};
use api::pipeline::ProcessingQuery;
use api::{ApiError, PipelineClient};
use compare::{Listed, Stray, ghosts, strays};
use conductor_core::{Command, Event, Run};
use domain::{ProviderName, RunId, RunState};
use service_kit::{Clock, in_full};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Between two looks if nothing asks for one before.
const INTERVAL: Duration = Duration::from_mins(1);

/// Between two looks at a pipeline that does not list its runs: another version of it may.
const NOT_OFFERED: Duration = Duration::from_mins(10);

/// How long after a look is asked for it is taken: what was missed may just be told again.
const SETTLE: Duration = Duration::from_secs(2);

/// Runs per page, the most that there are.
const PAGE: u32 = 1_000;

/// Pages of one look: as many runs as a pipeline remembers. One that lists still more is not read on.
const MAX_PAGES: usize = 10;

/// Runs of the ledger that are compared at once, and differences of a kind that are looked after in one look;
/// the others have their turn after these.
const MAX_KEPT: usize = 10_000;
const MAX_DIFFERENCES: usize = 64;

/// Reconciles with one pipeline.
#[derive(Debug)]
pub(crate) struct Reconciler {
    /// Whose runs.
    pub(crate) provider: ProviderName,
    /// Where it is asked.
    pub(crate) url: Url,
    /// Asks it.
    pub(crate) pipelines: PipelineClient,
    /// Who makes what, and where.
    pub(crate) graphs: Graphs,
    /// What it should be running.
    pub(crate) ledger: Ledger,
    /// Asks about single runs.
    pub(crate) dispatcher: Dispatcher,
    /// To the writer.
    pub(crate) lanes: Lanes,
    /// What time it is.
    pub(crate) clock: Clock,
    /// Changes when a look is wanted, first once what was missed is read.
    pub(crate) wanted: watch::Receiver<u64>,
}

/// Why a look came to no end.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("it does not list its runs")]
    NotOffered,
    #[error(transparent)]
    Call(#[from] ApiError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the writer is gone: the conductor stops")]
    Closed,
}

impl Reconciler {
    /// Looks at start, after words may have been missed, and every minute, until the stop.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        tokio::select! {
            () = self.look_again_and_again() => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    async fn look_again_and_again(mut self) {
        // What the last look found is not told again.
        let mut known = BTreeSet::new();
        if self.wanted.changed().await.is_err() {
            return;
        }
        loop {
            tokio::time::sleep(SETTLE).await;
            self.wanted.mark_unchanged();
            match self.look(&known).await {
                Ok(found) => known = found,
                Err(Trouble::NotOffered) => {
                    tracing::debug!(provider = %self.provider, url = %self.url, "it does not list its runs");
                    tokio::time::sleep(NOT_OFFERED).await;
                    continue;
                }
                Err(Trouble::Closed) => return,
                Err(trouble @ (Trouble::Call(_) | Trouble::Ledger(_))) => {
                    tracing::debug!(provider = %self.provider, reason = in_full(&trouble), "not compared");
                }
            }
            // Whether it is asked for or its time is come.
            let _ = tokio::time::timeout(INTERVAL, self.wanted.changed()).await;
        }
    }

    /// Compares once; gives the runs that were not as they should be.
    async fn look(&self, known: &BTreeSet<RunId>) -> Result<BTreeSet<RunId>, Trouble> {
        // The ledger first: what it has with the pipeline then, the pipeline must have after.
        let mut kept = self.ledger.held_slots(&self.provider, MAX_KEPT).await?;
        let targets = self.graphs.get().targets;
        let is_there = |run: &Run| {
            targets
                .of_run(&run.product, &run.provider)
                .map(|target| &target.url)
        };
        kept.retain(|kept| is_there(&kept.run) == Some(&self.url));
        let asked_at = self.clock.now();
        let listed = self.listed().await?;
        let mut found = BTreeSet::new();
        let ghosts = ghosts(&kept, &listed, asked_at);
        for ghost in ghosts.iter().take(MAX_DIFFERENCES) {
            self.note("ghost", &ghost.run.run_id, known, &mut found);
            self.ask_about(ghost);
        }
        let mut strays = strays(&kept, &listed);
        strays.retain(|stray| self.is_its_product(stray));
        strays.truncate(MAX_DIFFERENCES);
        self.look_after(&strays, known, &mut found).await?;
        Ok(found)
    }

    /// What the pipeline runs, as far as it tells in so many pages.
    async fn listed(&self) -> Result<Listed, Trouble> {
        let mut listed = Listed::default();
        let mut query = ProcessingQuery {
            open: Some(true),
            limit: Some(PAGE),
            cursor: None,
        };
        for _ in 0..MAX_PAGES {
            let page = self.pipelines.runs(&self.url, &query).await?;
            let page = page.ok_or(Trouble::NotOffered)?;
            let open = page.items.into_iter().filter(|run| !run.state.is_ended());
            listed.open.extend(open);
            query.cursor = page.next;
            if query.cursor.is_none() {
                listed.is_whole = true;
                break;
            }
        }
        Ok(listed)
    }

    fn is_its_product(&self, stray: &Stray) -> bool {
        let targets = self.graphs.get().targets;
        let target = targets.target(&stray.product);
        target.is_some_and(|target| target.provider == self.provider && target.url == self.url)
    }

    /// The answer comes to the writer as that to any question about a run.
    fn ask_about(&self, ghost: &OpenRun) {
        let run = &ghost.run;
        let ask = Command::Ask {
            provider: run.provider.clone(),
            product: run.product.clone(),
            asked: run.asked().clone(),
            run_id: run.run_id.clone(),
            attempt: run.attempt,
        };
        self.dispatcher.carry_out(ghost.obs_id.clone(), ask, None);
    }

    async fn look_after(
        &self,
        strays: &[Stray],
        known: &BTreeSet<RunId>,
        found: &mut BTreeSet<RunId>,
    ) -> Result<(), Trouble> {
        if strays.is_empty() {
            return Ok(());
        }
        let cells: Vec<_> = strays
            .iter()
            .map(|stray| (&stray.obs_id, &stray.product))
            .collect();
        let states = self.ledger.run_states(&self.provider, &cells).await?;
        for stray in strays {
            match states.get(&stray.run_id) {
                None => {
                    self.note("orphan", &stray.run_id, known, found);
                    self.hand_over(stray).await?;
                }
                Some(RunState::Cancelled) => {
                    self.note("leftover", &stray.run_id, known, found);
                    self.hand_over(stray).await?;
                }
                Some(RunState::Failed | RunState::Superseded) => {
                    self.note("leftover", &stray.run_id, known, found);
                }
                // It was POSTed or ended while the pipeline was asked, or is between two attempts.
                Some(
                    RunState::Queued
                    | RunState::Requested
                    | RunState::Running
                    | RunState::Retrying
                    | RunState::Succeeded,
                ) => {}
            }
        }
        Ok(())
    }

    /// The writer hears of it as of any run that a pipeline speaks of unasked.
    async fn hand_over(&self, stray: &Stray) -> Result<(), Trouble> {
        let event = Event::Overheard {
            product: stray.product.clone(),
            run_id: stray.run_id.clone(),
            attempt: stray.attempt,
            at_work: stray.at_work,
        };
        let word = Word::Runs {
            obs_id: stray.obs_id.clone(),
            events: vec![event],
            call: None,
        };
        self.lanes.words.send(word).await.map_err(|_| Trouble::Closed)
    }

    /// Counts and tells what the look before had not found.
    fn note(&self, what: &'static str, run_id: &RunId, known: &BTreeSet<RunId>, found: &mut BTreeSet<RunId>) {
        found.insert(run_id.clone());
        if !known.contains(run_id) {
            metrics::counter!("conductor_reconciled_runs_total", "what" => what).increment(1);
            tracing::info!(provider = %self.provider, run.id = %run_id, "pipeline and ledger differ: {what}");
        }
    }
}
