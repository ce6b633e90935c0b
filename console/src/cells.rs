//! Cells, runs and reasons as lines and colours.

use crate::table::{Ink, Screen, paint, wrap};
use api::conductor::{Blocker, Cell, Counts, Why};
use domain::{Attempt, CellState, RunState};
use jiff::Timestamp;

/// The colour of a state.
pub(crate) fn ink(state: CellState) -> Ink {
    match state {
        CellState::NotExpected | CellState::Cancelled | CellState::Retracted => Ink::Dim,
        CellState::Done | CellState::Received => Ink::Good,
        CellState::Requested | CellState::Running => Ink::Busy,
        CellState::Waiting | CellState::Grace | CellState::Queued => Ink::Plain,
        CellState::Stale | CellState::Retrying | CellState::Held => Ink::Warn,
        CellState::Failed | CellState::Quarantined => Ink::Bad,
    }
}

/// The colour of a run.
pub(crate) fn run_ink(state: RunState) -> Ink {
    match state {
        RunState::Queued => Ink::Plain,
        RunState::Requested | RunState::Running => Ink::Busy,
        RunState::Retrying => Ink::Warn,
        RunState::Succeeded => Ink::Good,
        RunState::Failed => Ink::Bad,
        RunState::Cancelled | RunState::Superseded => Ink::Dim,
    }
}

/// `40 cells: 1 failed, 2 running, 12 done`, the worst first.
pub(crate) fn counted(counts: &Counts) -> String {
    let parts: Vec<String> = counts
        .iter()
        .rev()
        .filter(|(_, count)| **count > 0)
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    let total: u64 = counts.values().sum();
    let cells = if total == 1 { "cell" } else { "cells" };
    if parts.is_empty() {
        format!("{total} {cells}")
    } else {
        format!("{total} {cells}: {}", parts.join(", "))
    }
}

/// `1/3`, `2`, or nothing before the first.
pub(crate) fn attempts(attempt: Option<Attempt>, of: Option<u32>) -> String {
    match (attempt, of) {
        (Some(attempt), Some(of)) => format!("{attempt}/{of}"),
        (Some(attempt), None) => attempt.to_string(),
        (None, _) => String::new(),
    }
}

/// A time of day in UTC; who wants the date takes `--json`.
pub(crate) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// A date and a time of day in UTC.
pub(crate) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Why a cell is as it is, with when it goes on.
pub(crate) fn reason(cell: &Cell) -> String {
    let mut reason = cell.reason.clone().unwrap_or_default();
    if let Some(at) = cell.retry_at {
        let join = if reason.is_empty() { "" } else { "; " };
        reason.push_str(join);
        reason.push_str("next at ");
        reason.push_str(&clock(at));
    }
    reason
}

/// The tree of reasons, an indented line each.
pub(crate) fn why(why: &Why, screen: Screen) -> Vec<String> {
    let mut lines = wrap(&why.text, screen.width);
    grow(&why.blockers, 1, screen, &mut lines);
    if let Some(next) = &why.next {
        let at = next
            .at
            .map_or_else(String::new, |at| format!(", at {}", clock(at)));
        lines.extend(wrap(&format!("next: {}{at}", next.what), screen.width));
    }
    lines
}

/// Two columns a level.
const INDENT: usize = 2;

fn grow(blockers: &[Blocker], depth: usize, screen: Screen, lines: &mut Vec<String>) {
    for blocker in blockers {
        let state = blocker.state.map_or_else(String::new, |state| {
            format!(" {}", paint(state.as_str(), ink(state), screen.colour))
        });
        let detail = if blocker.detail.is_empty() {
            String::new()
        } else {
            format!(": {}", blocker.detail)
        };
        let until = blocker
            .until
            .map_or_else(String::new, |at| format!(", until {}", clock(at)));
        let indent = " ".repeat(depth * INDENT);
        let left = screen
            .width
            .map(|width| width.saturating_sub(indent.len() + INDENT).max(LEAST));
        let text = format!("{}{state}{detail}{until}", blocker.what);
        for (index, piece) in wrap(&text, left).into_iter().enumerate() {
            let bullet = if index == 0 { "- " } else { "  " };
            lines.push(format!("{indent}{bullet}{piece}"));
        }
        grow(&blocker.blockers, depth + 1, screen, lines);
    }
}

/// A tree that is deeper than the screen is wide goes over its edge instead of vanishing.
const LEAST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use api::conductor::{BlockerKind, Next};

    const SCREEN: Screen = Screen {
        width: Some(50),
        colour: false,
    };

    #[test]
    fn a_tree_of_reasons_is_read_from_top_to_bottom() {
        let mut input = Blocker::new(
            BlockerKind::Input,
            "QPO_ECL",
            "a mandatory input is not available",
        );
        input.state = Some(CellState::Failed);
        input.blockers = vec![Blocker::new(
            BlockerKind::Failed,
            "run_4f0c",
            "3 of 3 attempts failed, the last with calibration-missing",
        )];
        let tree = Why {
            text: "QPO_FSC waits for QPO_ECL, which failed".into(),
            blockers: vec![input],
            next: Some(Next {
                what: "starts when QPO_ECL is available".into(),
                at: None,
            }),
        };
        let expected = [
            "QPO_FSC waits for QPO_ECL, which failed",
            "  - QPO_ECL failed: a mandatory input is not",
            "    available",
            "    - run_4f0c: 3 of 3 attempts failed, the last",
            "      with calibration-missing",
            "next: starts when QPO_ECL is available",
        ];
        assert_eq!(why(&tree, SCREEN), expected);
    }

    #[test]
    fn counts_begin_with_what_wants_attention() {
        let counts = Counts::from([
            (CellState::Done, 12),
            (CellState::Failed, 1),
            (CellState::Running, 0),
        ]);
        assert_eq!(counted(&counts), "13 cells: 1 failed, 12 done");
        assert_eq!(counted(&Counts::new()), "0 cells");
    }
}
