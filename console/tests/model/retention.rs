//! What is forgotten, and what never is.

use crate::scene::{Ledger, at, fold_all, model, obs};
use console::model::{KEPT_FOR, MAX_OBSERVATIONS};
use domain::CellState;

#[test]
fn what_is_finished_goes_after_two_days_and_a_failure_never() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let words = [
        ledger.change(1, "done", "Qpo", CellState::Done, ""),
        ledger.change(1, "failed", "Qpo", CellState::Failed, "x: y"),
        ledger.change(1, "held", "Qpo", CellState::Held, "held by ada"),
        ledger.change(1, "running", "Qpo", CellState::Running, ""),
    ];
    fold_all(&mut model, 1, words);
    let _ = model.settle(at(1 + KEPT_FOR.as_secs()));
    assert_eq!(model.len(), 4);
    let _ = model.settle(at(3 + KEPT_FOR.as_secs()));
    assert_eq!(model.len(), 3);
    assert!(model.observation(&obs("done")).is_none());
    assert_eq!(model.totals().of(CellState::Done), 0);
}

#[test]
fn above_the_limit_the_oldest_finished_ones_go() {
    let mut ledger = Ledger::default();
    let mut model = model();
    let count = i64::try_from(MAX_OBSERVATIONS).unwrap() + 10;
    for number in 0..count {
        let state = if number < 5 {
            CellState::Failed
        } else {
            CellState::Done
        };
        let word = ledger.change(number, &number.to_string(), "Qpo", state, "");
        let _ = model.fold(at(number), word);
    }
    let _ = model.settle(at(count));
    assert_eq!(model.len(), MAX_OBSERVATIONS);
    let there = [0, 4, 5, 14, 15].map(|number: i64| model.observation(&obs(&number.to_string())).is_some());
    assert_eq!(there, [true, true, false, false, true]);
}
