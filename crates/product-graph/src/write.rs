//! Back to JSON: the file format again, with what differs from the defaults only.

use crate::{Due, OnNewInput, ProductGraph, ProviderSpec, Recipe, RequestForm};
use domain::{ProductName, ProviderName, Sha256};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::Digest;
use std::time::Duration;
use url::Url;

impl ProductGraph {
    /// Digests the canonical text: sorted by the graph's own order, defaults left out.
    pub(crate) fn digest(&self) -> Sha256 {
        let canonical = serde_json::to_vec(self).expect("a graph is texts, numbers and maps with text keys");
        Sha256::from_bytes(sha2::Sha256::digest(canonical).into())
    }

    /// The names at some indexes.
    fn names(&self, ids: &[crate::NodeId]) -> Vec<&ProductName> {
        ids.iter().map(|id| self.name(*id)).collect()
    }
}

/// The format of graph.json: `serde_json::to_string_pretty(&graph)` is a file that loads again as the same
/// revision. Commentary is not kept.
impl Serialize for ProductGraph {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inputs: Vec<&ProductName> = self.inputs().map(|id| self.name(id)).collect();
        let providers = Providers(self);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("inputs", &inputs)?;
        map.serialize_entry("products", &Products(self))?;
        if providers.entries().next().is_some() {
            map.serialize_entry("providers", &providers)?;
        }
        map.end()
    }
}

/// A recipe key by key, to be compared with another graph's: defaults spelt out, inputs by name.
pub(crate) fn spelt_recipe(graph: &ProductGraph, recipe: &Recipe) -> Map<String, Value> {
    let mut written = WrittenRecipe::of(graph, recipe, Defaults::SpeltOut);
    written.m_input.sort();
    written.o_input.sort();
    spelt(&written)
}

/// A provider key by key; its URL may be that of its first product.
pub(crate) fn spelt_provider(graph: &ProductGraph, spec: &ProviderSpec) -> Map<String, Value> {
    spelt(&WrittenProvider {
        url: spec.url.as_ref(),
        ..WrittenProvider::of(graph, spec, Defaults::SpeltOut)
    })
}

fn spelt(written: &impl Serialize) -> Map<String, Value> {
    let value = serde_json::to_value(written).expect("texts and numbers are JSON");
    value.as_object().cloned().expect("a struct is an object")
}

/// Whether what is as it is by default is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defaults {
    LeftOut,
    SpeltOut,
}

impl Defaults {
    fn or<T>(self, differs: bool, write: impl FnOnce() -> T) -> Option<T> {
        (differs || self == Self::SpeltOut).then(write)
    }
}

struct Products<'a>(&'a ProductGraph);

impl Serialize for Products<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let recipes = self
            .0
            .products()
            .filter_map(|id| Some((self.0.name(id), self.0.recipe(id)?)));
        serializer.collect_map(
            recipes.map(|(name, recipe)| (name, WrittenRecipe::of(self.0, recipe, Defaults::LeftOut))),
        )
    }
}

struct Providers<'a>(&'a ProductGraph);

impl Providers<'_> {
    /// Those of which the products do not tell everything.
    fn entries(&self) -> impl Iterator<Item = (&ProviderName, WrittenProvider<'_>)> {
        let written = self
            .0
            .providers()
            .iter()
            .map(|(name, spec)| (name, WrittenProvider::of(self.0, spec, Defaults::LeftOut)));
        written.filter(|(name, entry)| !entry.is_default() || self.0.providers()[*name].products.is_empty())
    }
}

impl Serialize for Providers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries())
    }
}

#[derive(Serialize)]
struct WrittenProvider<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_in_flight: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'static str>,
}

impl<'a> WrittenProvider<'a> {
    fn of(graph: &'a ProductGraph, spec: &'a ProviderSpec, defaults: Defaults) -> Self {
        let first = spec.products.first().and_then(|id| graph.recipe(*id));
        let follows_first = first.is_some_and(|recipe| Some(&recipe.url) == spec.url.as_ref());
        Self {
            max_in_flight: spec.max_in_flight,
            url: spec.url.as_ref().filter(|_| !follows_first),
            request: defaults.or(spec.request != RequestForm::default(), || spec.request.as_str()),
        }
    }

    fn is_default(&self) -> bool {
        self.max_in_flight.is_none() && self.url.is_none() && self.request.is_none()
    }
}

#[derive(Serialize)]
struct WrittenRecipe<'a> {
    m_input: Vec<&'a ProductName>,
    o_input: Vec<&'a ProductName>,
    provider: &'a ProviderName,
    url: &'a Url,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_in_progress: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_optional: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_repeats: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approve: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<WrittenDue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_new_input: Option<WrittenOnNewInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backoff: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

impl<'a> WrittenRecipe<'a> {
    fn of(graph: &'a ProductGraph, recipe: &'a Recipe, defaults: Defaults) -> Self {
        // The one place where the defaults stand is Recipe::new, so compare with what it gives.
        let default = Recipe::new(recipe.provider.clone(), recipe.url.clone());
        let duration = |value: Duration, default: Duration| defaults.or(value != default, || written(value));
        Self {
            m_input: graph.names(&recipe.mandatory),
            o_input: graph.names(&recipe.optional),
            provider: &recipe.provider,
            url: &recipe.url,
            wait_in_progress: duration(recipe.wait_in_progress, default.wait_in_progress),
            wait_optional: duration(recipe.wait_optional, default.wait_optional),
            wait_repeats: duration(recipe.wait_repeats, default.wait_repeats),
            approve: defaults.or(recipe.approve != default.approve, || recipe.approve),
            due: recipe.due.map(WrittenDue::of),
            group: defaults.or(recipe.group() != recipe.provider.as_str(), || recipe.group()),
            on_new_input: defaults.or(recipe.on_new_input != default.on_new_input, || {
                WrittenOnNewInput::of(recipe.on_new_input)
            }),
            timeout: duration(recipe.timeout, default.timeout),
            attempts: defaults.or(recipe.attempts != default.attempts, || recipe.attempts),
            backoff: duration(recipe.backoff, default.backoff),
            priority: defaults.or(recipe.priority != default.priority, || recipe.priority),
            expected: recipe.expected.map(written),
            description: recipe.description.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct WrittenDue {
    from: &'static str,
    within: String,
}

impl WrittenDue {
    fn of(due: Due) -> Self {
        Self {
            from: due.from.as_str(),
            within: written(due.within),
        }
    }
}

#[derive(Serialize)]
struct WrittenOnNewInput {
    mandatory: &'static str,
    optional: &'static str,
}

impl WrittenOnNewInput {
    fn of(on_new_input: OnNewInput) -> Self {
        Self {
            mandatory: on_new_input.mandatory.as_str(),
            optional: on_new_input.optional.as_str(),
        }
    }
}

fn written(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}
