//! What is otherwise in another graph, name by name and key by key.

use crate::ProductGraph;
use crate::write::{spelt_provider, spelt_recipe};
use domain::{ProductName, ProviderName};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What is otherwise in another graph. Names are sorted; layout, order and commentary are no difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The inputs.
    pub inputs: Named<ProductName>,
    /// The products.
    pub products: Named<ProductName>,
    /// The providers.
    pub providers: Named<ProviderName>,
}

/// What came, went, and is otherwise. What was an input and is a product now has gone here and come there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<N> {
    /// Only in the new graph.
    pub added: Vec<N>,
    /// Only in the old graph.
    pub removed: Vec<N>,
    /// In both, with what is otherwise.
    pub changed: Vec<(N, Vec<FieldChange>)>,
}

/// A key of graph.json whose value is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The key.
    pub field: String,
    /// What it was, defaults spelt out; null where nothing is said and there is no default.
    pub was: Value,
    /// What it is.
    pub is: Value,
}

impl Changes {
    /// What is otherwise in `new` than in `old`.
    pub fn between(old: &ProductGraph, new: &ProductGraph) -> Self {
        Self {
            inputs: Named::between(&inputs(old), &inputs(new)),
            products: Named::between(&products(old), &products(new)),
            providers: Named::between(&providers(old), &providers(new)),
        }
    }

    /// Whether both graphs say the same.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.products.is_empty() && self.providers.is_empty()
    }
}

impl<N> Default for Named<N> {
    fn default() -> Self {
        Self {
            added: Vec::new(),
            removed: Vec::new(),
            changed: Vec::new(),
        }
    }
}

impl<N: Ord + Clone> Named<N> {
    /// Whether nothing is otherwise.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    fn between(old: &BTreeMap<&N, Map<String, Value>>, new: &BTreeMap<&N, Map<String, Value>>) -> Self {
        let only = |these: &BTreeMap<&N, _>, those: &BTreeMap<&N, _>| {
            let only = these.keys().filter(|name| !those.contains_key(*name));
            only.map(|name| (*name).clone()).collect()
        };
        let changed = old.iter().filter_map(|(name, was)| {
            let fields = fields(was, new.get(name)?);
            (!fields.is_empty()).then(|| ((*name).clone(), fields))
        });
        Self {
            added: only(new, old),
            removed: only(old, new),
            changed: changed.collect(),
        }
    }
}

fn inputs(graph: &ProductGraph) -> BTreeMap<&ProductName, Map<String, Value>> {
    graph.inputs().map(|id| (graph.name(id), Map::new())).collect()
}

fn products(graph: &ProductGraph) -> BTreeMap<&ProductName, Map<String, Value>> {
    let spelt = |id| Some((graph.name(id), spelt_recipe(graph, graph.recipe(id)?)));
    graph.products().filter_map(spelt).collect()
}

fn providers(graph: &ProductGraph) -> BTreeMap<&ProviderName, Map<String, Value>> {
    let spelt = |(name, spec)| (name, spelt_provider(graph, spec));
    graph.providers().iter().map(spelt).collect()
}

fn fields(was: &Map<String, Value>, is: &Map<String, Value>) -> Vec<FieldChange> {
    let only_now = is.keys().filter(|key| !was.contains_key(*key));
    let keys = was.keys().chain(only_now);
    let change = |field: &String| {
        let value = |of: &Map<String, Value>| of.get(field).cloned().unwrap_or_default();
        let (was, is) = (value(was), value(is));
        (was != is).then(|| FieldChange {
            field: field.clone(),
            was,
            is,
        })
    };
    keys.filter_map(change).collect()
}
