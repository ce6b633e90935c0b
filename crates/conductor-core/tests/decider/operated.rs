//! Whatever operators do, in any history and with crashes: nothing starts that they held, gave up or did not
//! approve, and all is made once they let it.

use crate::ledger::Ledger;
use crate::world::{World, failure, name};
use conductor_core::{Reason, Report, Trigger, Verb};
use domain::{CellState, ErrorClass};
use proptest::prelude::*;
use std::time::Duration;

const GRAPH: &str =
    "A -> X; B -> Y; X, Y? -> Z (grace); Y, C? -> U (grace); Z, U? -> V; X, B -> W (approve); W, V? -> T";
const INPUTS: [&str; 3] = ["A", "B", "C"];
const PRODUCTS: [&str; 7] = ["X", "Y", "Z", "U", "V", "W", "T"];

#[derive(Debug, Clone)]
enum Step {
    Arrive(usize),
    Make(usize),
    Fail(usize, ErrorClass),
    Operate(usize, Verb),
    Wait,
    Crash,
}

/// Any command of an operator.
pub(crate) fn verbs() -> impl Strategy<Value = Verb> {
    prop_oneof![
        1 => Just(Verb::Retry),
        1 => Just(Verb::Cancel),
        3 => Just(Verb::Hold),
        1 => Just(Verb::Release),
        1 => Just(Verb::Approve),
        1 => Just(Verb::EndGrace),
        1 => Just(Verb::ExtendGrace { by: Duration::from_secs(5) }),
        1 => (0..3i32).prop_map(|priority| Verb::Raise { priority }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let class = prop_oneof![Just(ErrorClass::Retriable), Just(ErrorClass::Permanent)];
    let step = prop_oneof![
        3 => (0..3usize).prop_map(Step::Arrive),
        3 => (0..8usize).prop_map(Step::Make),
        1 => (0..8usize, class).prop_map(|(which, class)| Step::Fail(which, class)),
        6 => (0..7usize, verbs()).prop_map(|(product, verb)| Step::Operate(product, verb)),
        1 => Just(Step::Wait),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 0..40)
}

fn play(world: &mut World, ledger: &Ledger, step: &Step) {
    let orders = world.posts.len();
    match step {
        Step::Arrive(input) => world.arrive(INPUTS[*input]),
        Step::Operate(product, verb) => world.operate(PRODUCTS[*product], *verb),
        Step::Crash => ledger.crash(world),
        Step::Wait if world.observation.next_deadline().is_some() => world.wait(),
        Step::Make(which) if orders > 0 => {
            let order = world.posts.remove(which % orders);
            world.make(&order);
        }
        Step::Fail(which, class) if orders > 0 => {
            let order = world.posts.remove(which % orders);
            world.say(order, Report::Failed(failure(*class)));
        }
        Step::Wait | Step::Make(_) | Step::Fail(..) => {}
    }
}

/// What operators stopped did not start.
fn check(world: &World, before: &World) {
    for product in PRODUCTS {
        let sent = |world: &World| world.sent.get(&name(product)).copied();
        let Some(cell) = world.observation.cell(&name(product)) else {
            continue;
        };
        let run = world.observation.run(&name(product));
        if cell.held.is_some()
            && before
                .observation
                .cell(&name(product))
                .is_some_and(|cell| cell.held.is_some())
        {
            assert_eq!(sent(world), sent(before), "{product} is held and started");
        }
        if cell.cancelled.is_some() {
            assert!(
                run.is_none_or(|run| run.state.is_ended()),
                "{product} is cancelled and goes on"
            );
        }
        if cell.state == CellState::Held {
            let awaits_approval = matches!(cell.reason, Some(Reason::Approval { .. }));
            assert_ne!(
                cell.held.is_some(),
                awaits_approval,
                "{product}: {:?}",
                cell.reason
            );
        }
        if product == "W" && sent(world) > sent(before) {
            let trigger = &run.unwrap().trigger;
            let agreed = matches!(trigger, Trigger::Approved { .. } | Trigger::Retry { .. });
            assert!(agreed, "nobody approved W: {trigger}");
        }
    }
}

/// Operators let everything go on.
fn let_go(world: &mut World) {
    for product in PRODUCTS {
        let cell = world.observation.cell(&name(product)).cloned();
        let Some(cell) = cell else { continue };
        if cell.held.is_some() {
            world.operate(product, Verb::Release);
        }
        if matches!(world.state(product), CellState::Failed | CellState::Cancelled) {
            world.operate(product, Verb::Retry);
        }
        if world.state(product) == CellState::Held {
            world.operate(product, Verb::Approve);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_operators_stop_does_not_start_and_what_they_let_go_is_made(
        steps in steps(),
        limit in prop::option::of(1..3u32),
    ) {
        let mut world = World::with(GRAPH, r#", "attempts": 2, "wait_repeats": "10s""#);
        world.limit = limit;
        let mut ledger = Ledger::default();
        for step in &steps {
            let before = world.clone();
            play(&mut world, &ledger, step);
            ledger.store(&mut world.observation);
            // After a crash, what was sent is sent again.
            if !matches!(step, Step::Crash) {
                check(&world, &before);
            }
        }
        world.rest(let_go);
        let there = INPUTS.iter().filter(|input| world.state(input) == CellState::Received);
        let closure = world.graph.closure(there.map(|input| world.graph.id(&name(input)).unwrap()));
        for id in world.graph.products() {
            let product = world.graph.name(id).as_str();
            let state = world.state(product);
            let made = matches!(state, CellState::Done | CellState::Stale);
            prop_assert_eq!(made, closure.contains(id), "{} is {}", product, state);
        }
    }
}
