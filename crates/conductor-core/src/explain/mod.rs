//! Tells a decision: why a cell is as it is, and what would happen next.

mod next;
mod run;

use crate::decide::Decision;
use crate::grace::Wait;
use crate::repeats::Gathering;
use crate::view::View;
use crate::{Blocker, BlockerKind, Explanation, Observation, ProviderView, Reason, Run};
use domain::{CellState, ProductName, ProviderName};
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

/// Of a product that is there, while others wait for the next one.
const RENEWED: &str = "is there, and is made again when its inputs are";

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
        match self.decision(product) {
            Some((recipe, decision)) => self.told(product, recipe, decision),
            None => Vec::new(),
        }
    }

    fn told(&mut self, product: &ProductName, recipe: &Recipe, decision: Decision) -> Vec<Blocker> {
        match decision {
            Decision::Underway | Decision::Follow(_) => self.under_way(product),
            Decision::Keep => self.kept(product),
            Decision::GivenUp => self.given_up(product),
            Decision::Made => self.withdrawn(product, recipe),
            Decision::Outside { awaited, .. } => {
                let mut blockers = self.inputs(&awaited);
                blockers.extend(self.cancelled(product));
                blockers
            }
            Decision::Await(inputs) => self.inputs(&inputs),
            Decision::Gather(gathering) => self.gathered(product, recipe, gathering),
            Decision::Wait(wait) => self.waited_for(recipe, &wait),
            Decision::Approve { inputs, missing } => {
                let detail = Reason::Approval { inputs, missing }.to_string();
                vec![self.own(BlockerKind::Approval, product, detail)]
            }
            Decision::Held(without) => {
                let mut blockers = self.held(product);
                // What it would be made from is approved when nothing else is in the way.
                if !matches!(*without, Decision::Approve { .. }) {
                    blockers.extend(self.told(product, recipe, *without));
                }
                blockers
            }
            Decision::Stale(_) | Decision::Begin { .. } => Vec::new(),
        }
    }

    /// The mandatory inputs that are not there.
    fn inputs(&mut self, inputs: &[ProductName]) -> Vec<Blocker> {
        let inputs = inputs.iter();
        inputs
            .map(|input| self.on(BlockerKind::Input, input, None))
            .collect()
    }

    /// The inputs that are being made or re-made, and those that may still come.
    fn waited_for(&mut self, recipe: &Recipe, wait: &Wait) -> Vec<Blocker> {
        let view = self.view;
        let optional = |input: &ProductName| !view.is_mandatory(recipe, input);
        let mut blockers: Vec<Blocker> = (wait.inputs.iter())
            .map(|input| {
                let until = wait.until.filter(|_| optional(input));
                self.on(BlockerKind::InProgress, input, until)
            })
            .collect();
        let awaited = wait.awaited.iter();
        blockers.extend(awaited.map(|input| self.on(BlockerKind::Optional, input, wait.awaited_until)));
        blockers
    }

    /// The repeats that are gathered, and what would then still be waited for.
    fn gathered(&mut self, product: &ProductName, recipe: &Recipe, gathering: Gathering) -> Vec<Blocker> {
        let until = gathering.until;
        let mut blockers = vec![Blocker {
            until: Some(until),
            ..self.own(BlockerKind::Repeats, product, gathering.into_reason().to_string())
        }];
        let entry = self.view.observation.entries.get(product);
        if let Decision::Wait(wait) = self.view.wanted(product, entry, recipe, self.now) {
            blockers.extend(self.waited_for(recipe, &wait));
        }
        blockers
    }

    /// The inputs for which a product that stands will be made again.
    fn renewed(&mut self, product: &ProductName) -> Vec<Blocker> {
        let Some(id) = self.view.graph.id(product).filter(|id| self.view.passes_on(*id)) else {
            return Vec::new();
        };
        let inputs = self.view.remaking(id).filter(|id| self.view.coming_again(*id));
        let inputs = self.view.names(inputs);
        let inputs = inputs.iter();
        inputs
            .map(|input| self.on(BlockerKind::InProgress, input, None))
            .collect()
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
        let told = !self.met.insert(product.clone());
        let stands = |product| {
            self.view
                .graph
                .id(product)
                .is_some_and(|id| self.view.passes_on(id))
        };
        let renewed = kind == BlockerKind::InProgress && stands(product);
        let detail = reason.map(|reason| reason.to_string());
        let why_renewed = || {
            if renewed {
                RENEWED.to_owned()
            } else {
                String::new()
            }
        };
        Blocker {
            kind: if retracted { BlockerKind::Retracted } else { kind },
            what: product.to_string(),
            detail: detail.unwrap_or_else(why_renewed),
            state: Some(state),
            since: observation.cell(product).map(|cell| cell.since),
            until,
            blockers: match (told, renewed) {
                (true, _) => Vec::new(),
                (false, true) => self.renewed(product),
                (false, false) => self.blockers(product),
            },
        }
    }

    /// An operator holds the cell.
    fn held(&self, product: &ProductName) -> Vec<Blocker> {
        let cell = self.view.observation.cell(product);
        let held = cell.and_then(|cell| cell.held.as_ref());
        held.map(|held| Blocker {
            since: Some(held.at),
            ..self.own(BlockerKind::Held, product, format!("held by {held}"))
        })
        .into_iter()
        .collect()
    }

    /// What stands in the way at the cell itself, since it is as it is.
    fn own(&self, kind: BlockerKind, product: &ProductName, detail: String) -> Blocker {
        let cell = self.view.observation.cell(product);
        Blocker {
            state: cell.map(|cell| cell.state),
            since: cell.map(|cell| cell.since),
            ..blocker(kind, product, detail)
        }
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
