//! The same facts in another order, twice, or only in part until a resync: the same model.

use crate::scene::{self, Ledger, NODES, at, fold_all, known, model};
use console::model::{Model, Update};
use domain::CellState;
use proptest::prelude::*;
use std::collections::BTreeMap;

const OBSERVATIONS: [&str; 3] = ["1", "2", "sb26022501"];

/// A change of one of fifteen cells.
#[derive(Debug, Clone)]
struct Change {
    obs_id: usize,
    product: usize,
    state: CellState,
    reason: u8,
}

/// What becomes of a word on its way.
#[derive(Debug, Clone, Copy)]
struct Fate {
    /// It comes so many words later.
    delay: usize,
    is_lost: bool,
    is_doubled: bool,
}

prop_compose! {
    fn change()(
        obs_id in 0..OBSERVATIONS.len(),
        product in 0..NODES.len(),
        state in prop::sample::select(&CellState::ALL[1..]),
        reason in 0..4u8,
    ) -> Change {
        Change { obs_id, product, state, reason }
    }
}

prop_compose! {
    fn fate()(delay in 0..6usize, is_lost in prop::bool::weighted(0.2), is_doubled in prop::bool::weighted(0.2)) -> Fate {
        Fate { delay, is_lost, is_doubled }
    }
}

/// The words of changes, and the ledger after all of them.
fn words(changes: &[Change]) -> (Vec<Update>, Vec<Ledger>) {
    let mut ledger = Ledger::default();
    let mut after = vec![ledger.clone()];
    let words = changes.iter().enumerate().map(|(second, change)| {
        let reason = if change.reason == 0 {
            String::new()
        } else {
            format!("because of {}", change.reason)
        };
        let second = i64::try_from(second).unwrap();
        let word = ledger.change(
            second,
            OBSERVATIONS[change.obs_id],
            NODES[change.product],
            change.state,
            &reason,
        );
        after.push(ledger.clone());
        word
    });
    (words.collect(), after)
}

/// As they arrive: the place of each, with its delay.
fn arrivals(words: &[Update], fates: &[Fate], with_losses: bool) -> Vec<(usize, Update)> {
    let mut arrivals = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let fate = fates[place % fates.len()];
        if !(with_losses && fate.is_lost) {
            arrivals.push((place + fate.delay, word.clone()));
        }
        if fate.is_doubled {
            arrivals.push((place + 2 * fate.delay, word.clone()));
        }
    }
    arrivals.sort_by_key(|(place, _)| *place);
    arrivals
}

/// The counts of a model are those of its cells.
fn assert_counted(model: &Model) {
    let mut totals: BTreeMap<CellState, u32> = BTreeMap::new();
    for observation in model.observations() {
        let mut counts: BTreeMap<CellState, u32> = BTreeMap::new();
        for cell in observation
            .cells()
            .filter(|cell| cell.state() != CellState::NotExpected)
        {
            *counts.entry(cell.state()).or_default() += 1;
            *totals.entry(cell.state()).or_default() += 1;
        }
        for state in CellState::ALL {
            assert_eq!(
                observation.counts().of(state),
                counts.get(&state).copied().unwrap_or(0),
                "{state}"
            );
        }
    }
    for state in CellState::ALL {
        assert_eq!(
            model.totals().of(state),
            totals.get(&state).copied().unwrap_or(0),
            "{state} of all"
        );
    }
}

proptest! {
    #[test]
    fn words_in_any_order_and_twice_say_the_same(
        changes in prop::collection::vec(change(), 1..60),
        fates in prop::collection::vec(fate(), 1..20),
    ) {
        let (words, after) = words(&changes);
        let mut model = model();
        let arrived = arrivals(&words, &fates, false);
        fold_all(&mut model, 100, arrived.into_iter().map(|(_, word)| word));
        prop_assert_eq!(known(&model), after.last().unwrap().0.clone());
        assert_counted(&model);
    }

    #[test]
    fn whatever_was_lost_a_resync_brings_back_and_leaves_no_ghost(
        changes in prop::collection::vec(change(), 1..60),
        fates in prop::collection::vec(fate(), 1..20),
        resync_at in 0..60usize,
        spread in 1..5usize,
    ) {
        let (words, after) = words(&changes);
        let arrived = arrivals(&words, &fates, true);
        // What the conductor tells is as it is when the resync begins or a little later, and its parts come between
        // the words that are said meanwhile.
        let resync_at = resync_at.min(words.len());
        let mut parts = after[resync_at].resync().into_iter();
        let mut model = model();
        for (place, word) in arrived.into_iter().filter(|(place, _)| *place < resync_at) {
            fold_all(&mut model, i64::try_from(place).unwrap(), [word]);
        }
        // From here on nothing is lost any more.
        let late = arrivals(&words[resync_at..], &fates, false);
        fold_all(&mut model, 100, parts.next());
        for (place, word) in late {
            fold_all(&mut model, 100, [word]);
            if place % spread == 0 {
                fold_all(&mut model, 100, parts.next());
            }
        }
        fold_all(&mut model, 100, parts);
        prop_assert_eq!(known(&model), after.last().unwrap().0.clone());
        assert_counted(&model);
    }

    #[test]
    fn a_lost_ledger_is_taken_over_although_its_numbers_are_lower(
        before in prop::collection::vec(change(), 1..40),
        since in prop::collection::vec(change(), 0..10),
    ) {
        let mut model = model();
        fold_all(&mut model, 1, words(&before).0);
        let new = words(&since).1.pop().unwrap();
        fold_all(&mut model, 2, new.resync());
        prop_assert_eq!(known(&model), new.0.clone());
        assert_counted(&model);
    }
}

#[test]
fn an_update_survives_its_line_of_json() {
    let mut ledger = Ledger::default();
    let mut updates = vec![ledger.change(1, "42", "Qpo", CellState::Failed, "timeout: 3 s")];
    updates.extend(ledger.resync());
    updates.push(Update::Snapshot(console::model::Snapshot::Graph(Box::new(
        scene::graph(),
    ))));
    for update in updates {
        let line = serde_json::to_string(&update).unwrap();
        assert_eq!(serde_json::from_str::<Update>(&line).unwrap(), update, "{line}");
    }
    assert_eq!(at(0).as_second(), 1_800_000_000);
}
