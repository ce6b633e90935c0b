//! What holds for every history: duplicates, any order, crashes after any event.

use crate::ledger::Ledger;
use crate::world::World;
use domain::CellState;
use proptest::prelude::*;

const GRAPH: &str = "A -> X; B -> Y; X, Y? -> Z; Y, C -> U; Z, U? -> V; X, B -> W; W, V? -> T";
const INPUTS: [&str; 3] = ["A", "B", "C"];

/// What happens next: an input arrives (again, if it was there), an order is carried out, the last
/// announcement comes twice, or the conductor dies and comes back.
#[derive(Debug, Clone)]
enum Step {
    Arrive(usize),
    Make(usize),
    MakeTwice(usize),
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..3usize).prop_map(Step::Arrive),
        (0..8usize).prop_map(Step::Make),
        (0..8usize).prop_map(Step::MakeTwice),
        Just(Step::Crash),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_ends_with_the_closure_made(steps in steps(), limit in prop::option::of(1..3u32)) {
        let mut world = World::with(GRAPH, r#", "wait_repeats": "10s""#);
        world.limit = limit;
        let mut ledger = Ledger::default();
        for step in &steps {
            match step {
                Step::Arrive(input) => world.arrive(INPUTS[*input]),
                Step::Make(which) | Step::MakeTwice(which) if !world.posts.is_empty() => {
                    let order = world.posts.remove(which % world.posts.len());
                    world.make(&order);
                    if matches!(step, Step::MakeTwice(_)) {
                        let known = world.observation.data(&order.product).len();
                        let version = world.observation.data(&order.product).last().unwrap().version.unwrap().0;
                        world.announce("sdb", order.product.as_str(), version, Some(&order));
                        prop_assert_eq!(world.observation.data(&order.product).len(), known, "a repeat was new");
                    }
                }
                Step::Make(_) | Step::MakeTwice(_) => {}
                Step::Crash => ledger.crash(&mut world),
            }
            ledger.store(&mut world.observation);
        }
        world.rest(|_| {});
        ledger.store(&mut world.observation);

        let there = INPUTS.iter().filter(|input| world.state(input) == CellState::Received);
        let closure = world.graph.closure(there.map(|input| world.graph.id(&crate::world::name(input)).unwrap()));
        for id in world.graph.products() {
            let product = world.graph.name(id).as_str();
            let state = world.state(product);
            let made = matches!(state, CellState::Done | CellState::Stale);
            prop_assert_eq!(made, closure.contains(id), "{} is {}", product, state);
        }
        // Nothing is made twice from the same inputs.
        let mut made: Vec<_> = ledger.runs.values().filter(|run| run.product_at.is_some()).map(|run| (run.product.clone(), run.inputs.clone())).collect();
        let all = made.len();
        made.sort_by_key(|(product, inputs)| format!("{product}{inputs:?}"));
        made.dedup();
        prop_assert_eq!(made.len(), all);
    }
}
