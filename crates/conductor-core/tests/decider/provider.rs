//! How much a provider is given, and in what order.

use conductor_core::{Provider, Restraint, RestraintKind, Signature, Want};
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const T0: Timestamp = Timestamp::UNIX_EPOCH;

/// Longer than any pause of the breaker.
const LONG: i64 = 60;

fn want(run: &str, priority: i32) -> Want {
    want_of("42", run, priority, 0)
}

fn want_of(obs_id: &str, run: &str, priority: i32, since: i64) -> Want {
    Want {
        obs_id: obs_id.parse().unwrap(),
        product: run.parse().unwrap(),
        run_id: run.parse().unwrap(),
        provider: "p".parse().unwrap(),
        priority,
        since: after(since),
    }
}

fn after(seconds: i64) -> Timestamp {
    T0 + seconds.seconds()
}

fn provider(limit: Option<u32>, wants: &[(&str, i32)]) -> Provider {
    let mut provider = Provider::new("p".parse().unwrap(), limit);
    for (run, priority) in wants {
        provider.enqueue(want(run, *priority));
    }
    provider
}

fn names(admitted: Vec<Want>) -> Vec<String> {
    admitted.into_iter().map(|want| want.run_id.to_string()).collect()
}

fn admit(provider: &mut Provider, room: usize) -> Vec<String> {
    names(provider.admit(T0, room))
}

fn paused() -> Restraint {
    Restraint {
        kind: RestraintKind::Paused,
        signature: Signature {
            by: "ops".into(),
            note: Some("disk".into()),
            at: T0,
        },
    }
}

#[test]
fn no_more_is_admitted_than_there_is_room_for() {
    let mut provider = provider(None, &[("a", 0), ("b", 0), ("c", 0)]);
    assert_eq!(admit(&mut provider, 2), ["a", "b"]);
    assert_eq!((provider.in_flight(), provider.queued()), (2, 1));
    assert!(admit(&mut provider, 0).is_empty());
    assert_eq!(admit(&mut provider, 2), ["c"]);
}

#[test]
fn no_more_is_admitted_than_the_limit_allows() {
    let mut provider = provider(Some(2), &[("a", 0), ("b", 0), ("c", 0)]);
    assert_eq!(admit(&mut provider, 10), ["a", "b"]);
    provider.set_limit(Some(1));
    assert!(admit(&mut provider, 10).is_empty());
    provider.release(&"a".parse().unwrap());
    provider.release(&"b".parse().unwrap());
    assert_eq!(admit(&mut provider, 10), ["c"]);
}

#[test]
fn an_urgent_run_passes_what_the_shell_had_no_room_for() {
    let mut provider = provider(None, &[("a", 0), ("b", 0)]);
    assert_eq!(admit(&mut provider, 1), ["a"]);
    provider.enqueue(want("urgent", 9));
    assert_eq!(admit(&mut provider, 1), ["urgent"]);
}

#[test]
fn a_run_that_is_raised_moves_and_one_that_is_not_stays() {
    let mut provider = provider(None, &[("a", 0), ("b", 0), ("c", 0)]);
    provider.enqueue(want("a", 0));
    provider.enqueue(want("c", 5));
    assert_eq!(provider.queued(), 3);
    assert_eq!(admit(&mut provider, 10), ["c", "a", "b"]);
}

#[test]
fn nothing_is_admitted_before_a_busy_provider_has_time_again() {
    let mut provider = provider(None, &[("a", 0), ("b", 0)]);
    assert_eq!(admit(&mut provider, 1), ["a"]);
    let until = "1970-01-01T00:00:07Z".parse().unwrap();
    provider.busy(&"a".parse().unwrap(), until);
    provider.enqueue(want("a", 0));
    assert!(admit(&mut provider, 10).is_empty());
    assert_eq!(provider.next_deadline(), Some(until));
    let again = provider.admit(until, 10);
    assert_eq!(again, [want("a", 0), want("b", 0)]);
}

#[test]
fn forty_cells_of_one_burst_do_not_stand_before_the_one_of_another() {
    let mut provider = provider(None, &[]);
    for cell in 0..40 {
        provider.enqueue(want_of("burst", &format!("cell-{cell:02}"), 0, cell));
    }
    assert_eq!(admit(&mut provider, 2), ["cell-00", "cell-01"]);
    provider.enqueue(want_of("other", "other", 0, 60));
    assert_eq!(admit(&mut provider, 3), ["cell-02", "other", "cell-03"]);
}

#[test]
fn what_waits_while_it_is_paused_keeps_its_order_and_is_given_back_to_be_told() {
    let mut provider = provider(None, &[("a", 0), ("b", 0), ("urgent", 1)]);
    let told = names(provider.restrain(paused()));
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>().len(), 3);
    provider.enqueue(want("c", 0));
    assert!(admit(&mut provider, 10).is_empty());
    assert_eq!(provider.view(T0).restraint, Some(paused()));
    assert_eq!(provider.next_deadline(), None);
    assert_eq!(provider.resume().len(), 4);
    assert!(provider.resume().is_empty(), "it was not restrained any more");
    assert_eq!(admit(&mut provider, 10), ["urgent", "a", "b", "c"]);
}

#[test]
fn who_is_not_reached_three_times_is_left_alone_and_then_tried_with_one_run() {
    let mut provider = provider(None, &[("a", 0), ("b", 0), ("c", 0), ("d", 0)]);
    for run in admit(&mut provider, 2) {
        provider.unreached(T0);
        provider.release(&run.parse().unwrap());
        provider.enqueue(want(&run, 0));
    }
    assert_eq!(provider.view(T0).open, None, "twice may be an accident");
    provider.unreached(T0);
    assert!(provider.view(T0).open.is_some());
    assert!(admit(&mut provider, 10).is_empty());
    let probe_at = provider.next_deadline().unwrap();
    assert_eq!(names(provider.admit(probe_at, 10)), ["a"]);
    assert!(
        provider.admit(after(LONG), 10).is_empty(),
        "one run was sent to see"
    );
    provider.answered();
    assert_eq!(provider.view(probe_at).open, None);
    assert_eq!(names(provider.admit(probe_at, 10)), ["b", "c", "d"]);
}

#[test]
fn an_outage_costs_no_attempt_once_it_is_known_and_is_no_wait_that_was_asked_for() {
    let mut provider = provider(None, &[("a", 0)]);
    assert_eq!(admit(&mut provider, 1), ["a"]);
    let told: Vec<_> = (0..4).map(|_| provider.unreached(T0)).collect();
    let pause = Some(Duration::from_secs(5));
    assert_eq!(told, [None, None, pause, pause]);
    provider.busy(&"a".parse().unwrap(), after(5));
    provider.enqueue(want("a", 0));
    assert_eq!(provider.view(T0).busy_until, None);
    assert_eq!(names(provider.admit(after(5), 1)), ["a"]);
}

#[test]
fn the_pauses_between_probes_grow_to_a_limit() {
    let mut provider = provider(None, &[("a", 0)]);
    let mut now = T0;
    for _ in 0..3 {
        provider.unreached(now);
    }
    let mut pauses = Vec::new();
    for _ in 0..5 {
        let probe_at = provider.next_deadline().unwrap();
        pauses.push(probe_at.duration_since(now).as_secs());
        now = probe_at;
        assert_eq!(names(provider.admit(now, 10)), ["a"]);
        provider.unreached(now);
        provider.release(&"a".parse().unwrap());
        provider.enqueue(want("a", 0));
    }
    assert_eq!(pauses, [5, 10, 20, 30, 30]);
}

#[test]
fn a_probe_that_is_taken_back_is_followed_by_another() {
    let mut provider = provider(None, &[("a", 0), ("b", 0)]);
    for _ in 0..3 {
        provider.unreached(T0);
    }
    let probe_at = provider.next_deadline().unwrap();
    assert_eq!(names(provider.admit(probe_at, 10)), ["a"]);
    provider.release(&"a".parse().unwrap());
    assert_eq!(names(provider.admit(probe_at, 10)), ["b"]);
}

#[test]
fn who_speaks_is_tried_at_once() {
    let mut provider = provider(None, &[("a", 0)]);
    for _ in 0..3 {
        provider.unreached(T0);
    }
    assert!(admit(&mut provider, 10).is_empty());
    provider.spoke(T0);
    assert_eq!(admit(&mut provider, 10), ["a"]);
}

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
/// next.
fn assert_fair(served: &[Want]) {
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
                assert!(passed <= 2, "{other} passed {obs_id} {passed} times");
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
    fn observations_take_turns(cells in prop::collection::vec((0..4u8, 0..100i64), 1..60)) {
        let mut provider = provider(None, &[]);
        for (n, (obs, since)) in cells.iter().enumerate() {
            provider.enqueue(want_of(&obs.to_string(), &format!("run-{n:02}"), 0, *since));
        }
        let mut served = Vec::new();
        while provider.queued() > 0 {
            served.extend(provider.admit(T0, 1));
        }
        prop_assert_eq!(served.len(), cells.len());
        assert_fair(&served);
    }
}

#[test]
fn one_that_waits_already_passes_others_once_it_is_raised() {
    let mut provider = provider(Some(1), &[("a", 0), ("b", 0), ("c", 0)]);
    provider.enqueue(want("c", 2));
    provider.enqueue(want("b", 0));
    assert_eq!(provider.queued(), 3);
    assert_eq!(admit(&mut provider, 1), ["c"]);
    provider.release(&"c".parse().unwrap());
    assert_eq!(admit(&mut provider, 1), ["a"]);
}
