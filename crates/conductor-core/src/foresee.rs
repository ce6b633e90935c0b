//! What a command of an operator would do, before it is applied.

use crate::view::View;
use crate::{Command, Event, Observation, Reason, Verb};
use domain::{CellState, ProductName};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::BTreeSet;

/// What [`Event::Operated`] would do to its cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// Whether it would do anything.
    pub touched: bool,
    /// How the cell would be afterwards.
    pub state: CellState,
    /// Why it would do nothing, for a person.
    pub why_not: Option<String>,
}

impl Observation {
    /// What the verb would do to a cell now. It is tried on a copy, so that it cannot differ from what
    /// happens when the verb is applied.
    pub fn foresee(
        &self,
        graph: &ProductGraph,
        now: Timestamp,
        product: &ProductName,
        verb: &Verb,
    ) -> Foreseen {
        let why_not = self.view(graph).objection(product, verb);
        if let Some(why_not) = why_not {
            return Foreseen {
                touched: false,
                state: self.outlook(graph, product).0,
                why_not: Some(why_not),
            };
        }
        let mut copy = self.clone();
        let event = Event::Operated {
            product: product.clone(),
            verb: *verb,
            by: String::new(),
            note: None,
        };
        let commands = copy.apply(graph, now, event);
        // Only the state is asked for: nobody carries them out.
        drop(commands);
        Foreseen {
            touched: true,
            state: copy.outlook(graph, product).0,
            why_not: None,
        }
    }
}

/// What [`Event::GraphChanged`] would do to an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeseenGraph {
    /// The cells that would be otherwise: how they are, and how they would be.
    pub cells: Vec<(ProductName, CellState, CellState)>,
    /// What would be asked for, as soon as its provider has room.
    pub begun: Vec<ProductName>,
}

impl Observation {
    /// What another graph would do to the observation now, tried on a copy.
    pub fn foresee_graph(&self, old: &ProductGraph, new: &ProductGraph, now: Timestamp) -> ForeseenGraph {
        let mut copy = self.clone();
        let commands = copy.apply(new, now, Event::GraphChanged);
        let begun = commands.into_iter().filter_map(|command| match command {
            Command::Enqueue(want) => Some(want.product),
            Command::Withdraw { .. }
            | Command::Release { .. }
            | Command::Occupy { .. }
            | Command::Busy { .. }
            | Command::Post(_)
            | Command::Ask { .. }
            | Command::Cancel { .. }
            | Command::Retract { .. }
            | Command::AskSdb { .. }
            | Command::Remark { .. } => None,
        });
        let rows = self.entries.keys().chain(copy.entries.keys());
        let products: BTreeSet<&ProductName> = rows.collect();
        let cells = products.into_iter().filter_map(|product| {
            let (was, state) = (self.outlook(old, product).0, copy.outlook(new, product).0);
            (was != state).then(|| (product.clone(), was, state))
        });
        ForeseenGraph {
            cells: cells.collect(),
            begun: begun.collect(),
        }
    }
}

impl View<'_> {
    /// Why the verb would do nothing to the cell, if so.
    pub(crate) fn objection(self, product: &ProductName, verb: &Verb) -> Option<String> {
        let id = self.graph.id(product);
        if id.and_then(|id| self.graph.recipe(id)).is_none() {
            return Some("nothing in the graph makes it".to_owned());
        }
        let (state, reason) = self.observation.outlook(self.graph, product);
        if state == CellState::Quarantined {
            return Some("what would decide about it was put aside".to_owned());
        }
        let cell = self.observation.cell(product);
        let held = cell.and_then(|cell| cell.held.as_ref());
        let cancelled = cell.is_some_and(|cell| cell.cancelled.is_some());
        let standing = match &reason {
            // Also while it could not be made.
            _ if cancelled => standing(CellState::Cancelled),
            Some(Reason::Approval { .. }) => "it awaits approval",
            Some(Reason::Restrained { .. }) => "its provider is sent nothing",
            Some(_) | None => standing(state),
        };
        let needs = |allowed: bool, what: &str| (!allowed).then(|| format!("{standing}, and {what}"));
        match verb {
            Verb::Retry => needs(
                held.is_some() && state == CellState::Held || state == CellState::Failed || cancelled,
                "only what failed, was cancelled or is held is retried",
            ),
            Verb::Cancel => needs(
                state.is_active() || matches!(state, CellState::Waiting | CellState::Grace | CellState::Held),
                "nothing of it is wanted or under way",
            ),
            Verb::Hold => match held {
                Some(held) => Some(format!("it is held already, by {held}")),
                None => needs(!cancelled, "nothing starts before it is retried"),
            },
            Verb::Release => match (&reason, held) {
                (Some(Reason::Restrained { provider, .. }), None) => {
                    Some(format!("it goes on when {provider} is resumed"))
                }
                (_, held) => needs(held.is_some(), "nobody holds it"),
            },
            Verb::Approve => match (&reason, held) {
                (Some(Reason::Approval { .. }), _) => None,
                (_, Some(held)) => Some(format!("it is held by {held}, and has to be released first")),
                (_, None) => needs(false, "it does not await approval"),
            },
            Verb::EndGrace | Verb::ExtendGrace { .. } => needs(
                reason.is_some_and(|reason| reason.grace_ends().is_some()),
                "no optional input is waited for",
            ),
            Verb::Raise { .. } if state.is_available() || state == CellState::Retracted => {
                needs(false, "nothing of it is to be made")
            }
            Verb::Raise { priority } => self.to_be_raised(product, *priority).is_empty().then(|| {
                let own = self.observation.priority(self.graph, product);
                format!("its priority is {own} already, and that of what is to be made for it no lower")
            }),
        }
    }
}

/// How a cell stands, for a sentence about what it cannot do.
fn standing(state: CellState) -> &'static str {
    match state {
        CellState::NotExpected => "it cannot be made from what is there",
        CellState::Done => "it is done",
        CellState::Received => "it came from elsewhere",
        CellState::Stale => "it is done, from older inputs",
        CellState::Retracted => "it was withdrawn",
        CellState::Cancelled => "it was cancelled",
        CellState::Waiting => "it waits for mandatory inputs",
        CellState::Grace => "it waits for inputs that may come soon",
        CellState::Queued => "it is queued",
        CellState::Requested => "it is requested from its provider",
        CellState::Running => "its provider is at work",
        CellState::Retrying => "its next attempt comes by itself",
        CellState::Held => "it is held",
        CellState::Failed => "it failed",
        CellState::Quarantined => "nothing is decided about it",
    }
}
