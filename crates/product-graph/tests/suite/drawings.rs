//! The drawings of a small graph.

use crate::{SMALL, graph};

#[test]
fn dot_shows_groups_and_both_kinds_of_input() {
    insta::assert_snapshot!(graph(SMALL).to_dot());
}

#[test]
fn mermaid_shows_the_same() {
    insta::assert_snapshot!(graph(SMALL).to_mermaid());
}

#[test]
fn written_json_says_what_differs_from_the_defaults() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&graph(SMALL)).unwrap());
}
