//! How often things are there when they were said to be.

use crate::night::{Dice, Fate, Night};
use conductor_core::Order;
use domain::{ObsId, ProductName};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// Group 1's graph, with a limit for each of its pipelines.
fn graph(limit: u32) -> String {
    let mut document: serde_json::Value = serde_json::from_str(include_str!("../../../graph.json")).unwrap();
    let products = document["products"].as_object().unwrap();
    let limits: BTreeMap<String, serde_json::Value> = products
        .values()
        .map(|product| {
            (
                product["provider"].as_str().unwrap().to_owned(),
                serde_json::json!({"max_in_flight": limit}),
            )
        })
        .collect();
    document["providers"] = serde_json::json!(limits);
    document.to_string()
}

/// Each product has its own usual duration, from 2 to 30 s, and a long tail: half as long or twice as long are
/// nothing special.
fn fate(dice: &mut Dice, order: &Order) -> Fate {
    let name: u64 = order.product.as_str().bytes().map(u64::from).sum();
    let usual = 2.0 + 28.0 * Dice(name).roll();
    // The sum of twelve even numbers is as good as normal.
    let normal: f64 = (0..12).map(|_| dice.roll()).sum::<f64>() - 6.0;
    Fate::Made(Duration::from_secs_f64(usual * (0.35 * normal).exp()))
}

/// Bursts all night long, the packets of each within minutes, some of them never.
fn bursts(night: &mut Night, count: u32, gap: Duration) {
    let inputs: Vec<ProductName> = night
        .graph
        .inputs()
        .map(|id| night.graph.name(id).clone())
        .collect();
    let mut begins = Duration::ZERO;
    for burst in 0..count {
        begins += gap.mul_f64(2.0 * night.dice.roll());
        for input in &inputs {
            let delay = Duration::from_secs_f64(180.0 * night.dice.roll().powi(2));
            if night.dice.roll() < 0.9 {
                night.packet(begins + delay, &format!("sb{burst}"), input.as_str());
            }
        }
    }
}

/// What was said at one time, with the time at which it was so.
struct Said {
    cell: (ObsId, ProductName),
    at: Timestamp,
    p50: Timestamp,
    p95: Timestamp,
}

/// Lets a night pass, asks at moments in it, and counts how many came until p50 and until p95.
fn play(seed: u64, limit: u32, gap: Duration) -> (usize, usize, usize) {
    let mut night = Night::new(&graph(limit), seed, fate);
    bursts(&mut night, 80, gap);
    // Some bursts pass before anybody knows how long things take.
    night.pass(gap * 20);
    let mut said = Vec::new();
    for _ in 0..60 {
        night.pass(gap.mul_f64(0.9));
        let at = night.now;
        for (obs_id, etas) in night.etas() {
            said.extend(etas.into_iter().map(|(product, eta)| Said {
                cell: (obs_id.clone(), product),
                at,
                p50: eta.p50,
                p95: eta.p95,
            }));
        }
    }
    night.pass(Duration::from_hours(4));
    let (mut by_p50, mut by_p95) = (0, 0);
    for said in &said {
        let came = night.made.get(&said.cell).into_iter().flatten();
        let came = came.copied().find(|came| *came > said.at);
        by_p50 += usize::from(came.is_some_and(|came| came <= said.p50));
        by_p95 += usize::from(came.is_some_and(|came| came <= said.p95));
    }
    (said.len(), by_p50, by_p95)
}

/// Asserts that over some nights the share of what came by its p95 is 95 %, within 5 points, and that p50 is the
/// middle.
fn assert_calibrated(nights: u64, limit: u32, gap: Duration) {
    let nights: Vec<_> = (1..=nights).map(|seed| play(seed, limit, gap)).collect();
    let sum = |of: fn(&(usize, usize, usize)) -> usize| nights.iter().map(of).sum::<usize>();
    let said = sum(|night| night.0);
    let percent = |count: usize| 100 * count / said;
    let (by_p50, by_p95) = (percent(sum(|night| night.1)), percent(sum(|night| night.2)));
    let told = format!("of {said}: {by_p50} % by p50, {by_p95} % by p95");
    assert!(said > 1_000, "{told}");
    assert!((90..=100).contains(&by_p95), "{told}");
    assert!((40..60).contains(&by_p50), "{told}");
}

#[test]
fn on_a_simulated_night_95_percent_come_by_p95() {
    assert_calibrated(5, 8, Duration::from_mins(5));
}

#[test]
fn where_one_run_waits_for_another_too() {
    assert_calibrated(5, 2, Duration::from_mins(5));
}

#[test]
fn and_where_bursts_get_into_each_other_s_way() {
    assert_calibrated(1, 4, Duration::from_mins(1));
}
