//! What goes wrong in one round, drawn from a seed: the same seed gives the same round on every machine.

use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, NATS, SDB};
use std::time::Duration;

/// All programs that may die.
const PROGRAMS: [&str; 5] = [NATS, SDB, CONDUCTOR, MOCK_VHF, MOCK_PIPELINE];
/// Steps of a round: enough that each kind comes in some rounds, few enough for some seconds.
const STEPS: u64 = 14;
/// The longest pause before a step: some products are made in it, and not all.
const LONGEST_PAUSE_MS: u64 = 400;
/// How the pipelines misbehave from their next start on; each ends after an attempt or two, or when it is mended.
const MISBEHAVIOURS: [&str; 8] = [
    "QPO_ECL=crash:1",
    "QPO_ECL=import-twice:1",
    "QPO_ECL=hang:1",
    "*=no-import:1",
    "*=refuse-503:1",
    "TT_ECL=refuse-500:2,QCL_ECL=panic:1",
    "QPO_ECL=permanent,QHR_GRM=permanent",
    "*=refuse-429:1",
];

/// Something that happens in a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// One program is killed and started again at once.
    Kill(&'static str),
    /// Two are killed, and only then started again.
    KillTwo(&'static str, &'static str),
    /// One is killed and stays away that long.
    Leave(&'static str, Duration),
    /// The NATS server is killed, and all that its streams held is gone.
    WipeNats,
    /// A burst is replayed, the nth of those that the source has.
    Burst(u64),
    /// An alert of this observation is imported into the SDB: the first, or a newer version.
    Alert(u64),
    /// The last alert of this observation is withdrawn.
    Withdraw(u64),
    /// An operator cancels what is in progress in an observation.
    Cancel(u64),
    /// An operator holds an observation; in the end all is released.
    Hold(u64),
    /// An operator pauses a provider, the nth of those that there are; in the end all are resumed.
    Pause(u64),
    /// The conductor is killed while an operator tries again what failed.
    RetryAndKill(u64),
    /// The pipelines are killed and misbehave from now on.
    Misbehave(&'static str),
}

/// The round of a seed: pauses, and what happens after each.
pub fn schedule(seed: u64, observations: u64) -> Vec<(Duration, Step)> {
    let mut dice = Dice(seed);
    // A round in which nothing is to be made would prove nothing.
    let first = [Step::Burst(dice.below(1000)), Step::Alert(0)];
    let drawn: Vec<Step> = (0..STEPS).map(|_| draw(&mut dice, observations)).collect();
    let steps = first.into_iter().chain(drawn);
    steps
        .map(|step| (Duration::from_millis(dice.below(LONGEST_PAUSE_MS)), step))
        .collect()
}

fn draw(dice: &mut Dice, observations: u64) -> Step {
    let program = dice.of(&PROGRAMS);
    let obs = dice.below(observations);
    match dice.below(17) {
        0..3 => Step::Kill(program),
        3 => {
            let others: Vec<_> = PROGRAMS.into_iter().filter(|other| *other != program).collect();
            Step::KillTwo(program, dice.of(&others))
        }
        4 => Step::Leave(program, Duration::from_millis(200 + dice.below(1500))),
        5 => Step::WipeNats,
        6 | 7 => Step::Burst(dice.below(1000)),
        8..11 => Step::Alert(obs),
        11 => Step::Withdraw(obs),
        12 => Step::Cancel(obs),
        13 => Step::Hold(obs),
        14 => Step::RetryAndKill(obs),
        15 => Step::Pause(dice.below(1000)),
        _ => Step::Misbehave(dice.of(&MISBEHAVIOURS)),
    }
}

/// `SplitMix64`: a few lines that every machine computes alike.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn of(&mut self, all: &[&'static str]) -> &'static str {
        let place = self.below(all.len() as u64);
        all[usize::try_from(place).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::mem::discriminant;

    #[test]
    fn a_seed_gives_one_round_and_another_seed_another() {
        assert_eq!(schedule(7, 3), schedule(7, 3));
        assert_ne!(schedule(7, 3), schedule(8, 3));
    }

    #[test]
    fn every_kind_of_step_comes() {
        let rounds = (0..50).flat_map(|seed| schedule(seed, 3));
        let kinds: HashSet<_> = rounds.map(|(_, step)| discriminant(&step)).collect();
        assert_eq!(kinds.len(), 12);
    }

    #[test]
    fn two_that_die_are_two() {
        for (_, step) in (0..200).flat_map(|seed| schedule(seed, 3)) {
            if let Step::KillTwo(one, other) = step {
                assert_ne!(one, other);
            }
        }
    }
}
