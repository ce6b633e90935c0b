//! What product and provider are chosen from: those of the graph that fit what is typed.

use super::{Form, Sent, Slot};
use crate::app::{Picker, fuzzy};
use crate::model::Graph;
use domain::{ProductName, ProviderName};
use tui_input::Input;

/// One that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What becomes of the field.
    pub name: String,
    /// What there is to tell beside it.
    pub beside: String,
}

impl Form {
    /// Whether the cursor is among those that fit: what is typed is none of them yet.
    pub fn is_picking(&self, graph: Option<&Graph>) -> bool {
        let is_open = match self.slot {
            Slot::Product => self.product(graph).is_err(),
            Slot::Provider => !matches!(self.provider(graph), Ok(Some(_))),
            Slot::ObsId | Slot::Through | Slot::Url | Slot::Force | Slot::Param(_) | Slot::Note => false,
        };
        is_open && graph.is_some()
    }

    /// Those that fit what is typed in the field that gets the keys; none in a field that is not chosen from the graph.
    ///
    /// Of a chosen provider only its products are; of the others first those that fit by their names, then those that
    /// fit by who makes them.
    pub fn found(&self, graph: Option<&Graph>) -> Vec<Choice> {
        match self.slot {
            Slot::Product => self.found_products(graph),
            Slot::Provider => self.found_providers(graph),
            Slot::ObsId | Slot::Through | Slot::Url | Slot::Force | Slot::Param(_) | Slot::Note => vec![],
        }
    }

    /// Which of those that fit is picked; the last one of a list that became shorter.
    pub fn picked(&self, found: &[Choice]) -> usize {
        let picker = match self.slot {
            Slot::Provider => &self.provider,
            Slot::Product
            | Slot::ObsId
            | Slot::Through
            | Slot::Url
            | Slot::Force
            | Slot::Param(_)
            | Slot::Note => &self.product,
        };
        picker.picked.min(found.len().saturating_sub(1))
    }

    /// How much the provider makes, in words; nothing of nobody.
    pub fn makes(&self, graph: Option<&Graph>) -> String {
        let Ok(Some(provider)) = self.provider(graph) else {
            return String::new();
        };
        let made = made(graph).into_iter().filter(|(_, by)| **by == provider);
        products(made.count())
    }

    fn found_products(&self, graph: Option<&Graph>) -> Vec<Choice> {
        let typed = self.product.line.value();
        let wanted = self.provider(graph).ok().flatten();
        let mut made = made(graph);
        made.retain(|(_, provider)| wanted.as_ref().is_none_or(|wanted| wanted == *provider));
        let by_name = fuzzy::best(typed, made.iter().map(|made| (*made, made.0)));
        let others = made.iter().filter(|made| !by_name.contains(made));
        let by_provider = fuzzy::best(typed, others.map(|made| (*made, made.1)));
        let found = by_name.into_iter().chain(by_provider);
        let choice = |(product, provider): (&ProductName, &ProviderName)| Choice {
            name: product.to_string(),
            beside: provider.to_string(),
        };
        found.map(choice).collect()
    }

    fn found_providers(&self, graph: Option<&Graph>) -> Vec<Choice> {
        let mut providers: Vec<(&ProviderName, usize)> = Vec::new();
        for (_, provider) in made(graph) {
            match providers.iter_mut().find(|(known, _)| *known == provider) {
                Some((_, count)) => *count += 1,
                None => providers.push((provider, 1)),
            }
        }
        let found = fuzzy::best(
            self.provider.line.value(),
            providers.into_iter().map(|each| (each, each.0)),
        );
        let choice = |(provider, count): (&ProviderName, usize)| Choice {
            name: provider.to_string(),
            beside: products(count),
        };
        found.into_iter().map(choice).collect()
    }

    /// Moves among those that fit.
    pub(super) fn pick(&mut self, by: isize, graph: Option<&Graph>) {
        let found = self.found(graph);
        let last = found.len().saturating_sub(1);
        let picked = self.picked(&found).saturating_add_signed(by).min(last);
        if let Some(picker) = self.picker() {
            picker.picked = picked;
        }
    }

    /// The picked one becomes what is typed. The product of another provider gives way to those of the chosen one.
    pub(super) fn take_picked(&mut self, graph: Option<&Graph>) {
        if !self.is_picking(graph) {
            return;
        }
        let found = self.found(graph);
        let Some(choice) = found.get(self.picked(&found)) else {
            return;
        };
        if let Some(picker) = self.picker() {
            *picker = Picker {
                line: Input::from(choice.name.clone()),
                picked: 0,
            };
        }
        if self.slot == Slot::Provider {
            self.is_filled = false;
            self.make_room(graph, &choice.name);
        }
        self.sent = Sent::Not;
    }

    fn make_room(&mut self, graph: Option<&Graph>, provider: &str) {
        let made = made(graph);
        let its: Vec<&ProductName> = made
            .iter()
            .filter(|(_, by)| by.as_str() == provider)
            .map(|(product, _)| *product)
            .collect();
        let typed = self.product.line.value().trim();
        if its.iter().any(|product| product.as_str() == typed) {
            return;
        }
        let only = match its[..] {
            [only] => only.to_string(),
            _ => String::new(),
        };
        self.product = Picker {
            line: Input::from(only),
            picked: 0,
        };
    }

    fn picker(&mut self) -> Option<&mut Picker> {
        match self.slot {
            Slot::Product => Some(&mut self.product),
            Slot::Provider => Some(&mut self.provider),
            Slot::ObsId | Slot::Through | Slot::Url | Slot::Force | Slot::Param(_) | Slot::Note => None,
        }
    }
}

/// How many products somebody makes, in words.
fn products(count: usize) -> String {
    match count {
        1 => "makes 1 product".to_owned(),
        count => format!("makes {count} products"),
    }
}

/// The products that are made, with those who make them, in the order of the graph.
fn made(graph: Option<&Graph>) -> Vec<(&ProductName, &ProviderName)> {
    let nodes = graph.into_iter().flat_map(Graph::nodes);
    nodes
        .filter_map(|node| Some((&node.product, node.provider.as_ref()?)))
        .collect()
}
