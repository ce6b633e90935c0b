//! An alert is repeated within seconds: its repeats collapse while a run is under way into one more.

use crate::world::{World, name};
use conductor_core::{Order, Reason};
use domain::CellState;
use jiff::Timestamp;
use product_graph::{ProductGraph, Recipe};
use proptest::prelude::*;
use std::time::Duration;

const ALERT: &str = "EclTmVhfAlert";

/// How long the alerts come.
const BURST: u64 = 10_000;

/// The graph of group 1, with its policies.
fn world() -> World {
    let mut world = World::new("A -> X");
    world.graph = ProductGraph::parse(include_str!("../../../../graph.json")).unwrap();
    world
}

/// Lets time pass until then: waits end, and what is with its provider is made when its time has come.
fn pass(world: &mut World, under_way: &mut Vec<(Timestamp, Order)>, takes: &[u64], until: Timestamp) {
    loop {
        for order in std::mem::take(&mut world.posts) {
            let duration = Duration::from_millis(takes[under_way.len() % takes.len()]);
            under_way.push((world.now + duration, order));
        }
        under_way.sort_by_key(|(at, order)| (*at, order.product.clone()));
        let made = under_way.first().map(|(at, _)| *at);
        let deadline = world.observation.next_deadline();
        let Some(next) = made
            .into_iter()
            .chain(deadline)
            .min()
            .filter(|next| *next <= until)
        else {
            world.now = until;
            return;
        };
        if made == Some(next) {
            world.now = next;
            let (_, order) = under_way.remove(0);
            world.make(&order);
        } else {
            world.wait();
        }
    }
}

fn is_optional(world: &World, recipe: &Recipe, input: &domain::ProductName) -> bool {
    recipe.optional.iter().any(|id| world.graph.name(*id) == input)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn five_alerts_within_ten_seconds_make_at_most_two_runs_of_a_product(
        mut alerts in prop::collection::vec(0..BURST, 4),
        // Each run is longer than the burst: what is made before a repeat comes is rightly made again.
        takes in prop::collection::vec(100..3 * BURST, 7),
        with_the_others in any::<bool>(),
    ) {
        let mut world = world();
        let begin = world.now;
        if with_the_others {
            let inputs: Vec<String> = world.graph.inputs().map(|id| world.graph.name(id).to_string()).collect();
            for input in inputs.iter().filter(|input| *input != ALERT) {
                world.arrive(input);
            }
        }
        alerts.push(0);
        alerts.sort_unstable();
        let mut under_way = Vec::new();
        for at in alerts {
            pass(&mut world, &mut under_way, &takes, begin + Duration::from_millis(at));
            world.arrive(ALERT);
        }
        pass(&mut world, &mut under_way, &takes, begin + Duration::from_hours(1));

        prop_assert!(!world.sent.is_empty());
        for (product, runs) in &world.sent {
            prop_assert!(*runs <= 2, "{product} was made {runs} times");
        }
        for id in world.graph.products() {
            let product = world.graph.name(id).as_str();
            let recipe = world.graph.recipe(id).unwrap();
            let state = world.state(product);
            if matches!(state, CellState::Done | CellState::NotExpected) {
                continue;
            }
            let cell = world.observation.cell(&name(product)).unwrap();
            let Some(Reason::NewerInputs(newer)) = &cell.reason else {
                panic!("{product} is {state}: {:?}", cell.reason);
            };
            prop_assert!(newer.iter().all(|input| is_optional(&world, recipe, input)), "{product}: {newer:?}");
        }
    }
}
