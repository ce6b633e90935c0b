//! Tells a decision: why a cell is as it is, and what would happen next.

use crate::decide::Decision;
use crate::entry::Entry;
use crate::reason::list;
use crate::view::View;
use crate::{Blocker, BlockerKind, Explanation, Next, Observation, ProviderView, Reason, Run};
use domain::{CellState, ProductName, ProviderName, RunState};
use jiff::Timestamp;
use product_graph::{ProductGraph, Recipe};
use std::collections::BTreeSet;

impl Observation {
    /// Why a cell is as it is, told by what decides about it. `providers` says how a provider is, or none if
    /// nobody knows; it then blocks nothing.
    pub fn explain(
        &self,
        graph: &ProductGraph,
        product: &ProductName,
        providers: impl Fn(&ProviderName) -> Option<ProviderView>,
        now: Timestamp,
    ) -> Explanation {
        let mut explainer = Explainer {
            view: self.view(graph),
            providers: &providers,
            now,
            met: BTreeSet::from([product.clone()]),
        };
        let (state, reason) = self.outlook(graph, product);
        let shown = state.as_str().replace('_', " ");
        let text = match reason {
            Some(reason) => format!("{product} is {shown}: {reason}"),
            None => format!("{product} is {shown}"),
        };
        Explanation {
            text,
            blockers: explainer.blockers(product),
            next: explainer.next(product),
        }
    }
}

struct Explainer<'a> {
    view: View<'a>,
    providers: &'a dyn Fn(&ProviderName) -> Option<ProviderView>,
    now: Timestamp,
    /// The products whose blockers are told already.
    met: BTreeSet<ProductName>,
}

impl<'a> Explainer<'a> {
    /// What stands between a product and its next POST.
    fn blockers(&mut self, product: &ProductName) -> Vec<Blocker> {
        let Some((recipe, decision)) = self.decision(product) else {
            return Vec::new();
        };
        match decision {
            Decision::Underway | Decision::Follow(_) => {
                self.run(product).map(under_way).into_iter().collect()
            }
            Decision::Keep => self.run(product).map(|run| self.kept(run)).unwrap_or_default(),
            Decision::GivenUp => self.given_up(product),
            Decision::Made => self.withdrawn(product),
            Decision::Outside { awaited: inputs, .. } | Decision::Await(inputs) => {
                let inputs = inputs.iter();
                inputs
                    .map(|input| self.on(BlockerKind::Input, input, None))
                    .collect()
            }
            Decision::Wait { inputs, until } => {
                let view = self.view;
                let until = |input: &ProductName| until.filter(|_| !view.is_mandatory(recipe, input));
                let inputs = inputs.iter();
                inputs
                    .map(|input| self.on(BlockerKind::InProgress, input, until(input)))
                    .collect()
            }
            Decision::Newer(_) | Decision::Begin { .. } => Vec::new(),
        }
    }

    /// What happens next to a product.
    fn next(&self, product: &ProductName) -> Option<Next> {
        let (recipe, decision) = self.decision(product)?;
        let run = self.run(product);
        match decision {
            Decision::Underway => run.map(|run| Next {
                what: format!("{} is given up, unless its product is there", attempt(run)),
                at: run.deadline,
            }),
            Decision::Keep => run.map(|run| Next {
                what: format!("{} is sent to {}", attempt(run), run.provider),
                at: run.retry_at.or_else(|| self.free_at(&run.provider)),
            }),
            Decision::Follow(_) => Some(soon("one more run starts when this one is over".into())),
            Decision::Outside { awaited: inputs, .. } | Decision::Await(inputs) => Some(starts_when(&inputs)),
            Decision::Wait { inputs, until } => {
                let optional = !inputs.iter().any(|input| self.view.is_mandatory(recipe, input));
                match until.filter(|_| optional) {
                    Some(until) => Some(Next {
                        what: format!("starts, with {} or without", list(&inputs)),
                        at: Some(until),
                    }),
                    None => Some(starts_when(&inputs)),
                }
            }
            Decision::Begin { .. } => Some(soon("starts at once".into())),
            Decision::Made | Decision::Newer(_) | Decision::GivenUp => None,
        }
    }

    fn decision(&self, product: &ProductName) -> Option<(&'a Recipe, Decision)> {
        let graph = self.view.graph;
        let recipe = graph.id(product).and_then(|id| graph.recipe(id))?;
        Some((recipe, self.view.decide(product, recipe, self.now)))
    }

    fn run(&self, product: &ProductName) -> Option<&'a Run> {
        self.view.observation.run(product)
    }

    /// An input that another cell waits for, and why it is not there.
    fn on(&mut self, kind: BlockerKind, product: &ProductName, until: Option<Timestamp>) -> Blocker {
        let observation = self.view.observation;
        let (state, reason) = observation.outlook(self.view.graph, product);
        let retracted = state == CellState::Retracted;
        let told = retracted || !self.met.insert(product.clone());
        Blocker {
            kind: if retracted { BlockerKind::Retracted } else { kind },
            what: product.to_string(),
            detail: reason.map(|reason| reason.to_string()).unwrap_or_default(),
            state: Some(state),
            since: observation.cell(product).map(|cell| cell.since),
            until,
            blockers: if told { Vec::new() } else { self.blockers(product) },
        }
    }

    /// A run that is queued or between attempts.
    fn kept(&self, run: &Run) -> Vec<Blocker> {
        if run.state == RunState::Retrying {
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
        busy.into_iter().chain(full).collect()
    }

    /// When a provider that is only busy has time again.
    fn free_at(&self, provider: &ProviderName) -> Option<Timestamp> {
        (self.providers)(provider).filter(|view| !view.full)?.busy_until
    }

    fn given_up(&self, product: &ProductName) -> Vec<Blocker> {
        let Some(entry) = self.view.observation.entries.get(product) else {
            return Vec::new();
        };
        let cell = entry.cell();
        let detail = cell.reason.as_ref().map(Reason::to_string).unwrap_or_default();
        match entry.run().filter(|run| run.state == RunState::Failed) {
            Some(run) if cell.state != CellState::Cancelled => vec![Blocker {
                since: run.ended_at,
                ..blocker(BlockerKind::Failed, &run.run_id, detail)
            }],
            Some(_) | None => vec![Blocker {
                state: Some(cell.state),
                since: Some(cell.since),
                ..blocker(BlockerKind::Cancelled, product, detail)
            }],
        }
    }

    /// The cell's own product was withdrawn; one that is there blocks nothing.
    fn withdrawn(&self, product: &ProductName) -> Vec<Blocker> {
        let entry = self.view.observation.entries.get(product);
        let withdrawn = entry.filter(|entry| entry.newest().is_some() && entry.available().is_none());
        withdrawn
            .map(Entry::cell)
            .map(|cell| Blocker {
                state: Some(cell.state),
                since: Some(cell.since),
                ..blocker(BlockerKind::Retracted, product, Reason::Retracted.to_string())
            })
            .into_iter()
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
    let detail = last.map(|ended| format!("{}: {}", ended.error.code, ended.error.message));
    Blocker {
        since: last.map(|ended| ended.ended_at),
        until: run.retry_at,
        ..blocker(BlockerKind::Backoff, &run.run_id, detail.unwrap_or_default())
    }
}

fn blocker(kind: BlockerKind, what: &impl ToString, detail: String) -> Blocker {
    Blocker {
        kind,
        what: what.to_string(),
        detail,
        state: None,
        since: None,
        until: None,
        blockers: Vec::new(),
    }
}

fn attempt(run: &Run) -> String {
    format!("attempt {} of {}", run.attempt, run.attempts)
}

fn starts_when(inputs: &[ProductName]) -> Next {
    let there = if inputs.len() == 1 {
        "is there"
    } else {
        "are there"
    };
    soon(format!("starts when {} {there}", list(inputs)))
}

fn soon(what: String) -> Next {
    Next { what, at: None }
}
