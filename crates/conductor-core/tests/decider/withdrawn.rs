//! Whatever is withdrawn, in any history and with crashes: nothing stays that was made from it, nothing is made
//! twice, the SDB hears of all of it, and newer data bring everything back.

use crate::ledger::Ledger;
use crate::world::{World, failure, name};
use conductor_core::{Command, Event, Order, Report};
use domain::{CellState, ErrorClass, ProductName, RunState, Version};
use proptest::prelude::*;
use std::collections::BTreeSet;

const GRAPH: &str = "A -> X; B -> Y; X, Y? -> Z; Y, C -> U (grace); Z, U? -> V; X, B, C? -> W; W, V? -> T";
const INPUTS: [&str; 3] = ["A", "B", "C"];
const PRODUCTS: [&str; 7] = ["X", "Y", "Z", "U", "V", "W", "T"];

#[derive(Debug, Clone)]
enum Step {
    Arrive(usize),
    /// The pipeline is done, also with a run that was cancelled meanwhile.
    Make(usize),
    /// The pipeline says that it works: it will then also say that it is done.
    Work(usize),
    Fail(usize),
    /// All versions of an input, or one of them.
    Withdraw(usize, Option<usize>),
    /// Somebody withdraws a version in the SDB.
    WithdrawProduct(usize, usize),
    /// The SDB hears of what was withdrawn, and says so.
    Tell(usize),
    Wait,
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3usize).prop_map(Step::Arrive),
        6 => (0..8usize).prop_map(Step::Make),
        2 => (0..8usize).prop_map(Step::Work),
        1 => (0..8usize).prop_map(Step::Fail),
        3 => (0..3usize, prop::option::of(0..4usize)).prop_map(|(input, which)| Step::Withdraw(input, which)),
        1 => (0..7usize, 0..4usize).prop_map(|(product, which)| Step::WithdrawProduct(product, which)),
        2 => (0..4usize).prop_map(Step::Tell),
        1 => Just(Step::Wait),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 0..50)
}

fn play(world: &mut World, ledger: &Ledger, step: &Step) {
    let orders = world.posts.len();
    match step {
        Step::Arrive(input) => world.arrive(INPUTS[*input]),
        Step::Make(which) if orders > 0 => {
            let order = world.posts.remove(which % orders);
            world.make(&order);
        }
        Step::Work(which) if orders > 0 => {
            let order = world.posts[which % orders].clone();
            world.say(order, Report::Running);
        }
        Step::Fail(which) if orders > 0 => {
            let order = world.posts.remove(which % orders);
            world.say(order, Report::Failed(failure(ErrorClass::Retriable)));
        }
        Step::Withdraw(input, None) => world.withdraw(INPUTS[*input]),
        Step::Withdraw(input, Some(which)) => {
            world.withdraw_version("vhf", INPUTS[*input], Version(*which as u64 + 1));
        }
        Step::WithdrawProduct(product, which) => {
            let data = world.observation.data(&name(PRODUCTS[*product]));
            if let Some(version) = data
                .get(which % data.len().max(1))
                .and_then(|datum| datum.version)
            {
                world.withdraw_version("sdb", PRODUCTS[*product], version);
            }
        }
        Step::Tell(which) => {
            let untold = untold(world);
            if !untold.is_empty() {
                tell(world, &untold[which % untold.len()]);
            }
        }
        Step::Wait if world.observation.next_deadline().is_some() => world.wait(),
        Step::Crash => crash(world, ledger),
        Step::Make(_) | Step::Work(_) | Step::Fail(_) | Step::Wait => {}
    }
}

/// The conductor dies, and the pipeline works on; what it has not said to be at is sent again.
fn crash(world: &mut World, ledger: &Ledger) {
    let orders = world.posts.clone();
    ledger.crash(world);
    let goes_on = |order: &Order| {
        let run = world.observation.run(&order.product);
        run.is_some_and(|run| run.run_id == order.run_id && run.state == RunState::Running)
    };
    let running: Vec<Order> = orders.into_iter().filter(goes_on).collect();
    world.posts.extend(running);
}

/// What the SDB still has to hear.
fn untold(world: &World) -> Vec<(ProductName, Version)> {
    let mut untold = Vec::new();
    for command in world.observation.outstanding(&world.graph) {
        if let Command::Retract { product, version, .. } = command {
            untold.push((product, version));
        }
    }
    untold
}

/// The SDB announces what it heard, which is no news to the conductor.
fn tell(world: &mut World, (product, version): &(ProductName, Version)) {
    world.apply(Event::RetractionTold {
        product: product.clone(),
        version: *version,
    });
    let before: Vec<_> = world.observation.cells().cloned().collect();
    let said = (world.posts.len(), world.others.len());
    world.withdraw_version("sdb", product.as_str(), *version);
    assert!(
        before.iter().eq(world.observation.cells()),
        "{product} v{version} was news"
    );
    assert_eq!(said, (world.posts.len(), world.others.len()));
}

/// Nothing is available that was made from what is withdrawn, or is being made from it.
fn check(world: &World) {
    for product in PRODUCTS {
        let product = name(product);
        let recipe = world.graph.recipe(world.graph.id(&product).unwrap()).unwrap();
        let mandatory: BTreeSet<_> = recipe.mandatory.iter().map(|id| world.graph.name(*id)).collect();
        let withdrawn = |input: &domain::InputRef| {
            let mut data = world.observation.data(&input.product).iter();
            data.any(|datum| datum.retracted && Some(datum.revision) == input.revision)
        };
        let taints = |input: &&domain::InputRef| mandatory.contains(&input.product) && withdrawn(input);
        let data = world.observation.data(&product).iter();
        for datum in data.filter(|datum| !datum.retracted) {
            let from = datum.made_from.iter().find(taints);
            assert_eq!(from, None, "{product} r{} stays", datum.revision);
        }
        let run = world.observation.run(&product);
        if let Some(run) = run.filter(|run| !run.state.is_ended() && run.product_at.is_none()) {
            assert_eq!(run.inputs.iter().find(taints), None, "{product} is being made");
        }
    }
}

/// What was withdrawn with its inputs is told to the SDB until it has heard it.
fn check_told(world: &World) {
    let untold: BTreeSet<_> = untold(world).into_iter().collect();
    let data = PRODUCTS
        .iter()
        .flat_map(|product| world.observation.data(&name(product)));
    let due = data.filter(|datum| datum.untold);
    let due: BTreeSet<_> = due
        .map(|datum| (datum.product.clone(), datum.version.unwrap()))
        .collect();
    assert_eq!(untold, due);
    let said = |(product, version): &(ProductName, Version)| {
        let is_it = |command: &Command| {
            matches!(command, Command::Retract { product: of, version: which, .. }
                if of == product && which == version)
        };
        world.others.iter().any(is_it)
    };
    assert!(untold.iter().all(said), "the SDB was not told of all {untold:?}");
}

/// What has brought its product is said to be over.
fn end(world: &mut World) {
    for product in PRODUCTS {
        let run = world.observation.run(&name(product)).cloned();
        if let Some(run) = run.filter(|run| run.state.holds_slot() && run.product_at.is_some()) {
            world.apply(Event::Reported {
                product: name(product),
                run_id: run.run_id,
                attempt: run.attempt,
                report: Report::Succeeded { version: None },
            });
        }
    }
    check(world);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_withdrawn_takes_all_with_it_and_newer_data_bring_all_back(
        steps in steps(),
        limit in prop::option::of(1..3u32),
        optional in prop::sample::select(vec!["rerun", "mark_stale", "ignore"]),
    ) {
        let policy = format!(r#", "attempts": 2, "wait_repeats": "10s", "on_new_input": {{"mandatory": "rerun", "optional": "{optional}"}}"#);
        let mut world = World::with(GRAPH, &policy);
        world.limit = limit;
        let mut ledger = Ledger::default();
        for step in &steps {
            play(&mut world, &ledger, step);
            ledger.store(&mut world.observation);
            check(&world);
            check_told(&world);
        }
        for input in INPUTS {
            world.arrive(input);
            // A version that was withdrawn before it came is none.
            while world.state(input) != CellState::Received {
                world.arrive(input);
            }
        }
        world.rest(end);
        ledger.store(&mut world.observation);
        for product in PRODUCTS {
            let state = world.state(product);
            prop_assert!(matches!(state, CellState::Done | CellState::Stale), "{} is {}", product, state);
        }
        while let Some(next) = untold(&world).first() {
            tell(&mut world, next);
        }
        let mut made: Vec<_> = ledger.runs.values().map(|run| (run.product.clone(), run.generation, format!("{:?}", run.inputs))).collect();
        let all = made.len();
        made.sort();
        made.dedup();
        prop_assert_eq!(made.len(), all, "something was made twice");
    }
}
