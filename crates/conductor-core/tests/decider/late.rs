//! Products that come late, or beside those that were asked for.

use crate::ledger::Ledger;
use crate::world::{World, failure, name};
use conductor_core::{Event, ManualRequest, Report, Verb};
use domain::{CellState, ErrorClass, RunState};

/// How its run is given up.
type GiveUp = fn(&mut World);

#[test]
fn a_run_that_was_given_up_notes_that_its_product_came_all_the_same() {
    let ends: [(RunState, GiveUp); 3] = [
        (RunState::Failed, |world| {
            world.apply(world.reported(Report::Failed(failure(ErrorClass::Permanent))));
            world.operate("X", Verb::Retry);
        }),
        (RunState::Cancelled, |world| {
            world.operate("X", Verb::Cancel);
            world.operate("X", Verb::Retry);
        }),
        (RunState::Superseded, |world| {
            world.apply(world.reported(Report::Failed(failure(ErrorClass::Retriable))));
            world.arrive("A");
        }),
    ];
    for (state, give_up) in ends {
        let mut world = World::new("A -> X");
        let mut ledger = Ledger::default();
        world.arrive("A");
        let order = world.posts[0].clone();
        give_up(&mut world);
        let next = world.posts.last().unwrap().run_id.clone();
        assert_ne!(next, order.run_id);
        ledger.store(&mut world.observation);
        // What was replaced before a restart is known after it.
        ledger.crash(&mut world);
        world.make(&order);
        ledger.store(&mut world.observation);
        let run = &ledger.runs[order.run_id.as_str()];
        assert_eq!((run.state, run.given_up), (RunState::Succeeded, Some(state)));
        assert_eq!(run.product_at, Some(world.now));
        // The one that replaced it goes on.
        assert_eq!(world.observation.run(&name("X")).unwrap().run_id, next);
        assert_eq!(world.state("X"), CellState::Requested);
        assert_eq!(world.observation.data(&name("X")).len(), 1);
    }
}

#[test]
fn a_run_that_succeeds_was_not_given_up() {
    let mut world = World::new("A -> X");
    world.arrive("A");
    let order = world.posts[0].clone();
    world.make_all();
    world.make(&order);
    assert_eq!(world.observation.run(&name("X")).unwrap().given_up, None);
}

#[test]
fn a_product_beside_another_drops_what_is_queued_for_it_but_not_what_somebody_asked_for() {
    for asked in [false, true] {
        let mut world = World::new("A -> X; A -> Y");
        world.limit = Some(1);
        world.arrive("A");
        if asked {
            world.operate("Y", Verb::Cancel);
            world.apply(Event::Requested {
                product: name("Y"),
                request: ManualRequest::default(),
            });
        }
        let order = world.posts[0].clone();
        let version = world.next_version("Y");
        world.announce("sdb", "Y", version, Some(&order));
        let state = if asked { CellState::Queued } else { CellState::Done };
        assert_eq!(world.state("Y"), state);
        let made = &world.observation.data(&name("Y"))[0];
        assert_eq!(
            (&made.made_from, &made.run_id),
            (&order.inputs, &Some(order.run_id.clone()))
        );
        world.make_all();
        assert_eq!(world.sent.get(&name("Y")).copied().unwrap_or(0), u32::from(asked));
        assert_eq!(world.state("Y"), CellState::Done);
    }
}
