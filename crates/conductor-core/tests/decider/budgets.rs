//! Failures count by whose they are, and each kind has a budget of its own.

use crate::world::{World, failure, name};
use conductor_core::{Answer, Event, Fault, Report};
use domain::{CellState, ErrorClass};
use proptest::prelude::*;

/// Lets the present attempt end so, and the next one begin.
fn fail(world: &mut World, fault: Fault) {
    let event = match fault {
        Fault::Transport => world.answered(Answer::Unreachable("connection refused".into())),
        Fault::Provider => world.answered(Answer::Faulty(failure(ErrorClass::Retriable))),
        Fault::Product => world.reported(Report::Failed(failure(ErrorClass::Retriable))),
    };
    world.posts.clear();
    world.apply(event);
    if world.state("X") == CellState::Retrying {
        world.wait();
    }
}

fn attempt(world: &World) -> u32 {
    world.posts.last().unwrap().attempt.0
}

#[test]
fn a_provider_that_is_away_costs_no_attempts_but_is_not_waited_for_for_ever() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    let begun = world.now;
    let mut tries = 0;
    while world.state("X") != CellState::Failed {
        assert_eq!(attempt(&world), 1);
        fail(&mut world, Fault::Transport);
        tries += 1;
    }
    assert_eq!(
        world.reason("X"),
        format!("unreachable: connection refused (after 1 attempt, {tries} of {tries} transport failures)")
    );
    let waited = world.now.duration_since(begun);
    assert!((45..75).contains(&waited.as_mins()), "{waited:?}");
}

#[test]
fn a_provider_that_comes_back_finds_all_attempts() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    for _ in 0..5 {
        fail(&mut world, Fault::Transport);
        assert_eq!(world.observation.run(&name("X")).unwrap().last_attempt(), 3);
    }
    for number in 1..=3 {
        assert_eq!(attempt(&world), number);
        fail(&mut world, Fault::Product);
    }
    assert_eq!(world.state("X"), CellState::Failed);
}

#[test]
fn what_is_permanent_fails_at_once_whoever_says_it() {
    for event in [
        |world: &World| world.answered(Answer::Refused(failure(ErrorClass::Permanent))),
        |world: &World| world.reported(Report::Failed(failure(ErrorClass::Permanent))),
    ] {
        let mut world = World::new("A -> X");
        world.arrive("A");
        let event = event(&world);
        world.apply(event);
        assert_eq!(world.state("X"), CellState::Failed);
        assert_eq!(
            world.reason("X"),
            "no-calibration: no calibration (after 1 attempt)"
        );
        assert_eq!(world.observation.run(&name("X")).unwrap().last_attempt(), 3);
    }
}

#[test]
fn who_is_gone_with_the_work_is_to_blame_and_who_had_not_begun_is_just_not_there() {
    let lose = |world: &mut World| {
        for _ in 0..3 {
            let event = world.reported(Report::Unreachable);
            world.apply(event);
        }
        let run_id = world.posts.pop().unwrap().run_id;
        world.apply(Event::SdbAsked {
            product: name("X"),
            run_id,
            reached: true,
        });
    };
    let mut world = World::with("A -> X", r#", "attempts": 1"#);
    world.arrive("A");
    lose(&mut world);
    assert_eq!(world.state("X"), CellState::Retrying);
    world.wait();
    // It may have been heard of: the next one has another number.
    assert_eq!(attempt(&world), 2);
    let event = world.reported(Report::Running);
    world.apply(event);
    lose(&mut world);
    assert_eq!(
        world.reason("X"),
        "lost: the provider was not reached 3 times in a row (after 2 attempts, 1 of 1 provider failures)"
    );
}

fn faults() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Transport),
        Just(Fault::Provider),
        Just(Fault::Product)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_fails_when_one_budget_is_spent_and_not_before(history in prop::collection::vec(faults(), 60..61)) {
        let mut world = World::with("A -> X", r#", "attempts": 4"#);
        world.arrive("A");
        for fault in history {
            let before = world.observation.run(&name("X")).unwrap().clone();
            prop_assert!(before.attempt.0 <= before.last_attempt());
            fail(&mut world, fault);
            let run = world.observation.run(&name("X")).unwrap();
            prop_assert_eq!(run.failures.of(fault), before.failures.of(fault) + 1);
            prop_assert_eq!(run.failures.total(), before.failures.total() + 1);
            let budget = run.budget(fault);
            prop_assert_eq!(world.state("X") == CellState::Failed, budget.spent == budget.of);
            if world.state("X") == CellState::Failed {
                prop_assert!((4..=before.last_attempt()).contains(&run.last_attempt()));
                return Ok(());
            }
            prop_assert_eq!(run.attempt.0, before.attempt.0 + u32::from(fault != Fault::Transport));
            prop_assert_eq!(run.last_attempt(), before.last_attempt() + u32::from(fault == Fault::Provider));
        }
        prop_assert!(false, "it goes on for ever");
    }
}
