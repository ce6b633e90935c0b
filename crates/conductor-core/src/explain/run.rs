//! What stands in the way of a cell that has a run or a product.

use super::{Explainer, blocker};
use crate::entry::Entry;
use crate::{Blocker, BlockerKind, Reason, RestraintKind, Run};
use domain::{ProductName, RunState};
use product_graph::Recipe;

impl Explainer<'_> {
    /// A run that is with its provider.
    pub(super) fn under_way(&self, product: &ProductName) -> Vec<Blocker> {
        self.run(product).map(under_way).into_iter().collect()
    }

    /// A run that is queued or between attempts.
    pub(super) fn kept(&self, product: &ProductName) -> Vec<Blocker> {
        let Some(run) = self.run(product) else {
            return Vec::new();
        };
        // While it is held, its time can have come.
        if run.state == RunState::Retrying && run.retry_at > Some(self.now) {
            return vec![between_attempts(run)];
        }
        let Some(view) = (self.providers)(&run.provider) else {
            return Vec::new();
        };
        let of = |kind, detail| Blocker {
            since: Some(run.queued_at),
            ..blocker(kind, &run.provider, detail)
        };
        let busy = view.busy_until.map(|until| Blocker {
            until: Some(until),
            ..of(
                BlockerKind::ProviderBusy,
                format!("asked for time until {until:.0}"),
            )
        });
        let full = view.full.then(|| {
            let detail = format!(
                "{} under way, as many as it may have; {} wait",
                view.in_flight, view.queued
            );
            of(BlockerKind::ProviderLimit, detail)
        });
        let restrained = view.restraint.as_ref().map(|restraint| {
            let kind = match restraint.kind {
                RestraintKind::Paused => BlockerKind::ProviderPaused,
                RestraintKind::Draining => BlockerKind::ProviderDraining,
            };
            Blocker {
                since: Some(restraint.signature.at),
                ..blocker(kind, &run.provider, restraint.to_string())
            }
        });
        let open = view.open.map(|open| {
            let then = match open.probe_at {
                Some(at) => format!("one run is sent at {at:.0} to see"),
                None => "one run was sent to see".to_owned(),
            };
            Blocker {
                until: open.probe_at,
                ..of(
                    BlockerKind::ProviderOpen,
                    format!("was not reached several times; {then}"),
                )
            }
        });
        restrained
            .into_iter()
            .chain(open)
            .chain(busy)
            .chain(full)
            .collect()
    }

    /// It failed, or somebody gave it up.
    pub(super) fn given_up(&self, product: &ProductName) -> Vec<Blocker> {
        let cancelled = self.cancelled(product);
        if cancelled.is_some() {
            return cancelled.into_iter().collect();
        }
        let reason = self
            .view
            .observation
            .cell(product)
            .and_then(|cell| cell.reason.as_ref());
        let detail = reason.map(Reason::to_string).unwrap_or_default();
        let failed = self.run(product).filter(|run| run.leaves_failed());
        failed
            .map(|run| Blocker {
                since: run.ended_at,
                ..blocker(BlockerKind::Failed, &run.run_id, detail)
            })
            .into_iter()
            .collect()
    }

    /// Somebody gave it up.
    pub(super) fn cancelled(&self, product: &ProductName) -> Option<Blocker> {
        let cancelled = self.view.observation.cell(product)?.cancelled.as_ref()?;
        Some(Blocker {
            since: Some(cancelled.at),
            ..self.own(
                BlockerKind::Cancelled,
                product,
                format!("cancelled by {cancelled}"),
            )
        })
    }

    /// The cell's own product was withdrawn: it is made again once its inputs are there, or if somebody asks for
    /// it. One that is there blocks nothing.
    pub(super) fn withdrawn(&mut self, product: &ProductName, recipe: &Recipe) -> Vec<Blocker> {
        let entry = self.view.observation.entries.get(product);
        let newest = entry.and_then(Entry::newest).filter(|datum| datum.retracted);
        let Some(datum) = newest else {
            return Vec::new();
        };
        let awaited = self.view.names(self.view.awaited(recipe));
        if awaited.is_empty() {
            let detail = datum.why_retracted().to_string();
            return vec![self.own(BlockerKind::Retracted, product, detail)];
        }
        let awaited = awaited.iter();
        awaited
            .map(|input| self.on(BlockerKind::Input, input, None))
            .collect()
    }
}

fn under_way(run: &Run) -> Blocker {
    Blocker {
        since: run.requested_at,
        until: run.deadline,
        ..blocker(
            BlockerKind::Run,
            &run.run_id,
            format!("{} is with {}", attempt(run), run.provider),
        )
    }
}

fn between_attempts(run: &Run) -> Blocker {
    let last = run.ended_attempts.last();
    let detail = last.map(|ended| {
        let budget = run.budget(ended.fault);
        format!("{}: {} ({budget})", ended.error.code, ended.error.message)
    });
    Blocker {
        since: last.map(|ended| ended.ended_at),
        until: run.retry_at,
        ..blocker(BlockerKind::Backoff, &run.run_id, detail.unwrap_or_default())
    }
}

/// `attempt 1 of 3`.
pub(super) fn attempt(run: &Run) -> String {
    format!("attempt {} of {}", run.attempt, run.last_attempt())
}
