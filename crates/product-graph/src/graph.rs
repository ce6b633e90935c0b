//! The graph as the conductor asks it: dense indexes in topological order.

use crate::read;
use crate::{GraphErrors, NodeSet, ProviderSpec, Recipe, RequestForm};
use domain::{ProductName, ProviderName, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// The largest graph.json that is read, in bytes: some ten thousand products, far above any mission's.
pub const MAX_GRAPH_BYTES: usize = 4 * 1024 * 1024;

/// A node of one graph: an index from 0, in topological order (by level, then by name).
///
/// It is meaningful within the graph that gave it and is never stored: another revision of the graph
/// numbers anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The index, for tables beside the graph.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The node at an index that [`NodeId::index`] gave.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).expect("MAX_GRAPH_BYTES bounds the number of nodes"))
    }
}

/// An input or a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: ProductName,
    /// What it is.
    pub kind: NodeKind,
}

impl Node {
    /// How it is made, if a pipeline makes it.
    pub fn recipe(&self) -> Option<&Recipe> {
        match &self.kind {
            NodeKind::Input => None,
            NodeKind::Product(recipe) => Some(recipe),
        }
    }
}

/// Whether a pipeline makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// It comes from outside.
    Input,
    /// A pipeline makes it.
    Product(Box<Recipe>),
}

/// A checked graph.json.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductGraph {
    nodes: Vec<Node>,
    /// Beside `nodes`; each rising.
    dependants: Vec<Vec<NodeId>>,
    /// Beside `nodes`; 0 for an input.
    levels: Vec<u32>,
    inputs: usize,
    by_name: BTreeMap<ProductName, NodeId>,
    providers: BTreeMap<ProviderName, ProviderSpec>,
    revision: Sha256,
}

impl ProductGraph {
    /// Reads graph.json, and reports all of its mistakes at once.
    pub fn parse(text: &str) -> Result<Self, GraphErrors> {
        read::parse(text)
    }

    /// The graph of one product that is made from one input: the orchestra's own, whose names are reserved and
    /// in no graph.json. `timeout` is the product's; all else is as by default.
    pub fn of_one(
        input: ProductName,
        product: ProductName,
        provider: ProviderName,
        url: Url,
        timeout: Duration,
    ) -> Self {
        let id = NodeId::from_index;
        let mut recipe = Recipe::new(provider.clone(), url.clone());
        recipe.mandatory.push(id(0));
        recipe.timeout = timeout;
        let spec = ProviderSpec {
            url: Some(url),
            max_in_flight: None,
            request: RequestForm::Full,
            products: vec![id(1)],
        };
        let node = |name, kind| Node { name, kind };
        let nodes = vec![
            node(input, NodeKind::Input),
            node(product, NodeKind::Product(Box::new(recipe))),
        ];
        Self::new(nodes, vec![0, 1], BTreeMap::from([(provider, spec)]))
    }

    /// Takes checked nodes, sorted by level and name, and fills in what follows from them.
    pub(crate) fn new(
        nodes: Vec<Node>,
        levels: Vec<u32>,
        providers: BTreeMap<ProviderName, ProviderSpec>,
    ) -> Self {
        let mut dependants = vec![Vec::new(); nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            for (input, _) in node.recipe().into_iter().flat_map(Recipe::inputs) {
                assert!(input.index() < index, "the order is topological");
                dependants[input.index()].push(NodeId::from_index(index));
            }
        }
        let ids = (0..nodes.len()).map(NodeId::from_index);
        let mut graph = Self {
            inputs: nodes.iter().filter(|node| node.recipe().is_none()).count(),
            by_name: nodes.iter().map(|node| node.name.clone()).zip(ids).collect(),
            nodes,
            dependants,
            levels,
            providers,
            revision: Sha256::from_bytes([0; 32]),
        };
        graph.revision = graph.digest();
        graph
    }

    /// The node of that name.
    pub fn id(&self, name: &ProductName) -> Option<NodeId> {
        self.by_name.get(name).copied()
    }

    /// The node at an index of this graph.
    ///
    /// # Panics
    /// With an index of a larger graph.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The name of a node.
    pub fn name(&self, id: NodeId) -> &ProductName {
        &self.node(id).name
    }

    /// How a product is made; `None` for an input.
    pub fn recipe(&self, id: NodeId) -> Option<&Recipe> {
        self.node(id).recipe()
    }

    /// How many nodes there are: indexes go from 0 to one below.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every node: the inputs, then the products, each after everything it is made from.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (0..self.nodes.len()).map(NodeId::from_index)
    }

    /// The inputs, by name.
    pub fn inputs(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (0..self.inputs).map(NodeId::from_index)
    }

    /// The products, each after everything it is made from.
    pub fn products(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (self.inputs..self.nodes.len()).map(NodeId::from_index)
    }

    /// What is made directly from a node, be it mandatory or optional there; rising.
    pub fn dependants(&self, id: NodeId) -> &[NodeId] {
        &self.dependants[id.index()]
    }

    /// All that is made from a node, directly or not, without the node itself.
    pub fn descendants(&self, id: NodeId) -> NodeSet {
        let mut found = NodeSet::default();
        let mut ahead = vec![id];
        while let Some(next) = ahead.pop() {
            ahead.extend(self.dependants(next).iter().filter(|child| found.insert(**child)));
        }
        found
    }

    /// The longest way from an input to a node, in products: 0 for an input.
    pub fn level(&self, id: NodeId) -> u32 {
        self.levels[id.index()]
    }

    /// The closure of what is available: that, and every product whose mandatory inputs are all in it.
    pub fn closure(&self, available: impl IntoIterator<Item = NodeId>) -> NodeSet {
        let mut closure: NodeSet = available.into_iter().collect();
        for id in self.products() {
            let mandatory = self.recipe(id).map_or(&[][..], |recipe| &recipe.mandatory);
            if mandatory.iter().all(|input| closure.contains(*input)) {
                closure.insert(id);
            }
        }
        closure
    }

    /// The providers: those of the products, and those that only have an entry of their own.
    pub fn providers(&self) -> &BTreeMap<ProviderName, ProviderSpec> {
        &self.providers
    }

    /// What is known of one provider.
    pub fn provider(&self, name: &ProviderName) -> Option<&ProviderSpec> {
        self.providers.get(name)
    }

    /// A digest of all that the graph says: two files that differ in order, layout, commentary or
    /// spelt-out defaults only have the same.
    pub fn revision(&self) -> Sha256 {
        self.revision
    }

    /// The graph in a line: `15 inputs, 40 products, 9 providers, 7 levels`.
    pub fn summary(&self) -> String {
        let counted = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let levels = self.levels.last().map_or(0, |level| *level as usize);
        [
            counted(self.inputs, "input"),
            counted(self.products().len(), "product"),
            counted(self.providers.len(), "provider"),
            counted(levels, "level"),
        ]
        .join(", ")
    }
}
