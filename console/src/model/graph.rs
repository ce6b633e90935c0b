//! What may be made from what, as the screen needs it: columns, neighbours, expected times.

use api::conductor::{Expected, GraphView};
use domain::{ProductName, ProviderName, Sha256};
use std::collections::HashMap;

/// The column of the inputs.
const INPUTS: &str = "inputs";

/// The product graph. A node is known by its place in [`Graph::nodes`]: the inputs first, then the products, each
/// after all that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    sha256: Sha256,
    nodes: Vec<Node>,
    groups: Vec<Group>,
    places: HashMap<ProductName, usize>,
    /// Of each node all that cannot be made without it, in the order of the graph.
    descendants: Vec<Vec<usize>>,
}

/// An input or a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub product: ProductName,
    /// The nodes without which it is not made.
    pub m_input: Vec<usize>,
    /// The nodes that it is made with if they are there.
    pub o_input: Vec<usize>,
    /// The nodes that cannot be made without it.
    pub m_output: Vec<usize>,
    /// The nodes that are made with it if it is there.
    pub o_output: Vec<usize>,
    /// Who makes it; nobody makes an input.
    pub provider: Option<ProviderName>,
    /// Where the provider is asked.
    pub url: Option<String>,
    /// Its column.
    pub group: String,
    /// How many products lie on the longest way to it, itself included; 0 for an input.
    pub level: u32,
    /// How long it takes.
    pub expected: Option<Expected>,
    /// What it is, for a person.
    pub description: Option<String>,
}

/// Nodes that stand together on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name: an instrument, a provider.
    pub name: String,
    /// Its nodes in the order of the graph.
    pub nodes: Vec<usize>,
}

impl Node {
    /// Whether nobody makes it.
    pub fn is_input(&self) -> bool {
        self.provider.is_none()
    }
}

impl Graph {
    /// The graph as the conductor tells it. What it names without telling of is left out.
    pub fn new(view: &GraphView) -> Self {
        let inputs = view.inputs.iter().cloned().map(input);
        let products = view.products.iter().map(|product| Node {
            provider: Some(product.provider.clone()),
            url: Some(product.url.clone()),
            group: match product.group.as_str() {
                "" => product.provider.to_string(),
                group => group.to_owned(),
            },
            level: product.level,
            expected: product.expected,
            description: product.description.clone(),
            ..input(product.product.clone())
        });
        let mut nodes: Vec<Node> = inputs.chain(products).collect();
        let places: HashMap<ProductName, usize> = nodes
            .iter()
            .enumerate()
            .map(|(place, node)| (node.product.clone(), place))
            .collect();
        for product in &view.products {
            let place = places[&product.product];
            for input in product.m_input.iter().filter_map(|name| places.get(name)) {
                nodes[place].m_input.push(*input);
                nodes[*input].m_output.push(place);
            }
            for input in product.o_input.iter().filter_map(|name| places.get(name)) {
                nodes[place].o_input.push(*input);
                nodes[*input].o_output.push(place);
            }
        }
        let mut groups: Vec<Group> = Vec::new();
        for (place, node) in nodes.iter().enumerate() {
            match groups.iter_mut().find(|group| group.name == node.group) {
                Some(group) => group.nodes.push(place),
                None => groups.push(Group {
                    name: node.group.clone(),
                    nodes: vec![place],
                }),
            }
        }
        let descendants = (0..nodes.len()).map(|place| reached(&nodes, place, |node| &node.m_output));
        Self {
            sha256: view.sha256,
            descendants: descendants.collect(),
            nodes,
            groups,
            places,
        }
    }

    /// Tells two graphs apart.
    pub fn sha256(&self) -> Sha256 {
        self.sha256
    }

    /// Inputs and products, each after all that it needs.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The columns, left to right: the inputs, then the groups of products in the order of the graph.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The columns without the inputs.
    pub fn product_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups
            .iter()
            .filter(|group| group.nodes.iter().any(|place| !self.nodes[*place].is_input()))
    }

    /// The place of a product.
    pub fn place(&self, product: &ProductName) -> Option<usize> {
        self.places.get(product).copied()
    }

    /// A product.
    pub fn node(&self, product: &ProductName) -> Option<&Node> {
        self.place(product).map(|place| &self.nodes[place])
    }

    /// Whether the graph makes or takes anything under this name by this provider.
    pub fn provider(&self, product: &ProductName) -> Option<&ProviderName> {
        self.node(product)?.provider.as_ref()
    }

    /// All that cannot be made without a node, in the order of the graph.
    pub fn descendants(&self, of: usize) -> &[usize] {
        &self.descendants[of]
    }

    /// All that a node cannot be made without, in the order of the graph.
    pub fn ancestors(&self, of: usize) -> Vec<usize> {
        reached(&self.nodes, of, |node| &node.m_input)
    }
}

fn reached(nodes: &[Node], from: usize, next: fn(&Node) -> &Vec<usize>) -> Vec<usize> {
    let mut is_reached = vec![false; nodes.len()];
    let mut open = vec![from];
    while let Some(place) = open.pop() {
        for other in next(&nodes[place]) {
            if !std::mem::replace(&mut is_reached[*other], true) {
                open.push(*other);
            }
        }
    }
    (0..nodes.len()).filter(|place| is_reached[*place]).collect()
}

fn input(product: ProductName) -> Node {
    Node {
        product,
        m_input: Vec::new(),
        o_input: Vec::new(),
        m_output: Vec::new(),
        o_output: Vec::new(),
        provider: None,
        url: None,
        group: INPUTS.to_owned(),
        level: 0,
        expected: None,
        description: None,
    }
}
