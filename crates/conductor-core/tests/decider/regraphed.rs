//! Another graph in the midst of a history: what waits follows it, what is with a provider goes on.

use crate::graphs::graph;
use crate::ledger::Ledger;
use crate::world::{World, failure, name};
use conductor_core::{Command, Event, Reason, Report, Trigger, Verb};
use domain::{CellState, ErrorClass, RunState};
use proptest::prelude::*;

impl World {
    /// Another graph is in force; what it was foreseen to do is what it does.
    fn change(&mut self, text: &str) {
        let old = std::mem::replace(&mut self.graph, graph(text, ""));
        let foreseen = self.observation.foresee_graph(&old, &self.graph, self.now);
        let mut tried = self.observation.clone();
        let commands = tried.apply(&self.graph, self.now, Event::GraphChanged);
        let begun = commands
            .iter()
            .filter(|command| matches!(command, Command::Enqueue(_)));
        assert_eq!(begun.count(), foreseen.begun.len());
        for (product, was, state) in &foreseen.cells {
            assert_eq!(self.observation.outlook(&old, product).0, *was);
            assert_eq!(tried.outlook(&self.graph, product).0, *state);
        }
        self.apply(Event::GraphChanged);
    }
}

#[test]
fn what_waits_for_a_product_that_is_gone_ends_and_what_is_under_way_goes_on() {
    let mut world = World::new("A -> X; A -> Y");
    world.limit = Some(1);
    world.arrive("A");
    assert_eq!((world.posted(), world.state("Y")), (vec!["X"], CellState::Queued));
    world.change("A -> Z");
    // X is with its provider, Z waits for its slot, and Y is not made any more.
    assert_eq!(world.state("X"), CellState::Requested);
    assert_eq!(
        world.observation.run(&name("Y")).unwrap().state,
        RunState::Superseded
    );
    assert_eq!(
        world.observation.outlook(&world.graph, &name("Y")),
        (CellState::NotExpected, Some(Reason::NotInGraph))
    );
    assert_eq!(world.make_all(), ["X", "Z"]);
    assert_eq!(world.state("X"), CellState::Done);
    let run = world.observation.run(&name("Z")).unwrap();
    assert_eq!(run.trigger, Trigger::GraphChanged);
}

#[test]
fn a_run_of_what_is_gone_that_fails_is_not_tried_again() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.change("A -> Y");
    world.posts.truncate(1);
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
    assert_eq!(world.observation.run(&name("X")).unwrap().state, RunState::Failed);
    assert_eq!(world.state("X"), CellState::NotExpected);
    assert_eq!(world.reason("X"), "the graph does not make it any more");
}

#[test]
fn what_failed_or_was_held_and_is_gone_calls_for_nobody_and_comes_back_with_the_graph() {
    let mut world = World::new("A -> X; A -> Y (approve)");
    world.arrive("A");
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
    assert_eq!(
        (world.state("X"), world.state("Y")),
        (CellState::Failed, CellState::Held)
    );
    world.change("A -> Z");
    assert_eq!(world.state("X"), CellState::NotExpected);
    assert_eq!(world.state("Y"), CellState::NotExpected);
    world.change("A -> X; A -> Y");
    assert_eq!(
        world.state("Y"),
        CellState::Requested,
        "nobody need approve it now"
    );
    assert_eq!(world.observation.run(&name("X")).unwrap().state, RunState::Failed);
}

#[test]
fn a_queued_run_changes_to_the_provider_that_makes_it_now_and_one_under_way_does_not() {
    let mut world = World::new("A -> X; A -> Y");
    world.limit = Some(1);
    world.arrive("A");
    world.operate("Y", Verb::Raise { priority: 7 });
    world.change("A -> X (at q); A -> Y (at q)");
    assert_eq!(world.posted(), ["X", "Y"]);
    let providers: Vec<&str> = world.posts.iter().map(|order| order.provider.as_str()).collect();
    assert_eq!(providers, ["p", "q"]);
    assert_eq!(world.make_all(), ["X", "Y"]);
    assert_eq!(world.sent.values().sum::<u32>(), 2, "nothing was sent twice");
}

#[test]
fn a_request_of_an_operator_passes_on_to_the_other_provider() {
    let mut world = World::new("A -> X; A -> Y");
    world.limit = Some(1);
    world.arrive("A");
    world.posts.clear();
    world.apply(Event::Requested {
        product: name("Y"),
        request: conductor_core::ManualRequest {
            by: "ops".into(),
            ..Default::default()
        },
    });
    world.change("A -> X; A -> Y (at q)");
    let run = world.observation.run(&name("Y")).unwrap();
    assert_eq!(
        (run.provider.as_str(), run.trigger.to_string().as_str()),
        ("q", "request by ops")
    );
}

#[test]
fn what_another_graph_would_do_is_told_without_doing_it() {
    let mut world = World::new("A -> X; A -> Y");
    world.limit = Some(1);
    world.arrive("A");
    let new = graph("A -> X; A -> Z", "");
    let foreseen = world.observation.foresee_graph(&world.graph, &new, world.now);
    assert_eq!(
        foreseen.cells,
        [
            (name("Y"), CellState::Queued, CellState::NotExpected),
            (name("Z"), CellState::NotExpected, CellState::Queued),
        ]
    );
    assert_eq!(foreseen.begun, [name("Z")]);
    assert_eq!(world.state("Y"), CellState::Queued);
}

#[test]
fn the_same_graph_again_changes_nothing() {
    let mut world = World::new("A -> X; X -> Y; A -> Z (approve)");
    world.limit = Some(1);
    world.arrive("A");
    let _ = world.observation.take_changes();
    world.apply(Event::GraphChanged);
    assert!(world.observation.take_changes().is_empty());
    assert_eq!(world.posts.len(), 1);
}

/// The graphs of the histories: more and less of it, another order, another provider, and a product that comes
/// from outside.
const GRAPHS: [&str; 5] = [
    "A -> X; B -> Y; X, Y? -> Z; Y, C -> U; Z, U? -> V",
    "A -> X (at q); B -> Y; X -> Z; Z -> T",
    "B -> Y; A, Y? -> X; X, C -> U (at q); U, A -> V; V, B? -> T",
    "A -> Z; Z -> Y; Y, X? -> T",
    "C -> X; X -> Z (at q); A -> Y (at q)",
];
const INPUTS: [&str; 3] = ["A", "B", "C"];

#[derive(Debug, Clone)]
enum Step {
    Arrive(usize),
    Make(usize),
    Graph(usize),
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..3usize).prop_map(Step::Arrive),
        (0..8usize).prop_map(Step::Make),
        (0..GRAPHS.len()).prop_map(Step::Graph),
        Just(Step::Crash),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whenever_the_graph_changes_the_closure_of_the_last_one_is_made_and_nothing_twice(
        steps in steps(), limit in prop::option::of(1..3u32),
    ) {
        let mut world = World::new(GRAPHS[0]);
        world.limit = limit;
        let mut ledger = Ledger::default();
        for step in &steps {
            match step {
                Step::Arrive(input) => world.arrive(INPUTS[*input]),
                Step::Make(which) if !world.posts.is_empty() => {
                    let order = world.posts.remove(which % world.posts.len());
                    world.make(&order);
                }
                Step::Make(_) => {}
                Step::Graph(which) => world.change(GRAPHS[*which]),
                Step::Crash => ledger.crash(&mut world),
            }
            ledger.store(&mut world.observation);
        }
        world.make_all();
        ledger.store(&mut world.observation);

        let there = |id: &product_graph::NodeId| {
            let data = world.observation.data(world.graph.name(*id));
            data.last().is_some_and(|datum| !datum.retracted)
        };
        let closure = world.graph.closure(world.graph.ids().filter(there));
        for id in world.graph.products() {
            let product = world.graph.name(id).as_str();
            let state = world.state(product);
            let made = matches!(state, CellState::Done | CellState::Received | CellState::Stale);
            prop_assert_eq!(made, closure.contains(id), "{} is {}", product, state);
        }
        // Nothing of a product that is gone is left open, and nothing is made twice from the same inputs.
        let mut made = Vec::new();
        for run in ledger.runs.values() {
            prop_assert!(run.state.is_ended(), "{} is open: {}", run.product, run.state.as_str());
            if run.product_at.is_some() {
                made.push((run.product.clone(), format!("{:?}", run.inputs)));
            }
        }
        let all = made.len();
        made.sort();
        made.dedup();
        prop_assert_eq!(made.len(), all);
    }
}
