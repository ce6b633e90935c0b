//! Whatever happens to a provider, limit and order hold, and all that waits is sent in the end.

use crate::provider::{LONG, T0, after, paused, provider, want_of};
use conductor_core::{Provider, Want};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Something that happens to a provider.
#[derive(Debug, Clone)]
enum Step {
    /// A run of an observation waits for it.
    Enqueue(u8, i32),
    /// A run is taken out of the queue, or ends.
    Leave(usize),
    /// It asks for some seconds.
    Busy(usize, i64),
    /// A run is tried and nobody is found.
    Unreached(usize),
    Answered,
    Pause,
    Resume,
    Limit(Option<u32>),
    Pass(i64),
    Admit(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..5u8, 0..3i32).prop_map(|(obs, priority)| Step::Enqueue(obs, priority)),
        3 => (0..9usize).prop_map(Step::Leave),
        1 => (0..9usize, 1..9i64).prop_map(|(which, seconds)| Step::Busy(which, seconds)),
        3 => (0..9usize).prop_map(Step::Unreached),
        1 => Just(Step::Answered),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
        1 => prop::option::of(1..4u32).prop_map(Step::Limit),
        2 => (1..20i64).prop_map(Step::Pass),
        6 => (0..4usize).prop_map(Step::Admit),
    ];
    prop::collection::vec(step, 0..80)
}

/// A provider beside what is known of it.
struct Model {
    provider: Provider,
    limit: Option<u32>,
    now: i64,
    waiting: BTreeMap<String, Want>,
    under_way: BTreeMap<String, Want>,
    paused: bool,
    runs: usize,
}

impl Model {
    fn new() -> Self {
        Self {
            provider: provider(None, &[]),
            limit: None,
            now: 0,
            waiting: BTreeMap::new(),
            under_way: BTreeMap::new(),
            paused: false,
            runs: 0,
        }
    }

    fn play(&mut self, step: &Step) {
        match step {
            Step::Enqueue(obs, priority) => {
                self.runs += 1;
                let run = format!("run-{:03}", self.runs);
                self.enqueue(want_of(&obs.to_string(), &run, *priority, self.now));
            }
            Step::Leave(which) => {
                if let Some(want) = take(&mut self.under_way, *which) {
                    self.provider.release(&want.run_id);
                } else if let Some(want) = take(&mut self.waiting, *which) {
                    self.provider.withdraw(&want.run_id);
                }
            }
            Step::Busy(which, seconds) => {
                if let Some(want) = take(&mut self.under_way, *which) {
                    self.provider.answered();
                    self.provider.busy(&want.run_id, after(self.now + seconds));
                    self.enqueue(want);
                }
            }
            Step::Unreached(which) => {
                if let Some(want) = take(&mut self.under_way, *which) {
                    self.provider.unreached(after(self.now));
                    self.provider.release(&want.run_id);
                    self.enqueue(want);
                }
            }
            Step::Answered => self.provider.answered(),
            Step::Pause => {
                self.paused = true;
                assert_eq!(self.provider.restrain(paused()).len(), self.waiting.len());
            }
            Step::Resume => {
                self.paused = false;
                self.provider.resume();
            }
            Step::Limit(limit) => {
                self.limit = *limit;
                self.provider.set_limit(*limit);
            }
            Step::Pass(seconds) => self.now += seconds,
            Step::Admit(room) => {
                self.admit(*room);
            }
        }
        assert_eq!(self.provider.queued(), self.waiting.len());
        assert_eq!(self.provider.in_flight(), self.under_way.len());
    }

    fn enqueue(&mut self, want: Want) {
        self.waiting.insert(want.run_id.to_string(), want.clone());
        self.provider.enqueue(want);
    }

    /// What is admitted waited, is no more than there is room for, and nothing more urgent waits on.
    fn admit(&mut self, room: usize) -> Vec<Want> {
        let before = self.under_way.len();
        let admitted = self.provider.admit(after(self.now), room);
        assert!(admitted.len() <= room);
        assert!(admitted.is_empty() || !self.paused);
        for want in &admitted {
            let run = want.run_id.to_string();
            assert_eq!(self.waiting.remove(&run).as_ref(), Some(want));
            self.under_way.insert(run, want.clone());
        }
        if let (Some(limit), false) = (self.limit, admitted.is_empty()) {
            assert!(before + admitted.len() <= limit as usize);
        }
        for want in &admitted {
            assert!(self.waiting.values().all(|left| left.priority <= want.priority));
            // Within its observation it was the oldest of its priority.
            assert!(self.waiting.values().all(|left| {
                left.obs_id != want.obs_id || left.priority < want.priority || left.since >= want.since
            }));
        }
        admitted
    }
}

fn take(wants: &mut BTreeMap<String, Want>, which: usize) -> Option<Want> {
    let run = wants.keys().nth(which % wants.len().max(1))?.clone();
    wants.remove(&run)
}

/// Between two turns of an observation each other one had two at most: the last of a round and the first of the
/// next. A turn is `share` runs.
fn assert_fair(served: &[Want], share: usize) {
    let observations: BTreeSet<_> = served.iter().map(|want| &want.obs_id).collect();
    for obs_id in &observations {
        let turns: Vec<usize> = (0..served.len())
            .filter(|n| served[*n].obs_id == **obs_id)
            .collect();
        let mut last = 0;
        for turn in turns {
            let between = &served[last..turn];
            for other in observations.iter().filter(|other| other != &obs_id) {
                let passed = between.iter().filter(|want| want.obs_id == **other).count();
                assert!(passed <= 2 * share, "{other} passed {obs_id} {passed} times");
            }
            last = turn;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_limit_and_order_hold_and_all_that_waits_is_sent_in_the_end(steps in steps()) {
        let mut model = Model::new();
        for step in &steps {
            model.play(step);
        }
        model.play(&Step::Resume);
        // Nobody is there at first: it is tried again all the same, with one run at a time once it is known.
        for _ in 0..10 {
            while !model.under_way.is_empty() {
                model.play(&Step::Unreached(0));
            }
            model.play(&Step::Pass(LONG));
            if !model.waiting.is_empty() {
                prop_assert!(!model.admit(usize::MAX).is_empty(), "it is never tried again");
            }
        }
        model.play(&Step::Answered);
        let most = model.waiting.len() + model.under_way.len();
        for _ in 0..=most {
            while !model.under_way.is_empty() {
                model.play(&Step::Leave(0));
            }
            model.play(&Step::Pass(LONG));
            model.admit(usize::MAX);
        }
        prop_assert!(model.waiting.is_empty());
    }

    #[test]
    fn observations_take_turns(
        cells in prop::collection::vec((0..4u8, 0..100i64), 1..60),
        (limit, share) in prop::sample::select(vec![(Some(1), 1), (Some(16), 2), (None, 8)]),
    ) {
        let mut provider = provider(limit, &[]);
        for (n, (obs, since)) in cells.iter().enumerate() {
            provider.enqueue(want_of(&obs.to_string(), &format!("run-{n:02}"), 0, *since));
        }
        let mut served = Vec::new();
        while provider.queued() > 0 {
            let admitted = provider.admit(T0, 1);
            for want in &admitted {
                provider.release(&want.run_id);
            }
            served.extend(admitted);
        }
        prop_assert_eq!(served.len(), cells.len());
        assert_fair(&served, share);
    }
}
