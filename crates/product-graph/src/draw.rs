//! Drawings: the graph as Graphviz dot and as Mermaid.

use crate::{NodeId, ProductGraph};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The heading over the inputs.
const INPUTS: &str = "inputs";

impl ProductGraph {
    /// The graph in the language of Graphviz: `dot -Tsvg`. Mandatory inputs are solid lines, optional ones
    /// dashed; products stand in a box per group.
    pub fn to_dot(&self) -> String {
        let mut dot = String::from("digraph orchestra {\n");
        dot.push_str("  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n");
        for (at, (heading, members)) in self.boxes().into_iter().enumerate() {
            let _ = writeln!(
                dot,
                "  subgraph cluster_{at} {{\n    label={};",
                dot_quoted(heading)
            );
            for id in members {
                let shape = if self.recipe(id).is_none() {
                    " [shape=plain]"
                } else {
                    ""
                };
                let _ = writeln!(dot, "    \"{}\"{shape};", self.name(id));
            }
            dot.push_str("  }\n");
        }
        for (input, product, mandatory) in self.edges() {
            let style = if mandatory { "" } else { " [style=dashed]" };
            let _ = writeln!(
                dot,
                "  \"{}\" -> \"{}\"{style};",
                self.name(input),
                self.name(product)
            );
        }
        dot.push_str("}\n");
        dot
    }

    /// The graph as a Mermaid flowchart, as many forges draw it in Markdown; lines and boxes as in
    /// [`ProductGraph::to_dot`].
    pub fn to_mermaid(&self) -> String {
        let mut mermaid = String::from("flowchart LR\n");
        for (at, (heading, members)) in self.boxes().into_iter().enumerate() {
            let _ = writeln!(mermaid, "  subgraph g{at}[\"{}\"]", mermaid_escaped(heading));
            for id in members {
                let (open, close) = if self.recipe(id).is_none() {
                    ("([", "])")
                } else {
                    ("[", "]")
                };
                let _ = writeln!(mermaid, "    n{}{open}\"{}\"{close}", id.index(), self.name(id));
            }
            mermaid.push_str("  end\n");
        }
        for (input, product, mandatory) in self.edges() {
            let line = if mandatory { "-->" } else { "-.->" };
            let _ = writeln!(mermaid, "  n{} {line} n{}", input.index(), product.index());
        }
        mermaid
    }

    /// The inputs, then each group, in the order in which their first products can be made.
    fn boxes(&self) -> Vec<(&str, Vec<NodeId>)> {
        let mut boxes = vec![(INPUTS, self.inputs().collect::<Vec<_>>())];
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for id in self.products() {
            let group = self.recipe(id).map_or(INPUTS, |recipe| recipe.group());
            let place = *places.entry(group).or_insert(boxes.len());
            if place == boxes.len() {
                boxes.push((group, Vec::new()));
            }
            boxes[place].1.push(id);
        }
        boxes.retain(|(_, members)| !members.is_empty());
        boxes
    }

    fn edges(&self) -> impl Iterator<Item = (NodeId, NodeId, bool)> + '_ {
        let recipes = self.products().filter_map(|id| Some((id, self.recipe(id)?)));
        recipes.flat_map(|(id, recipe)| {
            recipe
                .inputs()
                .map(move |(input, mandatory)| (input, id, mandatory))
        })
    }
}

/// A text as dot writes it: only the quote, the backslash and the end of a line mean something there.
fn dot_quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// A text as Mermaid writes it between quotes: with entities of its own.
fn mermaid_escaped(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('"', "#quot;")
        .replace('\n', " ")
}
