//! Where time went: exact waterfalls, and the one property of all.

use crate::night::{Dice, Fate, Night};
use api::conductor::{ProductTimeline, TimelineView};
use conductor::timeline::timeline;
use conductor_core::{Event, Order, Verb};
use domain::ObsId;
use jiff::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

/// ```text
/// A ──▶ X ──┐
///           ├──▶ Z      X is asked for first, Y is optional for Z
/// B ──▶ Y ╌╌┘
/// ```
const GRAPH: &str = r#"{
    "inputs": ["A", "B"],
    "products": {
        "X": {"m_input": ["A"], "provider": "x", "url": "http://x", "attempts": 2, "backoff": "8s"},
        "Y": {"m_input": ["B"], "provider": "y", "url": "http://y"},
        "Z": {"m_input": ["X"], "o_input": ["Y"], "provider": "z", "url": "http://z"}
    },
    "providers": {"z": {"max_in_flight": 1}}
}"#;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Ten seconds each; Y takes a minute less ten seconds.
fn plain(_: &mut Dice, order: &Order) -> Fate {
    Fate::Made(seconds(if order.product.as_str() == "Y" { 50 } else { 10 }))
}

fn view(night: &Night, obs_id: &str) -> TimelineView {
    let obs_id: ObsId = obs_id.parse().unwrap();
    timeline(&night.graph, &night.histories[&obs_id], night.now)
}

fn of(night: &Night, product: &str) -> ProductTimeline {
    let products = view(night, "42").products;
    products
        .into_iter()
        .find(|of| of.product.as_str() == product)
        .unwrap()
}

/// `provider#1 9.5`: each segment with its attempt and its seconds.
fn segments(of: &ProductTimeline) -> Vec<String> {
    let told = of.segments.iter().map(|segment| {
        let attempt = segment
            .attempt
            .map_or_else(String::new, |attempt| format!("#{attempt}"));
        let took = segment.until.duration_since(segment.from).as_secs_f64();
        format!("{}{attempt} {took}", segment.kind.as_str())
    });
    told.collect()
}

fn path(of: &ProductTimeline) -> Vec<&str> {
    of.path.iter().map(|step| step.product.as_str()).collect()
}

fn operate(night: &mut Night, after: u64, product: &str, verb: Verb) {
    let event = Event::Operated {
        product: product.parse().unwrap(),
        verb,
        by: "ada".into(),
        note: None,
    };
    night.plan(seconds(after), "42".parse().unwrap(), event);
}

#[test]
fn a_product_waits_for_its_inputs_and_the_last_of_them_is_on_its_path() {
    let mut night = Night::new(GRAPH, 0, plain);
    night.packet(seconds(1), "42", "B");
    night.packet(seconds(3), "42", "A");
    night.pass(seconds(300));
    assert_eq!(
        segments(&of(&night, "X")),
        ["waiting 2", "provider#1 9.5", "import#1 0.5"]
    );
    assert_eq!(segments(&of(&night, "Y")), ["provider#1 47.5", "import#1 2.5"]);
    // X was there after twelve seconds, and Y, which was under way, was waited for.
    let z = of(&night, "Z");
    assert_eq!(
        segments(&z),
        ["waiting 12", "grace 38", "provider#1 9.5", "import#1 0.5"]
    );
    assert_eq!(path(&z), ["B", "Y", "Z"]);
    assert_eq!(z.last_input.unwrap().as_str(), "Y");
}

#[test]
fn failed_attempts_and_the_waits_after_them_are_told_apart() {
    let twice = |_: &mut Dice, order: &Order| match order.attempt.0 {
        1 => Fate::Failed(seconds(3)),
        _ => Fate::Made(seconds(10)),
    };
    let mut night = Night::new(GRAPH, 0, twice);
    night.packet(seconds(0), "42", "A");
    night.pass(seconds(5));
    let under_way = of(&night, "X");
    assert_eq!(segments(&under_way), ["provider#1 3", "backoff#2 2"]);
    assert_eq!((under_way.made_at, under_way.until), (None, night.now));
    night.pass(seconds(300));
    let x = segments(&of(&night, "X"));
    let backoff: f64 = x[1].strip_prefix("backoff#2 ").unwrap().parse().unwrap();
    assert!((6.0..=8.0).contains(&backoff), "{x:?}");
    assert_eq!(
        (&*x[0], &*x[2], &*x[3]),
        ("provider#1 3", "provider#2 9.5", "import#2 0.5")
    );
}

#[test]
fn a_busy_provider_and_one_without_a_slot_are_waited_for_in_the_queue() {
    let mut night = Night::new(GRAPH, 0, |dice, order| {
        // The first POST of all is refused.
        let first = order.product.as_str() == "X" && dice.0 == 0;
        dice.0 += 1;
        if first {
            Fate::Busy(seconds(7))
        } else {
            Fate::Made(seconds(10))
        }
    });
    night.packet(seconds(0), "42", "A");
    night.packet(seconds(7), "43", "A");
    night.pass(seconds(300));
    assert_eq!(
        segments(&of(&night, "X")),
        ["queue#1 7", "provider#1 9.5", "import#1 0.5"]
    );
    let others = view(&night, "43").products;
    let (x, z) = (&others[0], &others[1]);
    assert_eq!((x.product.as_str(), z.product.as_str()), ("X", "Z"));
    // Both X were there at once, and Z takes one run at a time.
    assert_eq!(
        segments(z),
        ["waiting 10", "queue#1 10", "provider#1 9.5", "import#1 0.5"]
    );
}

#[test]
fn what_operators_did_has_its_own_time() {
    let mut night = Night::new(GRAPH, 0, plain);
    night.packet(seconds(0), "42", "A");
    operate(&mut night, 5, "Z", Verb::Hold);
    operate(&mut night, 25, "Z", Verb::Release);
    night.pass(seconds(20));
    assert_eq!(segments(&of(&night, "Z")), ["waiting 10", "held 10"]);
    night.pass(seconds(300));
    assert_eq!(
        segments(&of(&night, "Z")),
        ["waiting 10", "held 15", "provider#1 9.5", "import#1 0.5"]
    );

    let mut night = Night::new(GRAPH, 0, |dice, _| {
        dice.0 += 1;
        if dice.0 <= 2 {
            Fate::Failed(seconds(1))
        } else {
            Fate::Made(seconds(10))
        }
    });
    night.packet(seconds(0), "42", "A");
    operate(&mut night, 60, "X", Verb::Retry);
    night.pass(seconds(30));
    let failed = of(&night, "X");
    assert_eq!(
        (failed.state, failed.segments.len()),
        (domain::CellState::Failed, 3)
    );
    night.pass(seconds(300));
    let x = segments(&of(&night, "X"));
    assert_eq!(&x[2..], ["provider#1 9.5", "import#1 0.5"]);
    assert!(
        x[0].starts_with("earlier_run ") && x[1].starts_with("trigger "),
        "{x:?}"
    );
}

#[test]
fn a_run_that_is_held_in_the_queue_goes_on_waiting_there() {
    let mut night = Night::new(GRAPH, 0, plain);
    // The other one is first, and has the only slot for Z.
    night.packet(seconds(0), "41", "A");
    night.packet(seconds(0), "42", "A");
    operate(&mut night, 12, "Z", Verb::Hold);
    operate(&mut night, 17, "Z", Verb::Release);
    night.pass(seconds(14));
    assert_eq!(segments(&of(&night, "Z")), ["waiting 10", "queue#1 2", "held 2"]);
    night.pass(seconds(300));
    let z = segments(&of(&night, "Z"));
    assert_eq!(
        z,
        [
            "waiting 10",
            "queue#1 2",
            "held 5",
            "queue#1 3",
            "provider#1 9.5",
            "import#1 0.5"
        ]
    );
}

#[test]
fn what_somebody_else_made_is_told_as_such() {
    let mut night = Night::new(GRAPH, 0, plain);
    night.packet(seconds(0), "42", "B");
    night.import(seconds(4), "42", "X");
    night.pass(seconds(300));
    assert_eq!(segments(&of(&night, "X")), ["foreign 4"]);
    assert_eq!(path(&of(&night, "Z")), ["B", "Y", "Z"]);
}

/// A night in which anything may go wrong.
fn rough(dice: &mut Dice, _: &Order) -> Fate {
    let after = Duration::from_secs_f64(20.0 * dice.roll());
    match dice.pick(10) {
        0..=2 => Fate::Failed(after),
        3 => Fate::Busy(after),
        _ => Fate::Made(after),
    }
}

/// Packets, some again and again, imports, and operators who do things.
fn roughen(night: &mut Night) {
    for _ in 0..30 {
        let after = seconds(night.dice.pick(200) as u64);
        let product = ["A", "B", "X", "Y", "Z"][night.dice.pick(5)];
        let input = ["A", "B"][night.dice.pick(2)];
        match night.dice.pick(8) {
            0 => operate(night, after.as_secs(), product, Verb::Hold),
            1 => operate(night, after.as_secs(), product, Verb::Release),
            2 => operate(night, after.as_secs(), product, Verb::Retry),
            3 => operate(night, after.as_secs(), product, Verb::Cancel),
            4 => night.import(after, "42", product),
            _ => night.packet(after, "42", input),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn segments_follow_each_other_and_sum_to_the_whole(seed: u64) {
        let mut night = Night::new(GRAPH, seed, rough);
        roughen(&mut night);
        for _ in 0..10 {
            night.pass(seconds(25));
            if night.histories.is_empty() {
                continue;
            }
            let view = view(&night, "42");
            for of in &view.products {
                let mut at = view.first_at;
                for segment in &of.segments {
                    prop_assert_eq!(segment.from, at, "{:?}", of);
                    prop_assert!(segment.until > segment.from, "{:?}", of);
                    at = segment.until;
                }
                prop_assert_eq!(at, of.until, "{:?}", of);
                prop_assert!(of.made_at.is_none_or(|made_at| made_at == of.until));
                let times: Vec<Timestamp> = of.path.iter().filter_map(|step| step.at).collect();
                prop_assert!(times.is_sorted(), "{:?}", of.path);
            }
        }
    }
}
