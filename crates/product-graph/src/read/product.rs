//! An entry of `products`.

use super::draft::{Edge, Scope};
use super::fields::Fields;
use super::value;
use crate::json::Json;
use crate::mistake::Mistakes;
use crate::path::Path;
use crate::{Due, DueFrom, MAX_ATTEMPTS, NewInputPolicy, OnNewInput, Recipe};
use domain::{ProductName, ProviderName};
use std::collections::BTreeMap;
use url::Url;

const KEYS: &[&str] = &[
    "approve",
    "attempts",
    "backoff",
    "description",
    "due",
    "expected",
    "group",
    "m_input",
    "o_input",
    "on_new_input",
    "priority",
    "provider",
    "timeout",
    "url",
    "wait_in_progress",
    "wait_optional",
    "wait_repeats",
];

/// Reads one entry: its inputs, and the rest if provider and URL are right; what is wrong is reported.
pub(super) fn read(
    json: &Json,
    path: &Path,
    scope: &Scope<'_>,
    mistakes: &mut Mistakes,
) -> (Vec<Edge>, Option<Recipe>) {
    let Some(fields) = Fields::of(json, path, KEYS, mistakes) else {
        return (Vec::new(), None);
    };
    let edges = read_edges(&fields, scope, mistakes);
    let provider = read_provider(&fields, mistakes);
    let url = read_url(&fields, provider.as_ref(), scope, mistakes);
    let base = provider.zip(url);
    let is_complete = base.is_some();
    // Into a placeholder where the base is wrong, so that the mistakes of the rest are reported too.
    let mut recipe = base.map_or_else(Recipe::placeholder, |(provider, url)| Recipe::new(provider, url));
    read_options(&fields, &mut recipe, mistakes);
    (edges, is_complete.then_some(recipe))
}

fn read_edges(fields: &Fields<'_>, scope: &Scope<'_>, mistakes: &mut Mistakes) -> Vec<Edge> {
    let mut edges = Vec::new();
    if fields.require(
        "m_input",
        "name at least one product that it is made from",
        mistakes,
    ) {
        fields.read("m_input", mistakes, |json, path, m| {
            if *json == Json::Array(Vec::new()) {
                m.report(path, "empty; a product is made from at least one mandatory input");
            }
            read_inputs(json, path, true, &mut edges, scope, m)
        });
    }
    fields.read("o_input", mistakes, |json, path, m| {
        read_inputs(json, path, false, &mut edges, scope, m)
    });
    report_repeated_inputs(&edges, mistakes);
    edges
}

fn read_inputs(
    json: &Json,
    path: &Path,
    mandatory: bool,
    edges: &mut Vec<Edge>,
    scope: &Scope<'_>,
    mistakes: &mut Mistakes,
) -> Option<()> {
    let Json::Array(items) = json else {
        return value::expected("an array of names", json, path, mistakes);
    };
    for (at, item) in items.iter().enumerate() {
        let path = path.index(at);
        let Json::Text(text) = item else {
            value::expected::<()>("a name", item, &path, mistakes);
            continue;
        };
        let Some(input) = value::product_name(text, &path, mistakes) else {
            continue;
        };
        scope.report_undeclared(text, &path, mistakes);
        edges.push(Edge {
            input,
            mandatory,
            path,
        });
    }
    Some(())
}

fn report_repeated_inputs(edges: &[Edge], mistakes: &mut Mistakes) {
    let mut seen: BTreeMap<&ProductName, &Path> = BTreeMap::new();
    for edge in edges {
        let first = *seen.entry(&edge.input).or_insert(&edge.path);
        if *first != edge.path {
            mistakes.report(
                &edge.path,
                format!(
                    "{:?} is an input already, at {first}; keep one",
                    edge.input.as_str()
                ),
            );
        }
    }
}

fn read_provider(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<ProviderName> {
    fields.require("provider", "name the pipeline service that makes it", mistakes);
    fields.read("provider", mistakes, |json, path, m| {
        value::text(json, path, m).and_then(|text| value::provider_name(text, path, m))
    })
}

fn read_url(
    fields: &Fields<'_>,
    provider: Option<&ProviderName>,
    scope: &Scope<'_>,
    mistakes: &mut Mistakes,
) -> Option<Url> {
    if fields.all("url").next().is_some() {
        return fields.read("url", mistakes, value::url);
    }
    let entry = provider.and_then(|name| scope.providers.get(name));
    if let Some(entry) = entry
        && (entry.url.is_some() || entry.has_bad_url)
    {
        return entry.url.clone();
    }
    fields.require(
        "url",
        "write http://HOST:PORT/PATH here or in the provider's entry under $.providers",
        mistakes,
    );
    None
}

fn read_options(fields: &Fields<'_>, recipe: &mut Recipe, mistakes: &mut Mistakes) {
    fields.read_into(
        "wait_in_progress",
        &mut recipe.wait_in_progress,
        mistakes,
        value::duration,
    );
    fields.read_into(
        "wait_optional",
        &mut recipe.wait_optional,
        mistakes,
        value::duration,
    );
    fields.read_into(
        "wait_repeats",
        &mut recipe.wait_repeats,
        mistakes,
        value::duration,
    );
    fields.read_into("approve", &mut recipe.approve, mistakes, value::boolean);
    recipe.due = fields.read("due", mistakes, read_due);
    recipe.group = fields.read("group", mistakes, value::owned);
    fields.read_into(
        "on_new_input",
        &mut recipe.on_new_input,
        mistakes,
        read_on_new_input,
    );
    fields.read_into("timeout", &mut recipe.timeout, mistakes, value::positive_duration);
    fields.read_into("attempts", &mut recipe.attempts, mistakes, |json, path, m| {
        value::integer(1..=MAX_ATTEMPTS, json, path, m)
    });
    fields.read_into("backoff", &mut recipe.backoff, mistakes, value::duration);
    fields.read_into("priority", &mut recipe.priority, mistakes, |json, path, m| {
        value::integer(i32::MIN..=i32::MAX, json, path, m)
    });
    recipe.expected = fields.read("expected", mistakes, value::positive_duration);
    recipe.description = fields.read("description", mistakes, value::owned);
}

fn read_due(json: &Json, path: &Path, mistakes: &mut Mistakes) -> Option<Due> {
    let fields = Fields::of(json, path, &["from", "within"], mistakes)?;
    fields.require("within", "name a duration such as \"30s\"", mistakes);
    let within = fields.read("within", mistakes, value::positive_duration);
    let mut from = DueFrom::FirstInput;
    fields.read_into("from", &mut from, mistakes, |json, path, m| {
        value::word(DueFrom::WORDS, json, path, m)
    });
    Some(Due {
        from,
        within: within?,
    })
}

/// A word for both kinds of input, or an object with a word for each.
fn read_on_new_input(json: &Json, path: &Path, mistakes: &mut Mistakes) -> Option<OnNewInput> {
    let policy =
        |json: &Json, path: &Path, m: &mut Mistakes| value::word(NewInputPolicy::WORDS, json, path, m);
    if !matches!(json, Json::Object(_)) {
        let both = policy(json, path, mistakes)?;
        return Some(OnNewInput {
            mandatory: both,
            optional: both,
        });
    }
    let fields = Fields::of(json, path, &["mandatory", "optional"], mistakes)?;
    let mut read = OnNewInput::default();
    fields.read_into("mandatory", &mut read.mandatory, mistakes, policy);
    fields.read_into("optional", &mut read.optional, mistakes, policy);
    Some(read)
}
