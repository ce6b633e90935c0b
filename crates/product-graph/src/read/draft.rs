//! The document as it was read, with names instead of indexes, on its way to a graph.

use super::fields::{Fields, is_commentary};
use super::provider::DraftProvider;
use super::{KEYS, product, provider, value};
use crate::json::Json;
use crate::mistake::{Mistakes, quoted};
use crate::path::Path;
use crate::{Node, NodeId, NodeKind, ProductGraph, ProviderSpec, Recipe, topology};
use domain::{ProductName, ProviderName};
use std::collections::{BTreeMap, BTreeSet};

/// What was read; complete if no mistake was reported.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) inputs: Vec<ProductName>,
    pub(crate) products: Vec<DraftProduct>,
    providers: BTreeMap<ProviderName, DraftProvider>,
}

/// One product with its inputs by name.
#[derive(Debug)]
pub(crate) struct DraftProduct {
    pub(crate) name: ProductName,
    pub(crate) edges: Vec<Edge>,
    /// `None` where the provider or the URL is wrong.
    pub(crate) recipe: Option<Recipe>,
}

/// One input of a product, and where it stands.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) input: ProductName,
    pub(crate) mandatory: bool,
    pub(crate) path: Path,
}

/// What one product needs to know of the rest of the document.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// Every declared name, right or wrong; `None` where the declarations could not be read.
    declared: Option<BTreeSet<&'a str>>,
    pub(super) providers: &'a BTreeMap<ProviderName, DraftProvider>,
}

impl Scope<'_> {
    /// Reports a name that is used but not declared.
    pub(super) fn report_undeclared(&self, name: &str, path: &Path, mistakes: &mut Mistakes) {
        if let Some(declared) = &self.declared
            && !declared.contains(name)
        {
            let meant = mistakes.did_you_mean(name, declared.iter().copied());
            let right = if meant.is_empty() {
                "; add it to $.inputs or $.products"
            } else {
                &meant
            };
            mistakes.report(path, format!("{} is not declared{right}", quoted(name)));
        }
    }
}

impl Draft {
    /// Reads the whole document; what is wrong is reported.
    pub(super) fn read(json: &Json, mistakes: &mut Mistakes) -> Self {
        let mut draft = Self::default();
        let Some(top) = Fields::of(json, &Path::root(), KEYS, mistakes) else {
            return draft;
        };
        top.require("inputs", "name the products that no pipeline makes", mistakes);
        top.require("products", "say how each product is made", mistakes);
        draft.read_inputs(&top, mistakes);
        draft.read_providers(&top, mistakes);
        draft.read_products(&top, mistakes);
        draft
    }

    fn read_inputs(&mut self, top: &Fields<'_>, mistakes: &mut Mistakes) {
        let mut first: BTreeMap<ProductName, Path> = BTreeMap::new();
        for (json, path) in top.all("inputs") {
            let Json::Array(items) = json else {
                value::expected::<()>("an array of names", json, &path, mistakes);
                continue;
            };
            for (at, item) in items.iter().enumerate() {
                let path = path.index(at);
                let Json::Text(text) = item else {
                    value::expected::<()>("a name", item, &path, mistakes);
                    continue;
                };
                let Some(name) = value::product_name(text, &path, mistakes) else {
                    continue;
                };
                if let Some(first) = first.get(&name) {
                    mistakes.report(&path, format!("{text:?} is declared twice; the first is {first}"));
                    continue;
                }
                first.insert(name.clone(), path);
                self.inputs.push(name);
            }
        }
    }

    fn read_providers(&mut self, top: &Fields<'_>, mistakes: &mut Mistakes) {
        for (json, path) in top.all("providers") {
            let Some(entries) = Fields::of_names(json, &path, mistakes) else {
                continue;
            };
            for (key, json, path) in entries.iter() {
                let name = value::provider_name(key, &path, mistakes);
                let provider = provider::read(json, &path, mistakes);
                self.providers.extend(name.map(|name| (name, provider)));
            }
        }
    }

    fn read_products(&mut self, top: &Fields<'_>, mistakes: &mut Mistakes) {
        let scope = Scope {
            declared: declared(top),
            providers: &self.providers,
        };
        for (json, path) in top.all("products") {
            let Some(entries) = Fields::of_names(json, &path, mistakes) else {
                continue;
            };
            for (key, json, path) in entries.iter() {
                let name = value::product_name(key, &path, mistakes);
                if name.as_ref().is_some_and(|name| self.inputs.contains(name)) {
                    mistakes.report(
                        &path,
                        format!("{key:?} is declared twice; it stands in $.inputs too"),
                    );
                }
                let (edges, recipe) = product::read(json, &path, &scope, mistakes);
                self.products
                    .extend(name.map(|name| DraftProduct { name, edges, recipe }));
            }
        }
    }

    /// Builds the graph of a draft without mistakes.
    ///
    /// # Panics
    /// If it has some.
    pub(super) fn into_graph(self) -> ProductGraph {
        let levels = topology::levels(&self.products);
        let mut order: Vec<(u32, ProductName, Option<DraftProduct>)> =
            self.inputs.into_iter().map(|name| (0, name, None)).collect();
        let products = levels.into_iter().zip(self.products);
        order.extend(products.map(|(level, product)| (level, product.name.clone(), Some(product))));
        order.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));

        let names = order.iter().map(|(_, name, _)| name.clone());
        let ids: BTreeMap<ProductName, NodeId> = names.zip((0..).map(NodeId::from_index)).collect();
        let mut providers = self
            .providers
            .into_iter()
            .map(|(name, draft)| (name, draft.into_spec()))
            .collect();
        let mut levels = Vec::with_capacity(order.len());
        let mut nodes = Vec::with_capacity(order.len());
        for (level, name, product) in order {
            let kind = product.map_or(NodeKind::Input, |product| {
                let recipe = product.into_recipe(&ids);
                enlist(&recipe, ids[&name], &mut providers);
                NodeKind::Product(Box::new(recipe))
            });
            levels.push(level);
            nodes.push(Node { name, kind });
        }
        ProductGraph::new(nodes, levels, providers)
    }
}

/// Every name that is declared anywhere, right or wrong, so that one mistake is not reported twice.
fn declared<'a>(top: &Fields<'a>) -> Option<BTreeSet<&'a str>> {
    let mut names = BTreeSet::new();
    for (json, _) in top.all("inputs") {
        let Json::Array(items) = json else { return None };
        names.extend(items.iter().filter_map(|item| {
            if let Json::Text(text) = item {
                Some(text.as_str())
            } else {
                None
            }
        }));
    }
    for (json, _) in top.all("products") {
        let Json::Object(entries) = json else { return None };
        names.extend(
            entries
                .iter()
                .map(|(key, _)| key.as_str())
                .filter(|key| !is_commentary(key)),
        );
    }
    let is_complete = top.all("inputs").next().is_some() && top.all("products").next().is_some();
    is_complete.then_some(names)
}

/// Enters a product with its provider.
fn enlist(recipe: &Recipe, id: NodeId, providers: &mut BTreeMap<ProviderName, ProviderSpec>) {
    let spec = providers
        .entry(recipe.provider.clone())
        .or_insert_with(|| DraftProvider::default().into_spec());
    spec.url.get_or_insert_with(|| recipe.url.clone());
    spec.products.push(id);
}

impl DraftProvider {
    fn into_spec(self) -> ProviderSpec {
        let Self {
            url,
            max_in_flight,
            request,
            has_bad_url: _,
        } = self;
        ProviderSpec {
            url,
            max_in_flight,
            request,
            products: Vec::new(),
        }
    }
}

impl DraftProduct {
    fn into_recipe(self, ids: &BTreeMap<ProductName, NodeId>) -> Recipe {
        let mut recipe = self
            .recipe
            .expect("a product without provider or URL was reported");
        for edge in self.edges {
            let inputs = if edge.mandatory {
                &mut recipe.mandatory
            } else {
                &mut recipe.optional
            };
            inputs.push(ids[&edge.input]);
        }
        recipe.mandatory.sort_unstable();
        recipe.optional.sort_unstable();
        recipe
    }
}
