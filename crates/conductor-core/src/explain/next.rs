//! What happens next to a cell.

use super::Explainer;
use super::run::attempt;
use crate::Next;
use crate::decide::Decision;
use crate::entry::Entry;
use crate::grace::Wait;
use crate::reason::list;
use domain::{ProductName, ProviderName};
use jiff::Timestamp;
use product_graph::Recipe;

impl Explainer<'_> {
    /// What happens next to a product, and when.
    pub(super) fn next(&self, product: &ProductName) -> Option<Next> {
        let (recipe, decision) = self.decision(product)?;
        let entry = self.view.observation.entries.get(product);
        let held = entry.is_some_and(Entry::is_held);
        match decision {
            Decision::Underway => self.run(product).map(|run| {
                let held = self
                    .view
                    .observation
                    .entries
                    .get(product)
                    .is_some_and(Entry::is_held);
                let then = if held { "; nothing new starts after it" } else { "" };
                Next {
                    what: format!("{} is given up, unless its product is there{then}", attempt(run)),
                    at: run.deadline,
                }
            }),
            Decision::Keep => self.run(product).map(|run| Next {
                what: format!("{} is sent to {}", attempt(run), run.provider),
                at: run.retry_at.or_else(|| self.free_at(&run.provider)),
            }),
            Decision::Follow(_) => Some(soon("one more run starts when this one is over".into())),
            Decision::Outside { awaited: inputs, .. } | Decision::Await(inputs) => {
                Some(soon(starts_when(recipe, &inputs)))
            }
            Decision::Gather(gathering) => Some(Next {
                what: format!("{}, from the newest of every input", starts(recipe)),
                at: Some(gathering.until),
            }),
            Decision::Wait(wait) => Some(self.starts_after(recipe, &wait)),
            Decision::Begin { .. } => Some(soon("starts at once".into())),
            Decision::Approve { .. } => Some(soon("starts when somebody approves".into())),
            Decision::Held(without) => match *without {
                Decision::Outside { awaited: inputs, .. } | Decision::Await(inputs) => {
                    let starts = starts_when(recipe, &inputs);
                    Some(soon(format!("{starts} and somebody releases it")))
                }
                Decision::Approve { .. } => Some(soon("awaits approval when somebody releases it".into())),
                Decision::Keep
                | Decision::Follow(_)
                | Decision::Gather(_)
                | Decision::Wait(_)
                | Decision::Begin { .. }
                | Decision::Underway
                | Decision::Made
                | Decision::Stale(_)
                | Decision::GivenUp
                | Decision::Held(_) => Some(soon("goes on when somebody releases it".into())),
            },
            Decision::Made | Decision::Stale(_) => {
                held.then(|| soon("nothing new starts before somebody releases it".into()))
            }
            Decision::GivenUp => None,
        }
    }

    fn starts_after(&self, recipe: &Recipe, wait: &Wait) -> Next {
        let inputs: Vec<ProductName> = wait.inputs.iter().chain(&wait.awaited).cloned().collect();
        let mandatory = inputs.iter().any(|input| self.view.is_mandatory(recipe, input));
        match wait.until.max(wait.awaited_until) {
            Some(until) if !mandatory => Next {
                what: format!("{}, with {} or without", starts(recipe), list(&inputs)),
                at: Some(until),
            },
            Some(_) | None => soon(starts_when(recipe, &inputs)),
        }
    }

    /// When a provider has time again that is only busy, or not there.
    fn free_at(&self, provider: &ProviderName) -> Option<Timestamp> {
        let view = (self.providers)(provider)?;
        let open_until = view.open.map(|open| open.probe_at);
        let by_itself = !view.full && view.restraint.is_none() && open_until != Some(None);
        view.busy_until.max(open_until.flatten()).filter(|_| by_itself)
    }
}

fn starts_when(recipe: &Recipe, inputs: &[ProductName]) -> String {
    let there = if inputs.len() == 1 {
        "is there"
    } else {
        "are there"
    };
    format!("{} when {} {there}", starts(recipe), list(inputs))
}

fn starts(recipe: &Recipe) -> &'static str {
    if recipe.approve {
        "awaits approval"
    } else {
        "starts"
    }
}

fn soon(what: String) -> Next {
    Next { what, at: None }
}
