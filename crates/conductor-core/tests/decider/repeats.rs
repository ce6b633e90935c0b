//! An alert is repeated within seconds: its repeats collapse into one more run, however long runs take.

use crate::world::{World, name};
use conductor_core::{Order, Reason};
use domain::{CellState, ProductName};
use jiff::Timestamp;
use product_graph::{ProductGraph, Recipe};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

const ALERT: &str = "EclTmVhfAlert";

/// How long the alerts come, in milliseconds.
const BURST: u64 = 10_000;

/// The shortest run.
const FAST: u64 = 100;

const GROUP_1: &str = include_str!("../../../../graph.json");

/// A world with this graph, in which perhaps all inputs but the alert are there.
fn world(graph: &str, with_the_others: bool) -> World {
    let mut world = World::new("A -> X");
    world.graph = ProductGraph::parse(graph).unwrap();
    if with_the_others {
        let inputs: Vec<String> = world
            .graph
            .inputs()
            .map(|id| world.graph.name(id).to_string())
            .collect();
        for input in inputs.iter().filter(|input| *input != ALERT) {
            world.arrive(input);
        }
    }
    world
}

/// The graph of group 1 where newer inputs are taken at once.
fn at_once() -> String {
    let mut graph: serde_json::Value = serde_json::from_str(GROUP_1).unwrap();
    for recipe in graph["products"].as_object_mut().unwrap().values_mut() {
        recipe["wait_repeats"] = "0s".into();
    }
    graph.to_string()
}

/// Plays a burst of alerts until nothing more happens; says when each product was first asked for.
fn play(world: &mut World, alerts: &[u64], takes: &[u64]) -> BTreeMap<ProductName, Timestamp> {
    let begin = world.now;
    let mut under_way = Vec::new();
    let mut first = BTreeMap::new();
    for at in alerts {
        pass(
            world,
            &mut under_way,
            &mut first,
            takes,
            begin + Duration::from_millis(*at),
        );
        world.arrive(ALERT);
    }
    pass(
        world,
        &mut under_way,
        &mut first,
        takes,
        begin + Duration::from_hours(1),
    );
    first
}

/// When the alerts come, the first at once.
fn alerts() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0..BURST, 4).prop_map(|mut alerts| {
        alerts.push(0);
        alerts.sort_unstable();
        alerts
    })
}

/// Lets time pass until then: waits end, and what is with its provider is made when its time has come.
fn pass(
    world: &mut World,
    under_way: &mut Vec<(Timestamp, Order)>,
    first: &mut BTreeMap<ProductName, Timestamp>,
    takes: &[u64],
    until: Timestamp,
) {
    loop {
        for order in std::mem::take(&mut world.posts) {
            // Each run takes as long in another graph, and not as long as the one before it.
            let number = order.product.as_str().len() + world.sent[&order.product] as usize;
            let duration = Duration::from_millis(takes[number % takes.len()]);
            first.entry(order.product.clone()).or_insert(world.now);
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
        alerts in alerts(),
        takes in prop::collection::vec(FAST..3 * BURST, 7),
        with_the_others in any::<bool>(),
    ) {
        let mut world = world(GROUP_1, with_the_others);
        play(&mut world, &alerts, &takes);
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

    #[test]
    fn the_first_of_each_product_comes_no_later_than_if_nothing_were_gathered(
        alerts in alerts(),
        // All is made once before the ten seconds are over; what takes longer may meet a second run, as ever.
        takes in prop::collection::vec(FAST..BURST / 10, 7),
        with_the_others in any::<bool>(),
    ) {
        let first = play(&mut world(GROUP_1, with_the_others), &alerts, &takes);
        let otherwise = play(&mut world(&at_once(), with_the_others), &alerts, &takes);
        for (product, at) in &first {
            prop_assert!(at <= &otherwise[product], "{product} came at {at}, and else at {}", otherwise[product]);
        }
    }
}
