//! What a newer input does in each state, for each kind of input and each policy, walked whole. The table in
//! `docs/newer-inputs.md` is held against it: `UPDATE_NEWER=1 cargo test -p conductor-core newer` writes it.

use crate::world::{World, failure, name};
use conductor_core::{Event, ManualRequest, Report, RestraintKind, Run, Verb};
use domain::{CellState, ErrorClass, RunId};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// More rounds than X needs to come to rest.
const ROUNDS: usize = 20;

const POLICIES: [&str; 3] = ["rerun", "mark_stale", "ignore"];

/// Which of the inputs of X comes again: A, the mandatory one, or B, the optional one.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Mandatory,
    Optional,
}

/// A graph, and how X comes into its state there; A and B are there then.
type Situation = (&'static str, &'static str, fn(&mut World, Kind));

const SITUATIONS: [Situation; 18] = [
    ("`not_expected`", "A, B?, C -> X", |world, _| arrive(world)),
    ("`waiting`", "A -> W; W, A, B? -> X", |world, _| arrive(world)),
    (
        "`grace`, for another optional input",
        "A, B?, C? -> X (grace)",
        |world, _| {
            arrive(world);
        },
    ),
    (
        "`grace`, for a mandatory input that is made again",
        "C -> W; A, W, B? -> X",
        |world, _| {
            world.arrive("C");
            world.make_all();
            world.apply(Event::Requested {
                product: name("W"),
                request: ManualRequest {
                    force: true,
                    ..ManualRequest::default()
                },
            });
            arrive(world);
        },
    ),
    ("`held`, by an operator", "A, B? -> X", |world, _| {
        world.operate("X", Verb::Hold);
        arrive(world);
    }),
    (
        "`held`, until somebody approves",
        "A, B? -> X (approve)",
        |world, _| {
            arrive(world);
        },
    ),
    (
        "`held`, since its provider is paused",
        "A, B? -> X",
        |world, _| {
            world.restrain(RestraintKind::Paused);
            arrive(world);
        },
    ),
    ("`queued`", "C -> W; A, B? -> X", |world, _| {
        world.limit = Some(1);
        world.arrive("C");
        arrive(world);
    }),
    ("`requested`", "A, B? -> X", |world, _| arrive(world)),
    ("`running`", "A, B? -> X", |world, _| {
        reported(world, Report::Running);
    }),
    ("`retrying`", "A, B? -> X", |world, _| {
        reported(world, Report::Failed(failure(ErrorClass::Retriable)));
    }),
    (
        "`done`, within `wait_repeats`",
        "A, B? -> X (repeats)",
        |world, _| made(world),
    ),
    ("`done`", "A, B? -> X", |world, _| made(world)),
    ("`received`", "A, B? -> X", |world, _| {
        world.restrain(RestraintKind::Paused);
        arrive(world);
        world.announce("elsewhere", "X", 1, None);
        world.resume();
    }),
    (
        "`stale`, by an input of the other kind",
        "A, B?, C, D? -> X",
        |world, kind| {
            world.arrive("C");
            world.arrive("D");
            made(world);
            world.arrive(if kind == Kind::Mandatory { "D" } else { "C" });
        },
    ),
    ("`failed`", "A, B? -> X", |world, _| {
        reported(world, Report::Failed(failure(ErrorClass::Permanent)));
    }),
    ("`cancelled`", "A, B? -> X", |world, _| {
        world.restrain(RestraintKind::Paused);
        arrive(world);
        world.operate("X", Verb::Cancel);
        world.resume();
    }),
    ("`retracted`", "A, B? -> X", |world, _| {
        made(world);
        world.withdraw("X");
    }),
];

fn arrive(world: &mut World) {
    world.arrive("B");
    world.arrive("A");
}

fn made(world: &mut World) {
    arrive(world);
    world.make_all();
}

fn reported(world: &mut World, report: Report) {
    arrive(world);
    let ends = matches!(report, Report::Failed(_));
    let event = world.reported(report);
    world.apply(event);
    if ends {
        world.posts.clear();
    }
}

/// The other kind of input is never the reason of a run.
fn world(situation: &Situation, kind: Kind, policy: &str) -> World {
    let (_, graph, play) = situation;
    let (mandatory, optional) = match kind {
        Kind::Mandatory => (policy, "mark_stale"),
        Kind::Optional => ("mark_stale", policy),
    };
    let policies = format!(r#", "on_new_input": {{"mandatory": "{mandatory}", "optional": "{optional}"}}"#);
    let mut world = World::with(graph, &policies);
    play(&mut world, kind);
    world
}

fn run(world: &World) -> Option<&Run> {
    world.observation.run(&name("X"))
}

fn open_run(world: &World) -> Option<RunId> {
    run(world)
        .filter(|run| !run.state.is_ended())
        .map(|run| run.run_id.clone())
}

/// Everything goes on until nothing more happens by itself.
fn rest(world: &mut World) {
    for _ in 0..ROUNDS {
        if let Some(order) = world.posts.first().cloned() {
            world.posts.remove(0);
            world.make(&order);
            let (product, run_id, attempt) = (order.product, order.run_id, order.attempt);
            let report = Report::Succeeded { version: None };
            world.apply(Event::Reported {
                product,
                run_id,
                attempt,
                report,
            });
        } else if world.observation.next_deadline().is_some() {
            world.wait();
        } else {
            return;
        }
    }
    panic!("it does not come to rest");
}

/// Somebody lets X begin, if it waits for that.
fn let_go(world: &mut World) -> Option<&'static str> {
    let cell = world.observation.cell(&name("X"));
    let held = cell.is_some_and(|cell| cell.held.is_some());
    let (verb, done) = match (world.state("X"), open_run(world)) {
        (CellState::Cancelled, _) => (Verb::Retry, "retried"),
        (CellState::Held, _) if held => (Verb::Release, "released"),
        (CellState::Held, None) => (Verb::Approve, "approved"),
        (CellState::Held, Some(_)) => {
            world.resume();
            return Some("its provider is resumed");
        }
        (_, _) => return None,
    };
    world.operate("X", verb);
    Some(done)
}

/// What the newer input does, in words, after having seen that it does.
fn told(mut world: World, kind: Kind) -> String {
    let newer = if kind == Kind::Mandatory { "A" } else { "B" };
    let (state, open) = (world.state("X"), open_run(&world));
    let changes = world.observation.take_changes();
    let known: BTreeSet<RunId> = changes.runs.into_iter().map(|run| run.run_id).collect();
    world.arrive(newer);
    let now = match (&open, open_run(&world)) {
        (Some(before), Some(now)) if *before == now => "its run goes on".to_owned(),
        (Some(_), Some(_)) => "its run is replaced".to_owned(),
        (Some(_), None) => "its run is dropped".to_owned(),
        (None, Some(_)) => "starts".to_owned(),
        (None, None) if world.state("X") == state => "stays".to_owned(),
        (None, None) => format!("becomes `{}`", world.state("X")),
    };
    let begun = open_run(&world);
    rest(&mut world);
    let let_go = let_go(&mut world);
    rest(&mut world);

    let uses_newer = |run: &Run| {
        let newest = world
            .observation
            .data(&name(newer))
            .last()
            .map(|datum| datum.revision);
        let mut inputs = run.inputs.iter();
        inputs.any(|input| input.product == name(newer) && input.revision == newest)
    };
    let latest = run(&world).map(|run| (run.run_id.clone(), uses_newer(run)));
    let then = match latest {
        Some((run_id, true)) if begun.is_none() => match let_go {
            Some(done) => format!(", and starts from it once {done}"),
            None if open.as_ref() == Some(&run_id) => String::new(),
            None => ", and starts from it".to_owned(),
        },
        Some((run_id, true)) if begun.as_ref() != Some(&run_id) => ", and one more follows".to_owned(),
        Some((_, false)) if begun.is_some() && world.state("X") == CellState::Stale => {
            format!(", and then it is `{}`", world.state("X"))
        }
        Some(_) | None => String::new(),
    };
    let of_x = |run: &Run| run.product == name("X") && !known.contains(&run.run_id);
    let begun: BTreeSet<RunId> = (world.observation.take_changes().runs.into_iter())
        .filter(of_x)
        .map(|run| run.run_id)
        .collect();
    assert!(begun.len() <= 1, "{now}{then}: {begun:?} began for one input");
    format!("{now}{then}")
}

#[test]
fn every_state_is_walked() {
    let mut states: BTreeSet<CellState> = BTreeSet::new();
    for situation in &SITUATIONS {
        for kind in [Kind::Mandatory, Kind::Optional] {
            for policy in POLICIES {
                let state = world(situation, kind, policy).state("X");
                let label = situation.0;
                assert!(label.starts_with(&format!("`{state}`")), "{label} is {state}");
                states.insert(state);
            }
        }
    }
    // What was put aside is looked at by nobody.
    let all = CellState::ALL
        .into_iter()
        .filter(|state| *state != CellState::Quarantined);
    assert_eq!(states, all.collect());
}

#[test]
fn the_documented_table_says_what_happens() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/newer-inputs.md");
    let written = std::fs::read_to_string(&path).unwrap();
    let mut text = String::new();
    for line in written.lines().filter(|line| !line.starts_with('|')) {
        writeln!(text, "{line}").unwrap();
        let kind = match line {
            "<!-- table: mandatory -->" => Kind::Mandatory,
            "<!-- table: optional -->" => Kind::Optional,
            _ => continue,
        };
        writeln!(text, "| a cell that is | `{}` |", POLICIES.join("` | `")).unwrap();
        text.push_str("|---|---|---|---|\n");
        for situation in &SITUATIONS {
            let told = POLICIES.map(|policy| told(world(situation, kind, policy), kind));
            writeln!(text, "| {} | {} |", situation.0, told.join(" | ")).unwrap();
        }
    }
    if std::env::var_os("UPDATE_NEWER").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    assert!(
        text.contains("| `retracted` |"),
        "docs/newer-inputs.md has no table"
    );
    assert!(written == text, "UPDATE_NEWER=1 writes docs/newer-inputs.md");
}
