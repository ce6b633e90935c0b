//! What is told of a cell, by example.

use crate::world::{World, failure};
use conductor_core::{Answer, Blocker, Event, Explanation, ManualRequest, Report};
use domain::ErrorClass;
use std::fmt::Write as _;
use std::time::Duration;

/// The tree as lines: kind, what, and `until` as seconds from now.
fn tree(world: &World, product: &str) -> Vec<String> {
    fn write(world: &World, blockers: &[Blocker], depth: usize, lines: &mut Vec<String>) {
        for blocker in blockers {
            let run = blocker.what.starts_with("run_");
            let what = if run { "run" } else { &blocker.what };
            let mut line = format!("{:indent$}{:?} {what}", "", blocker.kind, indent = 2 * depth);
            if let Some(until) = blocker.until {
                write!(line, " {}s", until.duration_since(world.now).as_secs()).unwrap();
            }
            lines.push(line);
            write(world, &blocker.blockers, depth + 1, lines);
        }
    }
    let mut lines = Vec::new();
    write(world, &world.explain(product).blockers, 0, &mut lines);
    lines
}

fn next(world: &World, product: &str) -> Option<(String, Option<i64>)> {
    let next = world.explain(product).next?;
    let at = next.at.map(|at| at.duration_since(world.now).as_secs());
    Some((next.what, at))
}

#[test]
fn what_cannot_be_made_names_the_inputs_that_did_not_come() {
    let mut world = World::new("A, B -> X; X, C -> Y");
    world.arrive("A");
    world.declare_absent("B");
    assert_eq!(tree(&world, "Y"), ["Input C", "Input X", "  Input B"]);
    let Explanation { text, blockers, next } = world.explain("Y");
    assert_eq!(text, "Y is not expected: cannot be made without C, X");
    assert_eq!(
        blockers[1].blockers[0].detail,
        "its publisher said that it will not come"
    );
    assert_eq!(blockers[0].detail, "did not come");
    assert_eq!(next.unwrap().what, "starts when C, X are there");
}

#[test]
fn a_cell_that_waits_names_the_run_at_the_bottom_of_it() {
    let mut world = World::new("A -> X; X -> Y; X, Y -> Z");
    world.arrive("A");
    // X blocks twice, and is told once.
    assert_eq!(
        tree(&world, "Z"),
        ["Input X", "  Run run 600s", "Input Y", "  Input X"]
    );
    assert_eq!(world.explain("Z").text, "Z is waiting: awaits X, Y");
    assert_eq!(
        next(&world, "X"),
        Some((
            "attempt 1 of 3 is given up, unless its product is there".into(),
            Some(600)
        ))
    );
}

#[test]
fn a_failed_ancestor_is_told_with_its_error_and_nothing_happens_next_to_it() {
    let mut world = World::new("A -> X; X -> Y");
    world.arrive("A");
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
    assert_eq!(tree(&world, "Y"), ["Input X", "  Failed run"]);
    let why = world.explain("Y");
    assert_eq!(why.text, "Y is waiting: awaits X, blocked by X");
    assert_eq!(
        why.blockers[0].blockers[0].detail,
        "no-calibration: no calibration (after 1 attempt)"
    );
    assert_eq!(
        (next(&world, "X"), next(&world, "Y")),
        (None, Some(("starts when X is there".into(), None)))
    );
}

#[test]
fn a_backoff_says_when_the_next_attempt_is_sent() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
    let due = world.observation.next_deadline().unwrap();
    let why = world.explain("X");
    assert_eq!(why.blockers[0].until, Some(due));
    assert_eq!(tree(&world, "X").len(), 1);
    assert_eq!(why.next.unwrap().what, "attempt 2 of 3 is sent to p");
    assert_eq!(
        why.blockers[0].detail,
        "no-calibration: no calibration (1 of 3 product failures)"
    );
}

#[test]
fn an_optional_input_in_progress_blocks_until_a_time_and_a_mandatory_one_does_not() {
    let mut world = World::with(
        "A -> X; A -> Z; A, X? -> Y; Z, X? -> W",
        r#", "wait_in_progress": "5s""#,
    );
    world.arrive("A");
    assert_eq!(tree(&world, "Y"), ["InProgress X 5s", "  Run run 600s"]);
    assert_eq!(
        next(&world, "Y"),
        Some(("starts, with X or without".into(), Some(5)))
    );
    let order = world
        .posts
        .iter()
        .find(|order| order.product.as_str() == "Z")
        .unwrap()
        .clone();
    world.make(&order);
    world.arrive("A");
    assert_eq!(
        tree(&world, "W"),
        [
            "InProgress Z",
            "  Run run 600s",
            "InProgress X 5s",
            "  Run run 600s"
        ]
    );
    assert_eq!(
        next(&world, "W"),
        Some(("starts when Z, X are there".into(), None))
    );
}

#[test]
fn a_queued_run_is_blocked_by_its_provider() {
    let mut world = World::new("A -> X; A -> Y; A -> Z");
    world.limit = Some(2);
    world.arrive("A");
    assert_eq!(tree(&world, "Z"), ["ProviderLimit p"]);
    let detail = world.explain("Z").blockers[0].detail.clone();
    assert_eq!(detail, "2 under way, as many as it may have; 1 wait");
    assert_eq!(
        next(&world, "Z"),
        Some(("attempt 1 of 3 is sent to p".into(), None))
    );
    let retry_after = Duration::from_secs(7);
    world.apply(world.answered(Answer::Busy { retry_after }));
    assert_eq!(tree(&world, "Z"), ["ProviderBusy p 7s"]);
    assert_eq!(
        next(&world, "Z"),
        Some(("attempt 1 of 3 is sent to p".into(), Some(7)))
    );
}

#[test]
fn what_was_withdrawn_and_what_was_given_up_say_so() {
    let mut world = World::new("A -> X; B, C -> Y; X -> Z");
    world.arrive("A");
    world.apply(world.reported(Report::Cancelled));
    assert_eq!(tree(&world, "Z"), ["Input X", "  Cancelled X"]);
    assert_eq!(world.explain("X").blockers[0].detail, "cancelled by p");
    world.arrive("B");
    world.withdraw("B");
    assert_eq!(tree(&world, "Y"), ["Retracted B", "Input C"]);
    assert_eq!(
        world.explain("B").text,
        "B is retracted: withdrawn by its publisher"
    );
}

#[test]
fn what_is_done_or_only_stale_is_blocked_by_nothing() {
    let mut world = World::new("A, B? -> X");
    world.arrive("A");
    world.make_all();
    let nothing = |text: &str| Explanation {
        text: text.into(),
        blockers: vec![],
        next: None,
    };
    assert_eq!(world.explain("X"), nothing("X is done"));
    assert_eq!(world.explain("A"), nothing("A is received"));
    world.arrive("B");
    assert_eq!(
        world.explain("X"),
        nothing("X is stale: B is newer than what it was made from")
    );
}

#[test]
fn a_run_that_brought_its_product_but_goes_on_blocks_the_one_that_follows() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.apply(world.reported(Report::Running));
    let order = world.posts.remove(0);
    world.make(&order);
    assert_eq!(tree(&world, "X"), Vec::<String>::new());
    let request = ManualRequest {
        force: true,
        by: "ops".into(),
        ..ManualRequest::default()
    };
    world.apply(Event::Requested {
        product: "X".parse().unwrap(),
        request,
    });
    world.arrive("A");
    assert_eq!(tree(&world, "X"), ["Run run 600s"]);
    assert_eq!(
        next(&world, "X"),
        Some(("one more run starts when this one is over".into(), None))
    );
}
