//! Which providers are announced, and what each makes.

use crate::Args;
use domain::{ProductName, ProviderName};
use product_graph::{GraphErrors, ProductGraph};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The providers to announce, and what each makes; `None` is anything.
pub(crate) type Announcements = BTreeMap<ProviderName, Option<Vec<ProductName>>>;

/// Why the graph of `--graph` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GraphFault {
    /// It cannot be read.
    #[error("--graph {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no graph.
    #[error("--graph {}:\n{errors}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        errors: GraphErrors,
    },
}

/// Those of the command line and of the graph.
pub(crate) fn announced(args: &Args) -> Result<Announcements, GraphFault> {
    let mut all = match &args.graph {
        Some(path) => of_graph(path)?,
        None => BTreeMap::new(),
    };
    for announced in &args.provider {
        all.insert(announced.provider.clone(), announced.products.clone());
    }
    Ok(all)
}

fn of_graph(path: &Path) -> Result<Announcements, GraphFault> {
    let text = std::fs::read_to_string(path).map_err(|source| GraphFault::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let graph = ProductGraph::parse(&text).map_err(|errors| GraphFault::Wrong {
        path: path.to_owned(),
        errors,
    })?;
    let products = |provider: &product_graph::ProviderSpec| {
        provider
            .products
            .iter()
            .map(|product| graph.name(*product).clone())
            .collect()
    };
    Ok(graph
        .providers()
        .iter()
        .map(|(name, provider)| (name.clone(), Some(products(provider))))
        .collect())
}
