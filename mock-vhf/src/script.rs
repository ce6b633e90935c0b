//! What a replay of a burst announces, step by step.

use crate::table::Burst;
use domain::ProductName;
use std::time::Duration;

/// One announcement of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// After the step before it, in reality; zero for the first.
    pub delay: Duration,
    /// Which of the burst's messages it carries.
    pub message: usize,
    /// The input.
    pub product: ProductName,
    /// A packet, or the withdrawal of one.
    pub act: Act,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A packet came: the `seq`th of its input in this burst, from 0.
    Packet {
        /// The instrument's own count of the input.
        seq: u64,
    },
    /// What came of this input is withdrawn.
    Retraction,
}

/// The steps of a burst. A retraction withdraws each input of its instrument that came before; one that
/// comes first withdraws the alert that we never saw, so that the orchestra remembers it.
pub fn steps(burst: &Burst) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut before = burst.messages.first().map(|message| message.received_at);
    for (index, message) in burst.messages.iter().enumerate() {
        let since = before.map_or(jiff::SignedDuration::ZERO, |before| {
            message.received_at.duration_since(before)
        });
        before = Some(message.received_at);
        let mut delay = Duration::try_from(since).unwrap_or_default();
        let acts = if message.kind.is_retraction() {
            withdrawn(message.kind.instrument(), &steps)
                .into_iter()
                .map(|name| (name, Act::Retraction))
                .collect()
        } else {
            received(message.kind.inputs(), &steps)
        };
        for (product, act) in acts {
            steps.push(Step {
                delay: std::mem::take(&mut delay),
                message: index,
                product,
                act,
            });
        }
    }
    steps
}

fn received(inputs: &[&str], steps: &[Step]) -> Vec<(ProductName, Act)> {
    let seq = |input: &str| steps.iter().filter(|step| step.product.as_str() == input).count() as u64;
    inputs
        .iter()
        .map(|input| (name(input), Act::Packet { seq: seq(input) }))
        .collect()
}

fn withdrawn(instrument: crate::facts::Instrument, steps: &[Step]) -> Vec<ProductName> {
    let mut names: Vec<ProductName> = Vec::new();
    for step in steps.iter().filter(|step| instrument.owns(step.product.as_str())) {
        if !names.contains(&step.product) {
            names.push(step.product.clone());
        }
    }
    if names.is_empty() {
        names.push(name(instrument.alert()));
    }
    names
}

fn name(input: &str) -> ProductName {
    input.parse().expect("the inputs of the mission are names")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{burst, bursts};

    fn told(id: &str) -> Vec<(u64, String, Act)> {
        let steps = steps(burst(id).unwrap());
        steps
            .into_iter()
            .map(|step| (step.delay.as_secs(), step.product.to_string(), step.act))
            .collect()
    }

    #[test]
    fn repeats_are_counted_and_delays_are_those_of_reality() {
        let first = Act::Packet { seq: 0 };
        let expected = [
            (0, "EclTmVhfAlert", first),
            (0, "EclTmVhfHPLcurve", first),
            (0, "SvoTmVhfAttOrb", first),
            (0, "EclTmVhfSubImage", first),
            (4241, "MxtTmVhfPosition", first),
            (0, "MxtTmVhfPhotons", first),
            (11888, "MxtTmVhfPosition", Act::Packet { seq: 1 }),
            (0, "MxtTmVhfPhotons", Act::Packet { seq: 1 }),
        ];
        assert_eq!(
            told("sb26022802"),
            expected.map(|(delay, name, act)| (delay, name.to_owned(), act))
        );
    }

    #[test]
    fn a_retraction_is_one_message_per_input_of_its_instrument() {
        let withdrawn: Vec<_> = told("sb26030408")
            .into_iter()
            .filter(|step| step.2 == Act::Retraction)
            .collect();
        let names = withdrawn
            .iter()
            .map(|(_, name, _)| name.as_str())
            .collect::<Vec<_>>();
        assert_eq!(names, ["EclTmVhfAlert", "EclTmVhfHPLcurve", "EclTmVhfSubImage"]);
    }

    #[test]
    fn a_retraction_that_comes_first_withdraws_the_alert() {
        assert_eq!(
            told("sb26020303"),
            [(0, "EclTmVhfAlert".to_owned(), Act::Retraction)]
        );
        assert_eq!(
            told("sb26020402").last().unwrap(),
            &(575, "EclTmVhfAlert".to_owned(), Act::Retraction)
        );
    }

    #[test]
    fn all_two_hundred_packets_are_there() {
        let all: Vec<Step> = bursts().iter().flat_map(steps).collect();
        let packets = all.iter().filter(|step| step.act != Act::Retraction).count();
        assert_eq!((packets, all.len()), (200, 207));
    }
}
