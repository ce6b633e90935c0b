//! Whatever operators do, in any history and with crashes: nothing starts that they held, gave up or did not
//! approve, and all is made once they let it.

use crate::ledger::Ledger;
use crate::world::{World, failure, name, verbs};
use conductor_core::{Event, Reason, Report, Trigger, Verb};
use domain::{CellState, ErrorClass};
use proptest::prelude::*;

const GRAPH: &str =
    "A -> X; B -> Y; X, Y? -> Z (grace); Y, C? -> U (grace); Z, U? -> V; X, B -> W (approve); W, V? -> T";
const INPUTS: [&str; 3] = ["A", "B", "C"];
const PRODUCTS: [&str; 7] = ["X", "Y", "Z", "U", "V", "W", "T"];

/// More rounds than operators need to let everything go on.
const ROUNDS: usize = 100;

#[derive(Debug, Clone)]
enum Step {
    Arrive(usize),
    Make(usize),
    Fail(usize, ErrorClass),
    Operate(usize, Verb),
    Wait,
    Crash,
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
            world.apply(Event::Reported {
                product: order.product,
                run_id: order.run_id,
                attempt: order.attempt,
                report: Report::Failed(failure(*class)),
            });
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

/// Operators let everything go on, until nothing more happens.
fn let_go(world: &mut World) {
    for _ in 0..ROUNDS {
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
        if !world.posts.is_empty() {
            world.make_all();
        } else if world.observation.next_deadline().is_some() {
            world.wait();
        } else {
            return;
        }
    }
    panic!("it does not come to rest");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_operators_stop_does_not_start_and_what_they_let_go_is_made(
        steps in steps(),
        limit in prop::option::of(1..3u32),
    ) {
        let mut world = World::with(GRAPH, r#", "attempts": 2"#);
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
        let_go(&mut world);
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
