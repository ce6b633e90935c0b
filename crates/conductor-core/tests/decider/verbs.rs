//! What each verb does in each state is foreseen, and stands in `docs/verbs.md`: the tables there are held
//! against the decider. `UPDATE_VERBS=1 cargo test -p conductor-core verbs` writes them.

use crate::world::{World, failure, name};
use conductor_core::{Cell, Event, Foreseen, Observation, Report, RestraintKind, Verb};
use domain::{CellState, ErrorClass};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

const VERBS: [Verb; 8] = [
    Verb::Retry,
    Verb::Cancel,
    Verb::Hold,
    Verb::Release,
    Verb::Approve,
    Verb::EndGrace,
    Verb::ExtendGrace {
        by: Duration::from_secs(5),
    },
    Verb::Raise { priority: 1 },
];

/// A world whose cell X is as it says.
type Situation = (&'static str, fn() -> World);

const SITUATIONS: [Situation; 20] = [
    ("`not_expected`", || of("A, B -> X", |world| world.arrive("A"))),
    ("`waiting`", || of("A -> W; W -> X", |world| world.arrive("A"))),
    ("`grace`, for optional inputs", || {
        of("A, B? -> X (grace)", |world| world.arrive("A"))
    }),
    ("`grace`, for a mandatory input that is made again", || {
        of("A -> W; W, A -> X", |world| {
            make(world);
            world.arrive("A");
        })
    }),
    ("`grace`, while repeats are gathered", || {
        of("A -> X (repeats)", |world| {
            make(world);
            world.arrive("A");
        })
    }),
    ("`held`, by an operator", || {
        of("A -> X", |world| {
            world.operate("X", Verb::Hold);
            world.arrive("A");
        })
    }),
    ("`held`, until somebody approves", || {
        of("A -> X (approve)", |world| world.arrive("A"))
    }),
    ("`held`, since its provider is paused", || {
        of("A -> X", |world| {
            world.restrain(RestraintKind::Paused);
            world.arrive("A");
        })
    }),
    ("`queued`", || {
        of("A -> W; A -> X", |world| {
            world.limit = Some(1);
            world.arrive("A");
        })
    }),
    ("`requested`", || of("A -> X", |world| world.arrive("A"))),
    ("`running`", || reported(Report::Running)),
    ("`retrying`", || {
        reported(Report::Failed(failure(ErrorClass::Retriable)))
    }),
    ("`done`", || of("A -> X", make)),
    ("`received`", || {
        of("A -> X", |world| world.announce("elsewhere", "X", 1, None))
    }),
    ("`stale`", || {
        of("A, B? -> X", |world| {
            make(world);
            world.arrive("B");
        })
    }),
    ("`failed`", || {
        reported(Report::Failed(failure(ErrorClass::Permanent)))
    }),
    ("`cancelled`", || reported(Report::Cancelled)),
    ("`retracted`", || {
        of("A -> X", |world| {
            make(world);
            world.withdraw("X");
        })
    }),
    ("`quarantined`", quarantined),
    ("an input", || of("X -> Y", |world| world.arrive("X"))),
];

fn of(graph: &str, play: fn(&mut World)) -> World {
    let mut world = World::new(graph);
    play(&mut world);
    world
}

fn make(world: &mut World) {
    world.arrive("A");
    world.make_all();
}

fn reported(report: Report) -> World {
    let mut world = of("A -> X", |world| world.arrive("A"));
    let event: Event = world.reported(report);
    world.apply(event);
    world
}

fn quarantined() -> World {
    let mut world = World::new("A, B -> X");
    let mut cell = Cell::new(name("X"), world.now);
    cell.state = CellState::Quarantined;
    let obs_id = world.observation.obs_id().clone();
    world.observation = Observation::restore(obs_id, world.now, vec![cell], Vec::new(), Vec::new());
    world
}

/// What happens, in words, after having seen that it does.
fn told(mut world: World, verb: Verb) -> String {
    let was = world.observation.outlook(&world.graph, &name("X")).0;
    let Foreseen { state, why_not, .. } =
        world
            .observation
            .foresee(&world.graph, world.now, &name("X"), &verb);
    world.operate("X", verb);
    match why_not {
        Some(why_not) => format!("nothing: {why_not}"),
        None if state == was => format!("stays `{state}`"),
        None => format!("becomes `{state}`"),
    }
}

#[test]
fn every_state_is_walked() {
    let states: BTreeSet<CellState> = SITUATIONS
        .iter()
        .map(|(_, world)| {
            let world = world();
            world.observation.outlook(&world.graph, &name("X")).0
        })
        .collect();
    assert_eq!(states, BTreeSet::from(CellState::ALL));
    for (label, world) in SITUATIONS {
        let world = world();
        let state = world.observation.outlook(&world.graph, &name("X")).0;
        assert!(
            label == "an input" || label.starts_with(&format!("`{state}`")),
            "{label} is {state}"
        );
    }
}

#[test]
fn the_documented_tables_say_what_happens() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verbs.md");
    let written = std::fs::read_to_string(&path).unwrap();
    let mut text = String::new();
    for line in written.lines().filter(|line| !line.starts_with('|')) {
        writeln!(text, "{line}").unwrap();
        let verb = |verb: &&Verb| line.strip_prefix("<!-- table: ") == Some(&format!("{verb} -->"));
        let Some(verb) = VERBS.iter().find(verb) else {
            continue;
        };
        text.push_str("| a cell that is | what happens |\n|---|---|\n");
        for (label, world) in SITUATIONS {
            writeln!(text, "| {label} | {} |", told(world(), *verb)).unwrap();
        }
    }
    for verb in VERBS {
        let table = format!("<!-- table: {verb} -->");
        assert!(text.contains(&table), "docs/verbs.md has no `{table}`");
    }
    if std::env::var_os("UPDATE_VERBS").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    for (written, told) in written.lines().zip(text.lines()) {
        assert_eq!(written, told, "UPDATE_VERBS=1 writes docs/verbs.md");
    }
    assert_eq!(written.len(), text.len(), "UPDATE_VERBS=1 writes docs/verbs.md");
}
