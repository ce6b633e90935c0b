//! Runs that somebody else started.

use crate::world::{World, failure, name};
use conductor_core::{Arrival, BlockerKind, Command, Event, Identity, Report, Verb};
use domain::{Announcement, Attempt, CellState, ErrorClass, InputRef, Revision, RunId, RunState, Version};
use product_graph::ProductGraph;

fn overhear(world: &mut World, run_id: &str) {
    world.apply(Event::Overheard {
        product: name("X"),
        run_id: run_id.parse().unwrap(),
        attempt: Attempt::FIRST,
        at_work: true,
    });
}

fn store(world: &mut World, run_id: &str, inputs: Option<Vec<InputRef>>) {
    let version = Version(world.next_version("X"));
    let mut announcement = Announcement::of(name("X"), "42".parse().unwrap());
    announcement.version = Some(version);
    announcement.run_id = Some(run_id.parse().unwrap());
    announcement.inputs = inputs;
    world.apply(Event::Data(Box::new(Arrival {
        source: "sdb".parse().unwrap(),
        product: name("X"),
        identity: Identity::Version(version),
        announcement,
    })));
}

fn revisions(inputs: &[InputRef]) -> Vec<u64> {
    inputs.iter().map(|input| input.revision.unwrap().0).collect()
}

#[test]
fn its_inputs_are_those_of_its_provenance() {
    let mut world = World::new("A -> X");
    overhear(&mut world, "own-1");
    assert_eq!(world.observation.run(&name("X")).unwrap().inputs, []);
    world.arrive("A");
    world.arrive("A");
    // It was given the first.
    let first = InputRef {
        product: name("A"),
        revision: Some(Revision(1)),
        version: None,
        source: None,
        href: None,
    };
    store(&mut world, "own-1", Some(vec![first]));
    let run = world.observation.run(&name("X")).unwrap();
    assert_eq!(revisions(&run.inputs), [1]);
    assert_eq!(run.trigger.to_string(), "started at p by somebody else");
    let done = Event::Reported {
        product: name("X"),
        run_id: "own-1".parse().unwrap(),
        attempt: Attempt::FIRST,
        report: Report::Succeeded { version: None },
    };
    world.apply(done);
    assert_eq!(revisions(&world.posts[0].inputs), [2]);
}

#[test]
fn its_inputs_are_those_that_were_there_if_nobody_says_more() {
    let mut world = World::new("A -> X; A -> W");
    world.limit = Some(1);
    world.arrive("A");
    assert_eq!(world.posted(), ["W"]);
    overhear(&mut world, "own-1");
    store(&mut world, "own-1", None);
    assert_eq!(world.state("X"), CellState::Done);
    world.arrive("A");
    assert_eq!(revisions(&world.observation.data(&name("X"))[0].made_from), [1]);
    assert_eq!(world.state("X"), CellState::Stale);
}

#[test]
fn two_runs_of_the_same_id_are_kept_apart() {
    let ids = ["42", "43"].map(|obs_id| {
        let mut world = World::new("A -> X");
        world.observation = conductor_core::Observation::new(obs_id.parse().unwrap());
        overhear(&mut world, "1");
        world.observation.run(&name("X")).unwrap().run_id.clone()
    });
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn one_of_ours_that_was_cancelled_and_goes_on_is_cancelled_again() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    let first = world.posts[0].run_id.clone();
    world.operate("X", Verb::Cancel);
    world.operate("X", Verb::Retry);
    assert_eq!(world.posts.len(), 2, "another run has its cell");
    world.others.clear();
    overhear(&mut world, first.as_str());
    assert!(
        matches!(&world.others[..], [Command::Cancel { run_id, .. }] if *run_id == first),
        "{:?}",
        world.others
    );
    assert_eq!(
        world.observation.run(&name("X")).unwrap().run_id,
        world.posts[1].run_id
    );
}

/// A provider that is told no ids speaks of our run under its own.
#[test]
fn what_a_provider_without_our_ids_says_is_about_our_run() {
    let mut world = World::new("A -> X");
    world.graph = ProductGraph::parse(
        r#"{"inputs": ["A"], "products": {"X": {"m_input": ["A"], "o_input": [], "provider": "p",
            "url": "http://p:5000/p"}}, "providers": {"p": {"request": "minimal"}}}"#,
    )
    .unwrap();
    world.arrive("A");
    overhear(&mut world, "own-1");
    let run = world.observation.run(&name("X")).unwrap();
    assert_eq!((run.state, run.is_foreign()), (RunState::Running, false));
    assert_eq!(run.alias, Some("own-1".parse::<RunId>().unwrap()));
    store(&mut world, "own-1", None);
    assert_eq!(world.state("X"), CellState::Done);
    // A word that comes late starts nothing.
    overhear(&mut world, "own-1");
    assert_eq!(
        world.observation.run(&name("X")).unwrap().alias,
        Some("own-1".parse().unwrap())
    );
}

#[test]
fn an_approval_is_not_given_by_somebody_else() {
    let mut world = World::new("A -> X (approve)");
    overhear(&mut world, "own-1");
    world.arrive("A");
    world.apply(Event::Reported {
        product: name("X"),
        run_id: "own-1".parse().unwrap(),
        attempt: Attempt::FIRST,
        report: Report::Failed(failure(ErrorClass::Permanent)),
    });
    assert_eq!(world.state("X"), CellState::Held);
    overhear(&mut world, "own-2");
    world.apply(Event::Reported {
        product: name("X"),
        run_id: "own-2".parse().unwrap(),
        attempt: Attempt::FIRST,
        report: Report::Cancelled,
    });
    assert_eq!(world.state("X"), CellState::Held);
    assert!(world.posts.is_empty());
}

#[test]
fn what_had_failed_says_so_after_somebody_else_s_run_of_it_was_cancelled() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
    overhear(&mut world, "own-1");
    world.apply(Event::Reported {
        product: name("X"),
        run_id: "own-1".parse().unwrap(),
        attempt: Attempt::FIRST,
        report: Report::Cancelled,
    });
    assert_eq!(world.state("X"), CellState::Failed);
    let blockers = world.explain("X").blockers;
    assert_eq!((blockers.len(), blockers[0].kind), (1, BlockerKind::Failed));
}
