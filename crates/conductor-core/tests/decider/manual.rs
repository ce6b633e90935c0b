//! What an operator asks for.

use crate::world::{World, failure, name};
use conductor_core::{Answer, Event, ManualRequest, Report, RestraintKind, Verb, Verdict};
use domain::{Attempt, CellState, ErrorClass, JsonObject, RunState};
use std::time::Duration;

fn request(world: &mut World, product: &str, force: bool) {
    let mut params = JsonObject::new();
    params.insert("bins".into(), 64.into());
    let request = ManualRequest {
        force,
        params: Some(params),
        by: "ops".into(),
        note: None,
    };
    world.apply(Event::Requested {
        product: name(product),
        request,
    });
}

fn judge(world: &World, product: &str, force: bool) -> Verdict {
    world.observation.judge(&world.graph, &name(product), force)
}

#[test]
fn a_request_begins_its_run_at_once_although_an_optional_input_is_in_progress() {
    let mut world = World::new("A -> X; A, X? -> Y");
    world.arrive("A");
    assert_eq!(world.state("Y"), CellState::Grace);
    assert_eq!(judge(&world, "Y", false), Verdict::Start);
    request(&mut world, "Y", false);
    assert_eq!(
        (world.state("Y"), world.posted()),
        (CellState::Requested, vec!["X", "Y"])
    );
    assert_eq!(world.posts[1].trigger, "request by ops");
    let run = world.observation.run(&name("Y")).unwrap();
    assert_eq!(judge(&world, "Y", true), Verdict::Open(run.run_id.clone()));
}

#[test]
fn a_request_begins_its_run_at_once_although_a_mandatory_input_is_made_again() {
    let mut world = World::new("A -> X; X -> Y");
    world.arrive("A");
    world.make_all();
    world.arrive("A");
    request(&mut world, "Y", false);
    assert_eq!(world.posted(), ["X", "Y"]);
}

#[test]
fn what_is_done_is_made_again_only_by_force() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.make_all();
    let made = world.observation.run(&name("X")).unwrap().run_id.clone();
    assert_eq!(judge(&world, "X", false), Verdict::Made(Some(made)));
    assert_eq!(judge(&world, "X", true), Verdict::Start);
    assert_eq!(judge(&world, "A", true), Verdict::Unknown);
    assert_eq!(judge(&world, "Nobody", true), Verdict::Unknown);
}

#[test]
fn without_its_mandatory_inputs_a_product_is_made_only_by_force() {
    let mut world = World::new("A, B, C? -> X");
    world.arrive("B");
    assert_eq!(judge(&world, "X", false), Verdict::Missing(vec![name("A")]));
    assert_eq!(judge(&world, "X", true), Verdict::Start);
    request(&mut world, "X", true);
    let given: Vec<_> = world.posts[0]
        .inputs
        .iter()
        .map(|input| input.product.as_str())
        .collect();
    assert_eq!(given, ["B"]);
}

#[test]
fn a_forced_run_survives_what_else_happens_while_it_is_queued() {
    let mut world = World::new("A, B -> X; A -> Z");
    world.limit = Some(1);
    world.arrive("A");
    assert_eq!(world.posted(), ["Z"]);
    request(&mut world, "X", true);
    let told = world.observation.run(&name("X")).unwrap().run_id.clone();
    world.announce("vhf", "A", 1, None);
    world.apply(Event::GraphChanged);
    assert_eq!(world.state("X"), CellState::Queued);
    assert_eq!(world.make_all(), ["Z", "X"]);
    assert_eq!(world.observation.run(&name("X")).unwrap().run_id, told);
}

#[test]
fn a_forced_run_has_all_its_attempts() {
    for (graph, makes_first) in [("A -> X", true), ("A, B -> X", false)] {
        let mut world = World::new(graph);
        world.arrive("A");
        if makes_first {
            world.make_all();
        }
        request(&mut world, "X", true);
        world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
        assert_eq!(world.state("X"), CellState::Retrying, "{graph}");
        world.wait();
        assert_eq!(world.posts[1].attempt, Attempt(2), "{graph}");
    }
}

#[test]
fn a_request_that_is_replaced_by_a_newer_input_passes_on_what_was_asked() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.make_all();
    request(&mut world, "X", true);
    let first = world.posts[0].run_id.clone();
    let retry_after = Duration::from_mins(1);
    world.apply(world.answered(Answer::Busy { retry_after }));
    world.arrive("A");
    let run = world.observation.run(&name("X")).unwrap();
    assert_eq!(run.state, RunState::Queued);
    assert_ne!(run.run_id, first);
    assert_eq!(run.trigger.to_string(), "request by ops");
    assert_eq!(run.params.as_ref().unwrap()["bins"], 64);
}

#[test]
fn what_a_forced_run_did_without_makes_one_more_when_it_comes() {
    for fails in [false, true] {
        let mut world = World::with("A, B -> X", r#", "attempts": 1"#);
        world.arrive("A");
        request(&mut world, "X", true);
        if fails {
            world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
            world.posts.clear();
        } else {
            world.make_all();
        }
        world.arrive("B");
        assert_eq!(world.posted(), ["X"]);
        assert_eq!(world.posts[0].inputs.len(), 2);
    }
}

#[test]
fn what_failed_and_is_retried_begins_once_it_is_approved() {
    let mut world = World::with("A, V? -> X (approve); A -> V", r#", "attempts": 1"#);
    world.arrive("A");
    world.make_all();
    world.operate("X", Verb::Approve);
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
    world.posts.clear();
    world.arrive("A");
    world.make_all();
    assert_eq!(world.state("X"), CellState::Held);
    world.operate("X", Verb::Approve);
    assert_eq!(world.posted(), ["X"]);
}

#[test]
fn a_request_that_waits_to_be_retried_and_approved_is_not_forgotten() {
    let mut world = World::with("A -> V; W, V? -> X (approve)", r#", "attempts": 1"#);
    world.arrive("W");
    request(&mut world, "X", false);
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
    world.posts.clear();
    world.arrive("A");
    world.operate("X", Verb::Retry);
    assert_eq!(world.state("X"), CellState::Grace);
    world.make_all();
    assert_eq!(world.reason("X"), "awaits approval of W v1, V v1");
    world.operate("X", Verb::Approve);
    assert_eq!(world.posted(), ["X"]);
}

#[test]
fn an_approved_retry_of_what_has_a_product_is_not_forgotten_while_it_waits() {
    let mut world = World::new("A, B? -> X (approve)");
    world.arrive("A");
    world.operate("X", Verb::Approve);
    world.make_all();
    world.now += Duration::from_secs(1);
    request(&mut world, "X", true);
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
    world.posts.clear();
    world.arrive("B");
    world.operate("X", Verb::Retry);
    world.restrain(RestraintKind::Paused);
    world.operate("X", Verb::Approve);
    world.apply(Event::GraphChanged);
    world.resume();
    assert_eq!(world.posted(), ["X"]);
}

#[test]
fn what_a_forced_run_did_without_starts_nothing_that_was_cancelled() {
    let mut world = World::new("A -> V; A, V -> X");
    world.arrive("A");
    request(&mut world, "X", true);
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
    world.posts.pop();
    assert_eq!(
        (world.state("X"), world.posted()),
        (CellState::Waiting, vec!["V"])
    );
    world.operate("X", Verb::Cancel);
    assert_eq!(world.make_all(), ["V"]);
    assert_eq!(world.state("X"), CellState::Cancelled);
}

#[test]
fn a_forced_run_that_is_held_while_it_is_replaced_stays_forced() {
    let mut world = World::new("A, B -> X; A -> Z");
    world.limit = Some(1);
    world.arrive("A");
    request(&mut world, "X", true);
    world.operate("X", Verb::Hold);
    world.arrive("A");
    assert_eq!(world.state("X"), CellState::Held);
    world.make_all();
    world.operate("X", Verb::Release);
    assert_eq!(world.posted(), ["X"]);
    assert_eq!(world.posts[0].inputs.len(), 1);
}

#[test]
fn what_was_cancelled_is_not_awaited_while_it_cannot_be_made_either() {
    let mut world = World::new("B -> Y; A, Y? -> X (grace)");
    world.arrive("B");
    world.operate("Y", Verb::Cancel);
    world.withdraw("B");
    assert_eq!(world.state("Y"), CellState::NotExpected);
    world.arrive("A");
    assert!(world.posted().contains(&"X"));
    world.operate("Y", Verb::Hold);
    assert!(world.observation.cell(&name("Y")).unwrap().held.is_none());
}

/// The parameters of the latest POST.
fn params(world: &World) -> Option<&JsonObject> {
    world.posts.last().unwrap().params.as_ref()
}

#[test]
fn parameters_pass_to_the_one_more_run_and_not_beyond() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.make_all();
    request(&mut world, "X", true);
    world.arrive("A");
    let order = world.posts.remove(0);
    world.make(&order);
    assert_eq!(params(&world), order.params.as_ref());
    world.make_all();
    world.now += Duration::from_secs(1);
    world.arrive("A");
    assert_eq!(params(&world), None);
}

#[test]
fn parameters_pass_to_what_starts_after_a_failure_but_not_after_a_cancel() {
    for (retried, report, pass) in [
        (false, Report::Failed(failure(ErrorClass::Permanent)), true),
        (true, Report::Failed(failure(ErrorClass::Permanent)), true),
        (true, Report::Cancelled, false),
    ] {
        let mut world = World::new("A -> X");
        world.arrive("A");
        world.make_all();
        world.now += Duration::from_secs(1);
        request(&mut world, "X", true);
        world.apply(world.reported(report));
        if retried {
            world.operate("X", Verb::Retry);
        } else {
            world.arrive("A");
        }
        assert_eq!(world.posts.len(), 2);
        assert_eq!(params(&world).is_some(), pass);
    }
}
