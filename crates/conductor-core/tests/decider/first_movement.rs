//! What the decider does, event by event.

use crate::world::{World, failure, name};
use conductor_core::{Answer, Command, Event, ManualRequest, Observation, Report, Verb};
use domain::{Attempt, CellState, ErrorClass, RunState};
use std::time::Duration;

#[test]
fn a_change_runs_through_the_graph_once_in_order() {
    let mut world = World::new("A -> X; X -> Y; X, Y? -> Z");
    world.arrive("A");
    assert_eq!(world.posted(), ["X"]);
    assert_eq!(world.reason("Y"), "awaits X");
    assert_eq!(world.make_all(), ["X", "Y", "Z"]);
    assert_eq!(
        [world.state("X"), world.state("Y"), world.state("Z")],
        [CellState::Done; 3]
    );
    assert_eq!(world.state("A"), CellState::Received);
}

#[test]
fn a_repeated_event_starts_nothing_twice() {
    let mut world = World::new("A -> X");
    world.announce("vhf", "A", 1, None);
    let order = world.posts[0].clone();
    world.announce("vhf", "A", 1, None);
    world.announce("sdb", "X", 1, Some(&order));
    world.announce("sdb", "X", 1, Some(&order));
    assert_eq!(world.posted(), ["X"]);
    assert_eq!(world.observation.data(&name("X")).len(), 1);
}

#[test]
fn what_cannot_be_made_is_not_expected_and_says_what_is_missing() {
    let mut world = World::new("A -> X; X, B -> Y");
    world.arrive("A");
    assert_eq!(world.state("Y"), CellState::NotExpected);
    world.make_all();
    assert_eq!(world.state("Y"), CellState::NotExpected);
    world.arrive("B");
    assert_eq!(world.posted(), ["Y"]);
}

#[test]
fn an_optional_input_in_progress_is_waited_for_but_not_for_ever() {
    let mut world = World::new("A -> X; A, X? -> Y");
    world.arrive("A");
    assert_eq!((world.state("Y"), world.posted()), (CellState::Grace, vec!["X"]));
    world.apply(world.reported(Report::NotOffered));
    world.wait();
    assert_eq!(world.posted(), ["X", "Y"]);
    assert_eq!(world.posts[1].missing, [name("X")]);
}

#[test]
fn an_attempt_that_fails_is_repeated_until_the_budget_is_spent() {
    let mut world = World::new("A -> X; X -> Y");
    world.arrive("A");
    for attempt in 1..=2 {
        world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
        assert_eq!(world.state("X"), CellState::Retrying);
        world.wait();
        assert_eq!(world.posts.last().unwrap().attempt, Attempt(attempt + 1));
    }
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
    assert_eq!(world.state("X"), CellState::Failed);
    assert_eq!(
        world.reason("X"),
        "no-calibration: no calibration (after 3 attempts, 3 of 3 product failures)"
    );
    assert_eq!(world.reason("Y"), "awaits X, blocked by X");
    assert_eq!(world.observation.next_deadline(), None);
    let first = world.posts[0].run_id.clone();
    assert!(world.posts.iter().all(|order| order.run_id == first));
}

#[test]
fn a_permanent_failure_is_not_repeated_and_a_retry_starts_another_run() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
    assert_eq!(world.state("X"), CellState::Failed);
    world.operate("X", Verb::Retry);
    assert_eq!(world.posted(), ["X", "X"]);
    assert_ne!(world.posts[0].run_id, world.posts[1].run_id);
    assert_eq!(world.posts[1].trigger, "retry by ops (shift 2)");
}

#[test]
fn newer_inputs_during_a_run_lead_to_exactly_one_more() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.arrive("A");
    world.arrive("A");
    assert_eq!(world.posted(), ["X"]);
    assert_eq!(world.make_all(), ["X", "X"]);
    assert_eq!(world.state("X"), CellState::Done);
}

#[test]
fn a_newer_optional_input_makes_a_product_stale_and_starts_nothing() {
    let mut world = World::new("A, B? -> X");
    world.arrive("A");
    world.make_all();
    world.arrive("B");
    assert_eq!((world.state("X"), world.posted()), (CellState::Stale, vec![]));
    assert_eq!(world.reason("X"), "B is newer than what it was made from");
}

#[test]
fn a_busy_provider_costs_no_attempt() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    let retry_after = std::time::Duration::from_secs(7);
    world.apply(world.answered(Answer::Busy { retry_after }));
    assert_eq!((world.state("X"), world.posts.len()), (CellState::Queued, 1));
    world.now += retry_after;
    world.apply(Event::DeadlineReached);
    world.arrive("A");
    assert_eq!((world.posts.len(), world.posts[1].attempt), (2, Attempt(1)));
}

#[test]
fn a_success_without_a_product_is_product_missing() {
    let mut world = World::with("A -> X", r#", "attempts": 1"#);
    world.arrive("A");
    world.apply(world.reported(Report::Succeeded { version: None }));
    world.wait();
    let Some(Command::AskSdb { product, run_id }) = world.others.pop() else {
        panic!("the SDB was not asked")
    };
    world.apply(Event::SdbAsked {
        product,
        run_id,
        reached: true,
    });
    assert_eq!(world.state("X"), CellState::Failed);
    assert!(world.reason("X").starts_with("product-missing: "));
}

#[test]
fn silence_is_asked_about_before_it_is_judged() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.wait();
    assert!(matches!(world.others.pop(), Some(Command::Ask { .. })));
    world.apply(world.reported(Report::Unknown));
    assert_eq!(world.state("X"), CellState::Requested);
    let Some(Command::AskSdb { product, run_id }) = world.others.pop() else {
        panic!("the SDB was not asked")
    };
    world.apply(Event::SdbAsked {
        product,
        run_id,
        reached: true,
    });
    assert_eq!(world.state("X"), CellState::Retrying);
}

#[test]
fn words_that_may_be_missed_are_asked_for_soon() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.observation.ask_soon(world.now);
    let soon = world.observation.next_deadline().unwrap();
    assert_eq!(
        soon,
        world.now + Duration::from_secs(2),
        "a POST on its way has time to arrive"
    );
    world.wait();
    assert!(matches!(world.others.pop(), Some(Command::Ask { .. })));
    // Who offers no answer is not asked, now as little as before.
    world.apply(world.reported(Report::NotOffered));
    let judged = world.observation.next_deadline();
    world.observation.ask_soon(world.now);
    assert_eq!(world.observation.next_deadline(), judged);
}

#[test]
fn a_run_given_up_that_brings_its_product_after_all_is_a_success() {
    let mut world = World::with("A -> X", r#", "attempts": 1"#);
    world.arrive("A");
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
    let order = world.posts[0].clone();
    world.make(&order);
    assert_eq!(world.state("X"), CellState::Done);
    assert_eq!(
        world.observation.run(&name("X")).unwrap().state,
        RunState::Succeeded
    );
}

#[test]
fn a_pipeline_that_speaks_keeps_its_slot_until_it_says_how_it_ended() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.apply(world.reported(Report::Running));
    assert_eq!(world.state("X"), CellState::Running);
    let order = world.posts[0].clone();
    world.make(&order);
    assert_eq!(world.state("X"), CellState::Done);
    assert_eq!(
        world.observation.run(&name("X")).unwrap().state,
        RunState::Running
    );
    world.apply(world.reported(Report::Succeeded { version: None }));
    assert_eq!(
        world.observation.run(&name("X")).unwrap().state,
        RunState::Succeeded
    );
}

#[test]
fn while_a_run_that_brought_its_product_goes_on_only_what_is_newer_is_named() {
    let mut world = World::new("A, B -> X");
    world.arrive("A");
    world.arrive("B");
    world.apply(world.reported(Report::Running));
    let order = world.posts.remove(0);
    world.make(&order);
    world.arrive("A");
    assert_eq!(world.state("X"), CellState::Stale);
    assert_eq!(world.reason("X"), "A is newer than what it was made from");
    let run_id = order.run_id.clone();
    let (attempt, report) = (order.attempt, Report::Succeeded { version: None });
    world.apply(Event::Reported {
        product: name("X"),
        run_id,
        attempt,
        report,
    });
    assert_eq!(world.posted(), ["X"]);
}

#[test]
fn a_manual_request_makes_a_product_again() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.make_all();
    let request = ManualRequest {
        force: true,
        by: "ops".into(),
        ..ManualRequest::default()
    };
    world.apply(Event::Requested {
        product: name("X"),
        request,
    });
    assert_eq!(world.posted(), ["X"]);
    assert_eq!(world.posts[0].trigger, "request by ops");
}

#[test]
fn a_withdrawal_is_shown_and_starts_nothing() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.make_all();
    world.withdraw("A");
    assert_eq!((world.state("A"), world.posted()), (CellState::Retracted, vec![]));
}

#[test]
fn after_a_restart_the_same_posts_are_sent_again() {
    let mut world = World::new("A -> X; A -> Y");
    world.arrive("A");
    let changes = world.observation.take_changes();
    let (cells, data, runs) = (changes.cells, changes.data, changes.runs);
    let restored = Observation::restore("42".parse().unwrap(), world.now, cells, data, runs);
    let again: Vec<Command> = restored.outstanding(&world.graph);
    let before: Vec<Command> = world
        .posts
        .iter()
        .map(|order| Command::Post(Box::new(order.clone())))
        .collect();
    assert_eq!(again, before);
}

#[test]
fn who_blocks_is_said_to_all_descendants_and_nobody_waits_for_what_will_not_come() {
    let mut world = World::new("A -> X; X -> Y; Y -> Z; A, Z? -> W");
    world.arrive("A");
    assert_eq!(
        (world.reason("Z").as_str(), world.state("W")),
        ("awaits Y", CellState::Grace)
    );
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
    assert_eq!(world.reason("Z"), "awaits Y, blocked by X");
    assert_eq!(world.posted(), ["X", "W"]);
}
