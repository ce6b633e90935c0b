//! Where requests go: the graph's URLs, or what `--provider-url` says instead.

use domain::{ProductName, ProviderName};
use product_graph::{ProductGraph, RequestForm};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use url::Url;

/// What a template of `*=..` holds in the place of the provider's name.
const PLACEHOLDER: &str = "{provider}";

/// One `--provider-url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderUrl {
    /// `NAME=URL`: this provider is there.
    One(ProviderName, Url),
    /// `*=URL`: all that are not named are there; `{provider}` in it is the name.
    All(String),
}

/// Why a `--provider-url` is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?}: {1}; a complete one is qpo_ecl_pipeline=http://127.0.0.1:5000/qpo or *=http://127.0.0.1:5000/{{provider}}"
)]
pub struct ProviderUrlError(String, String);

impl FromStr for ProviderUrl {
    type Err = ProviderUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why: String| ProviderUrlError(text.to_owned(), why);
        let (name, url) = text.split_once('=').ok_or_else(|| wrong("no = in it".into()))?;
        let as_url = |text: &str| http_url(text).map_err(&wrong);
        if name == "*" {
            as_url(&url.replace(PLACEHOLDER, "provider"))?;
            return Ok(Self::All(url.to_owned()));
        }
        let name = name.parse().map_err(|error| wrong(format!("{error}")))?;
        Ok(Self::One(name, as_url(url)?))
    }
}

/// A `--source NAME=URL`: a feed that is reconciled like the SDB's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceUrl {
    /// The `<source>` of `data.<source>`.
    pub name: domain::ServiceName,
    /// Where `GET {url}/events` is.
    pub url: Url,
}

impl FromStr for SourceUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, url) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?}: no = in it; a complete one is vhf=http://127.0.0.1:5003"))?;
        let name = name.parse().map_err(|error| format!("{text:?}: {error}"))?;
        let url = http_url(url).map_err(|why| format!("{text:?}: {why}"))?;
        Ok(Self { name, url })
    }
}

/// A URL that can be called.
pub(crate) fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{text} is no URL: {error}"))?;
    match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(_)) => Ok(url),
        _ => Err(format!("{text} is no URL of the form http://host:port/path")),
    }
}

/// Where to POST for a product, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The base of its provider's REST interface.
    pub url: Url,
    /// What the body carries.
    pub form: RequestForm,
    /// Whose it is.
    pub provider: ProviderName,
}

/// The target of each product.
#[derive(Debug, Clone)]
pub struct Targets {
    by_product: BTreeMap<ProductName, Target>,
    /// Of earlier graphs: their runs may not be over.
    former: BTreeMap<(ProductName, ProviderName), Target>,
}

impl Targets {
    /// The graph's, as far as nothing overrides them. A provider's own override beats that of all, and the
    /// last of several beats the others.
    pub fn new(graph: &ProductGraph, overrides: &[ProviderUrl]) -> Self {
        let own = |provider: &ProviderName| {
            overrides.iter().rev().find_map(|given| match given {
                ProviderUrl::One(name, url) => (name == provider).then(|| url.clone()),
                ProviderUrl::All(_) => None,
            })
        };
        let of_all = |provider: &ProviderName| {
            overrides.iter().rev().find_map(|given| match given {
                ProviderUrl::One(..) => None,
                // It was a URL with a name in this place before, and names need no escaping.
                ProviderUrl::All(template) => {
                    Url::parse(&template.replace(PLACEHOLDER, provider.as_str())).ok()
                }
            })
        };
        let target = |id| {
            let recipe = graph.recipe(id)?;
            let url = own(&recipe.provider)
                .or_else(|| of_all(&recipe.provider))
                .unwrap_or_else(|| recipe.url.clone());
            let form = graph
                .provider(&recipe.provider)
                .map_or(RequestForm::Full, |provider| provider.request);
            let provider = recipe.provider.clone();
            Some((graph.name(id).clone(), Target { url, form, provider }))
        };
        Self {
            by_product: graph.products().filter_map(target).collect(),
            former: BTreeMap::new(),
        }
    }

    /// With where those of an earlier graph are, as far as this one does not say where they are now.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        let of = |(product, target): (&ProductName, &Target)| {
            ((product.clone(), target.provider.clone()), target.clone())
        };
        self.former.clone_from(&before.former);
        self.former.extend(before.by_product.iter().map(of));
        self
    }

    /// Whom to ask what it runs: each provider, at each place where it makes something.
    pub(crate) fn stations(&self) -> BTreeSet<(ProviderName, Url)> {
        let of = |target: &Target| (target.provider.clone(), target.url.clone());
        self.by_product.values().map(of).collect()
    }

    /// Where to POST for a product; none if the graph does not make it (any more).
    pub fn of(&self, product: &ProductName) -> Option<&Url> {
        self.target(product).map(|target| &target.url)
    }

    /// The providers of earlier graphs that make nothing any more.
    pub(crate) fn gone(&self) -> BTreeSet<&ProviderName> {
        let makes = |name: &ProviderName| self.by_product.values().any(|target| target.provider == *name);
        let former = self.former.keys().map(|(_, provider)| provider);
        former.filter(|name| !makes(name)).collect()
    }

    /// Where a run of a product is that was begun with this provider: it may be of an earlier graph.
    pub fn of_run(&self, product: &ProductName, provider: &ProviderName) -> Option<&Target> {
        let now = self.target(product).filter(|target| target.provider == *provider);
        now.or_else(|| self.former.get(&(product.clone(), provider.clone())))
    }

    /// Where to POST for a product, and what.
    pub fn target(&self, product: &ProductName) -> Option<&Target> {
        self.by_product.get(product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: &str = r#"{"inputs": ["A"], "products": {
        "B": {"m_input": ["A"], "o_input": [], "provider": "p", "url": "http://p:5000/x"},
        "C": {"m_input": ["A"], "o_input": [], "provider": "q", "url": "http://q:5000/x"}}}"#;

    fn of(overrides: &[&str], product: &str) -> String {
        let overrides: Vec<ProviderUrl> = overrides.iter().map(|text| text.parse().unwrap()).collect();
        let targets = Targets::new(&ProductGraph::parse(GRAPH).unwrap(), &overrides);
        targets.of(&product.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_named_override_beats_that_of_all() {
        let both = ["q=http://here:1/q", "*=http://127.0.0.1:5000/{provider}"];
        assert_eq!(of(&[], "B"), "http://p:5000/x");
        assert_eq!(of(&both, "B"), "http://127.0.0.1:5000/p");
        assert_eq!(of(&both, "C"), "http://here:1/q");
    }

    #[test]
    fn a_run_of_an_earlier_graph_is_found_where_it_was_begun() {
        let new = GRAPH
            .replace("http://p:5000/x", "http://p:6000/x")
            .replace(r#""q""#, r#""r""#);
        let of = |text: &str| Targets::new(&ProductGraph::parse(text).unwrap(), &[]);
        let targets = of(&new).after(&of(GRAPH));
        let place = |product: &str, provider: &str| {
            let target = targets.of_run(&product.parse().unwrap(), &provider.parse().unwrap());
            target.map(|target| target.url.to_string())
        };
        assert_eq!(
            place("B", "p").as_deref(),
            Some("http://p:6000/x"),
            "it has moved"
        );
        assert_eq!(place("C", "q").as_deref(), Some("http://q:5000/x"));
        assert_eq!(place("C", "r").as_deref(), Some("http://q:5000/x"));
        assert_eq!(place("B", "q"), None);
        assert!(targets.gone().iter().map(|name| name.as_str()).eq(["q"]));
        let emptied = of(r#"{"inputs": [], "products": {}}"#).after(&targets);
        assert!(emptied.of(&"C".parse().unwrap()).is_none());
        let still = emptied.of_run(&"C".parse().unwrap(), &"q".parse().unwrap());
        assert_eq!(still.map(|target| target.provider.as_str()), Some("q"));
    }

    #[test]
    fn a_mistake_says_what_a_complete_one_is() {
        for wrong in ["", "p", "p=", "p=ftp://x", "p q=http://x", "*=nothing"] {
            let error = wrong.parse::<ProviderUrl>().unwrap_err().to_string();
            assert!(error.contains("a complete one is"), "{error}");
            assert!(wrong.parse::<SourceUrl>().is_err(), "{wrong}");
        }
        assert_eq!(
            "vhf=http://127.0.0.1:5003"
                .parse::<SourceUrl>()
                .unwrap()
                .name
                .as_str(),
            "vhf"
        );
    }
}
