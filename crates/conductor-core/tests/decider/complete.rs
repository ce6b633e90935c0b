//! Whatever happened before: the blockers of a cell are complete (when they are gone, its run is sent), and
//! each of them counts (as long as another one stands, it is not).

use crate::operated::verbs;
use crate::world::{World, failure, name};
use conductor_core::{
    Answer, Blocker, BlockerKind, Event, ManualRequest, Report, RestraintKind, Verb, Verdict,
};
use domain::{Attempt, CellState, ErrorClass, RunState};
use proptest::prelude::*;
use std::time::Duration;

const GRAPH: &str =
    "A -> X; B -> Y; X, Y? -> Z (grace); Y, C -> U; Z, U? -> V; X, B, C? -> W (grace); W, V? -> T (approve)";
const INPUTS: [&str; 3] = ["A", "B", "C"];
const PRODUCTS: [&str; 7] = ["X", "Y", "Z", "U", "V", "W", "T"];

/// More rounds than any history of these tests needs.
const ROUNDS: usize = 100;

#[derive(Debug, Clone)]
enum Step {
    Arrive(usize),
    Make(usize),
    Say(usize, Report),
    Busy(usize),
    Unreach(usize),
    Overhear(usize, bool),
    SayForeign(usize, Report),
    Restrain(bool),
    Withdraw(usize),
    Request(usize),
    ImportByHand(usize),
    Operate(usize, Verb),
    Wait,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let report = prop_oneof![
        Just(Report::Running),
        Just(Report::Failed(failure(ErrorClass::Retriable))),
        Just(Report::Failed(failure(ErrorClass::Permanent))),
        Just(Report::Cancelled),
    ];
    let foreign = report.clone();
    let step = prop_oneof![
        3 => (0..3usize).prop_map(Step::Arrive),
        2 => (0..8usize).prop_map(Step::Make),
        3 => (0..8usize, report).prop_map(|(which, report)| Step::Say(which, report)),
        1 => (0..8usize).prop_map(Step::Busy),
        2 => (0..8usize).prop_map(Step::Unreach),
        1 => (0..7usize, any::<bool>()).prop_map(|(product, at_work)| Step::Overhear(product, at_work)),
        1 => (0..7usize, foreign).prop_map(|(product, report)| Step::SayForeign(product, report)),
        1 => any::<bool>().prop_map(Step::Restrain),
        1 => (0..3usize).prop_map(Step::Withdraw),
        1 => (0..7usize).prop_map(Step::Request),
        1 => (0..7usize).prop_map(Step::ImportByHand),
        3 => (0..7usize, verbs()).prop_map(|(product, verb)| Step::Operate(product, verb)),
        1 => Just(Step::Wait),
    ];
    prop::collection::vec(step, 0..30)
}

fn request(world: &mut World, product: &str, force: bool) {
    let request = ManualRequest {
        force,
        by: "ops".into(),
        ..ManualRequest::default()
    };
    world.apply(Event::Requested {
        product: name(product),
        request,
    });
}

/// The provider speaks of a run, which keeps its order only while it goes on.
fn say(world: &mut World, which: usize, report: Report) {
    let order = world.posts[which].clone();
    if report != Report::Running {
        world.posts.remove(which);
    }
    world.apply(Event::Reported {
        product: order.product,
        run_id: order.run_id,
        attempt: order.attempt,
        report,
    });
}

/// The provider is at a run that somebody else started.
fn overhear(world: &mut World, product: &str, at_work: bool) {
    let run_id = format!("own-{}", world.next_version(product)).parse().unwrap();
    world.apply(Event::Overheard {
        product: name(product),
        run_id,
        attempt: Attempt::FIRST,
        at_work,
    });
}

/// The provider speaks of somebody else's run, if it has one.
fn say_foreign(world: &mut World, product: &str, report: Report) {
    let run = world.observation.run(&name(product));
    let Some(run) = run.filter(|run| run.is_foreign()).cloned() else {
        return;
    };
    world.apply(Event::Reported {
        product: run.product,
        run_id: run.run_id,
        attempt: run.attempt,
        report,
    });
}

/// The provider has no time.
fn refuse(world: &mut World, which: usize) {
    let retry_after = Duration::from_secs(7);
    answer(world, which, Answer::Busy { retry_after });
    world.reach(true);
}

/// The provider is not there.
fn unreach(world: &mut World, which: usize) {
    world.reach(false);
    answer(world, which, Answer::Unreachable("refused".into()));
}

/// A POST is not taken, unless the provider said that it works: then a refusal says nothing.
fn answer(world: &mut World, which: usize, answer: Answer) {
    let order = world.posts[which].clone();
    if world.observation.run(&order.product).unwrap().state == RunState::Requested {
        world.posts.remove(which);
    }
    let (product, run_id, attempt) = (order.product, order.run_id, order.attempt);
    world.apply(Event::Answered {
        product,
        run_id,
        attempt,
        answer,
    });
}

fn play(world: &mut World, step: &Step) {
    let orders = world.posts.len();
    match step {
        Step::Arrive(input) => world.arrive(INPUTS[*input]),
        Step::Withdraw(input) => world.withdraw(INPUTS[*input]),
        Step::Request(product) => check_request(world, PRODUCTS[*product]),
        Step::ImportByHand(product) => {
            let version = world.next_version(PRODUCTS[*product]);
            world.announce("sdb", PRODUCTS[*product], version, None);
        }
        Step::Operate(product, verb) => world.operate(PRODUCTS[*product], *verb),
        Step::Wait if world.observation.next_deadline().is_some() => world.wait(),
        Step::Make(which) if orders > 0 => {
            let order = world.posts.remove(which % orders);
            world.make(&order);
        }
        Step::Say(which, report) if orders > 0 => say(world, which % orders, report.clone()),
        Step::Busy(which) if orders > 0 => refuse(world, which % orders),
        Step::Unreach(which) if orders > 0 => unreach(world, which % orders),
        Step::Overhear(product, at_work) => overhear(world, PRODUCTS[*product], *at_work),
        Step::SayForeign(product, report) => say_foreign(world, PRODUCTS[*product], report.clone()),
        Step::Restrain(true) => world.restrain(RestraintKind::Paused),
        Step::Restrain(false) => world.resume(),
        Step::Make(_) | Step::Say(..) | Step::Busy(_) | Step::Unreach(_) | Step::Wait => {}
    }
}

/// A request that is judged to start begins its run at once.
fn check_request(world: &mut World, product: &str) {
    let before = world
        .observation
        .run(&name(product))
        .map(|run| run.run_id.clone());
    if world.observation.judge(&world.graph, &name(product), true) == Verdict::Start {
        request(world, product, true);
        let run = world.observation.run(&name(product)).unwrap();
        assert!(!run.state.is_ended());
        assert_ne!(Some(&run.run_id), before.as_ref());
    }
}

/// The leaves, each once. An input that is told elsewhere in the tree is none.
fn leaves(world: &World, product: &str) -> Vec<Blocker> {
    fn collect(blockers: &[Blocker], found: &mut Vec<Blocker>) {
        for blocker in blockers {
            let made = PRODUCTS.contains(&blocker.what.as_str());
            let told_elsewhere =
                made && matches!(
                    blocker.kind,
                    BlockerKind::Input | BlockerKind::InProgress | BlockerKind::Optional
                ) && blocker.blockers.is_empty();
            let known = found
                .iter()
                .any(|leaf| (leaf.kind, &leaf.what) == (blocker.kind, &blocker.what));
            if blocker.blockers.is_empty() && !told_elsewhere && !known {
                found.push(blocker.clone());
            }
            collect(&blocker.blockers, found);
        }
    }
    let mut found = Vec::new();
    collect(&world.explain(product).blockers, &mut found);
    found
}

/// Makes a leaf go.
fn satisfy(world: &mut World, leaf: &Blocker) {
    match leaf.kind {
        BlockerKind::Input => world.arrive(&leaf.what),
        BlockerKind::Retracted | BlockerKind::Optional if INPUTS.contains(&leaf.what.as_str()) => {
            world.arrive(&leaf.what);
        }
        BlockerKind::Retracted | BlockerKind::Cancelled => request(world, &leaf.what, false),
        BlockerKind::Failed => {
            let product = product_of(world, &leaf.what);
            world.operate(&product, Verb::Retry);
        }
        BlockerKind::Run => end(world, &leaf.what),
        BlockerKind::Held => world.operate(&leaf.what, Verb::Release),
        BlockerKind::Approval => world.operate(&leaf.what, Verb::Approve),
        BlockerKind::ProviderPaused | BlockerKind::ProviderDraining => world.resume(),
        BlockerKind::ProviderOpen if leaf.until.is_none() => world.reach(true),
        BlockerKind::Backoff
        | BlockerKind::ProviderBusy
        | BlockerKind::ProviderOpen
        | BlockerKind::Repeats => {
            world.now = leaf.until.unwrap();
            world.apply(Event::DeadlineReached);
        }
        BlockerKind::ProviderLimit => {
            let holds_slot = |product: &&&str| {
                let run = world.observation.run(&name(product));
                run.is_some_and(|run| run.state.holds_slot())
            };
            let product = PRODUCTS.iter().find(holds_slot).unwrap();
            let run = world.observation.run(&name(product)).unwrap().run_id.to_string();
            end(world, &run);
        }
        BlockerKind::InProgress | BlockerKind::Optional => panic!("{} is awaited for no reason", leaf.what),
    }
}

fn product_of(world: &World, run: &str) -> String {
    let of = |product: &&&str| {
        world
            .observation
            .run(&name(product))
            .is_some_and(|of| of.run_id.as_str() == run)
    };
    (*PRODUCTS.iter().find(of).unwrap()).to_owned()
}

/// The run brings its product, if it did not yet, and ends.
fn end(world: &mut World, run: &str) {
    let product = product_of(world, run);
    if let Some(which) = world.posts.iter().position(|order| order.run_id.as_str() == run) {
        let order = world.posts.remove(which);
        world.make(&order);
    } else {
        // Somebody else's.
        let version = world.next_version(&product);
        world.announce("sdb", &product, version, None);
    }
    let run = world.observation.run(&name(&product)).unwrap();
    if run.state != RunState::Succeeded {
        let (run_id, attempt) = (run.run_id.clone(), run.attempt);
        let report = Report::Succeeded { version: None };
        world.apply(Event::Reported {
            product: name(&product),
            run_id,
            attempt,
            report,
        });
    }
}

/// Whether making this one go can make others go too: time passes, or a slot comes free.
fn goes_alone(leaf: &Blocker) -> bool {
    match leaf.kind {
        BlockerKind::Backoff
        | BlockerKind::ProviderBusy
        | BlockerKind::ProviderOpen
        | BlockerKind::ProviderLimit
        | BlockerKind::Repeats => false,
        BlockerKind::Input
        | BlockerKind::Retracted
        | BlockerKind::InProgress
        | BlockerKind::Optional
        | BlockerKind::Held
        | BlockerKind::Approval
        | BlockerKind::ProviderPaused
        | BlockerKind::ProviderDraining
        | BlockerKind::Run
        | BlockerKind::Failed
        | BlockerKind::Cancelled => true,
    }
}

/// Makes the blockers of a product go, one by one in an order that `picks` says, until its run is sent.
fn check(mut world: World, product: &str, picks: &[usize]) {
    let sent = |world: &World| world.sent.get(&name(product)).copied().unwrap_or(0);
    let before = sent(&world);
    for round in 0..ROUNDS {
        let leaves = leaves(&world, product);
        if leaves.is_empty() {
            let state = world.state(product);
            let settled = matches!(state, CellState::Done | CellState::Stale);
            assert!(
                settled,
                "{product} is {state} and nothing blocks it: {:?}",
                world.explain(product)
            );
            return;
        }
        let leaf = leaves[picks[round % picks.len()] % leaves.len()].clone();
        satisfy(&mut world, &leaf);
        if sent(&world) > before {
            assert!(
                leaves.len() == 1 || !goes_alone(&leaf),
                "{product} did not need all of {leaves:?}"
            );
            return;
        }
    }
    panic!("{product} is not sent: {:?}", world.explain(product));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_blockers_are_complete_and_each_of_them_counts(
        steps in steps(),
        limit in prop::option::of(1..3u32),
        picks in prop::collection::vec(0..60usize, 1..8),
    ) {
        let mut world = World::with(GRAPH, r#", "attempts": 2, "wait_repeats": "10s""#);
        world.limit = limit;
        for step in &steps {
            play(&mut world, step);
        }
        for product in PRODUCTS {
            check(world.clone(), product, &picks);
        }
    }
}
