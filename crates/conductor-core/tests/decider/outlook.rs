//! What is said of cells that are not expected, with and without a row.

use crate::graphs::graph;
use crate::world::{World, name};
use conductor_core::Reason;
use domain::CellState;

fn outlook(world: &World, product: &str) -> (CellState, Option<Reason>) {
    world.observation.outlook(&world.graph, &name(product))
}

fn not_expected(reason: Reason) -> (CellState, Option<Reason>) {
    (CellState::NotExpected, Some(reason))
}

#[test]
fn an_input_without_a_row_did_not_come() {
    let world = World::new("A, B -> X");
    assert_eq!(outlook(&world, "A"), not_expected(Reason::NotCome));
    assert_eq!(outlook(&world, "Nobody"), not_expected(Reason::NotCome));
    assert_eq!(Reason::NotCome.to_string(), "did not come");
}

#[test]
fn a_product_without_a_row_lacks_the_mandatory_inputs_outside_the_closure() {
    let mut world = World::new("A, B, C? -> X; A -> Y; X, Y -> Z");
    world.arrive("A");
    assert_eq!(world.observation.cell(&name("X")), None);
    assert_eq!(
        outlook(&world, "X"),
        not_expected(Reason::Missing(vec![name("B")]))
    );
    assert_eq!(
        outlook(&world, "Z"),
        not_expected(Reason::Missing(vec![name("X")]))
    );
    assert_eq!(outlook(&world, "Y").0, CellState::Requested);
    assert_eq!(
        Reason::Missing(vec![name("A"), name("B")]).to_string(),
        "cannot be made without A, B"
    );
}

#[test]
fn a_product_that_only_a_newer_graph_makes_says_so_until_it_is_looked_at() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.graph = graph("A -> X; A -> Y", "");
    assert_eq!(outlook(&world, "Y"), not_expected(Reason::NotLookedAt));
    world.apply(conductor_core::Event::GraphChanged);
    assert_eq!(outlook(&world, "Y").0, CellState::Requested);
}

#[test]
fn an_input_declared_absent_says_so_until_it_comes_all_the_same() {
    let mut world = World::new("A -> X");
    world.declare_absent("A");
    assert_eq!(outlook(&world, "A"), not_expected(Reason::Absent));
    assert_eq!(
        outlook(&world, "X"),
        not_expected(Reason::Missing(vec![name("A")]))
    );
    assert_eq!(world.observation.take_changes().cells.len(), 1);
    world.declare_absent("A");
    assert!(world.observation.take_changes().is_empty());
    world.arrive("A");
    assert_eq!(outlook(&world, "A"), (CellState::Received, None));
    assert_eq!(world.posted(), ["X"]);
    assert!(!world.observation.cell(&name("A")).unwrap().absent);
    // Too late to say so: it is there.
    world.declare_absent("A");
    assert!(!world.observation.cell(&name("A")).unwrap().absent);
}
