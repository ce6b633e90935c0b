//! Cells, runs and reasons as lines and colours.

use crate::output::Output;
use crate::table::{Ink, Screen, paint, wrap};
use crate::ui::text::{age, span};
use api::conductor::{AcknowledgementView, AttemptState, AttemptView, Blocker, Cell, Counts, Why};
use domain::{Attempt, CellState, RunState};
use jiff::{SignedDuration, Timestamp};

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

/// `seen by ada 04:05:00 until 12:05:00: the laboratory knows`.
pub(crate) fn seen(seen: &AcknowledgementView, now: Timestamp) -> String {
    let (at, until) = (when(seen.at, now), when(seen.until, now));
    let note = seen.note.as_ref();
    let note = note.map_or_else(String::new, |note| format!(": {note}"));
    format!("seen by {} {at} until {until}{note}", seen.by)
}

/// `15 cells: 1 failed, 2 running, 12 done`, the worst first; what is not expected is not counted.
pub(crate) fn counted(counts: &Counts) -> String {
    let expected = || {
        let counts = counts.iter().rev();
        counts.filter(|(state, count)| **state != CellState::NotExpected && **count > 0)
    };
    let parts: Vec<String> = expected()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    let total: u64 = expected().map(|(_, count)| count).sum();
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

/// What most wants attention; what was made says more than what came in, since nothing is wrong with either.
pub(crate) fn headline(worst: Option<CellState>, counts: &Counts) -> Option<CellState> {
    let made = counts.get(&CellState::Done).is_some_and(|count| *count > 0);
    if made && worst == Some(CellState::Received) {
        return Some(CellState::Done);
    }
    worst
}

/// A time of day in UTC.
pub(crate) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// A date and a time of day in UTC.
pub(crate) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A time in UTC as somebody reads it who knows what day it is: a time of today without its date.
pub(crate) fn when(at: Timestamp, now: Timestamp) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    if day(at) == day(now) {
        clock(at)
    } else {
        at.strftime("%m-%d %H:%M").to_string()
    }
}

/// A text of a service's with its times as [`when`] shows them: nobody reads nanoseconds at 3 a.m.
pub(crate) fn readable(text: &str, now: Timestamp) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches([',', ';', ':', '.', ')']);
        match bare.parse::<Timestamp>() {
            Ok(at) => format!("{}{}", when(at, now), &word[bare.len()..]),
            Err(_) => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Why a cell is as it is; when it goes on is part of that.
pub(crate) fn reason(cell: &Cell, now: Timestamp) -> String {
    match (&cell.reason, cell.retry_at) {
        (Some(reason), _) => readable(reason, now),
        (None, Some(at)) => format!("next attempt at {}", when(at, now)),
        (None, None) => String::new(),
    }
}

/// The state of a cell, and whether its run takes longer than nearly all did.
pub(crate) fn state(cell: &Cell) -> (String, Ink) {
    if cell.late {
        (format!("{} late", cell.state), Ink::Warn)
    } else {
        (cell.state.to_string(), ink(cell.state))
    }
}

/// In how long the product of a cell will be there, more or less.
pub(crate) fn eta(cell: &Cell, now: Timestamp) -> String {
    let left = cell.eta.map(|eta| eta.p50.duration_since(now));
    left.map_or_else(String::new, age)
}

/// What there is to say of how long a cell takes, in a sentence or two.
pub(crate) fn timing(cell: &Cell, now: Timestamp) -> Option<String> {
    let expected = cell.expected.map(|expected| {
        let (p50, p95) = (millis(expected.p50_ms), millis(expected.p95_ms));
        let late = if cell.late { ": it is late" } else { "" };
        format!("takes {p50}, in 95 of 100 cases at most {p95}{late}")
    });
    let eta = cell.eta.map(|eta| {
        let (p50, p95) = (when(eta.p50, now), when(eta.p95, now));
        format!("expected at {p50}, in 95 of 100 cases by {p95}")
    });
    let said: Vec<String> = [expected, eta].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn millis(millis: u64) -> String {
    span(SignedDuration::from_millis(
        i64::try_from(millis).unwrap_or(i64::MAX),
    ))
}

/// The tree of reasons, an indented line each.
pub(crate) fn why(why: &Why, output: &Output) -> Vec<String> {
    tree(why, output.screen(), output.now)
}

/// The tree of reasons without colours, in so many columns.
pub(crate) fn reasons(why: &Why, width: usize, now: Timestamp) -> Vec<String> {
    let screen = Screen {
        width: Some(width),
        colour: false,
    };
    tree(why, screen, now)
}

fn tree(why: &Why, screen: Screen, now: Timestamp) -> Vec<String> {
    let mut lines = wrap(&readable(&why.text, now), screen.width);
    grow(&why.blockers, 1, (screen, now), &mut lines);
    if let Some(next) = &why.next {
        let at = next
            .at
            .map_or_else(String::new, |at| format!(", at {}", when(at, now)));
        let what = readable(&next.what, now);
        lines.extend(wrap(&format!("next: {what}{at}"), screen.width));
    }
    lines
}

/// Two columns a level.
const INDENT: usize = 2;

fn grow(blockers: &[Blocker], depth: usize, (screen, now): (Screen, Timestamp), lines: &mut Vec<String>) {
    for blocker in blockers {
        let state = blocker.state.map_or_else(String::new, |state| {
            format!(" {}", paint(state.as_str(), ink(state), screen.colour))
        });
        let detail = if blocker.detail.is_empty() {
            String::new()
        } else {
            format!(": {}", readable(&blocker.detail, now))
        };
        let until = blocker
            .until
            .map_or_else(String::new, |at| format!(", until {}", when(at, now)));
        let indent = " ".repeat(depth * INDENT);
        let left = screen
            .width
            .map(|width| width.saturating_sub(indent.len() + INDENT).max(LEAST));
        let text = format!("{}{state}{detail}{until}", blocker.what);
        for (index, piece) in wrap(&text, left).into_iter().enumerate() {
            let bullet = if index == 0 { "- " } else { "  " };
            lines.push(format!("{indent}{bullet}{piece}"));
        }
        grow(&blocker.blockers, depth + 1, (screen, now), lines);
    }
}

/// An attempt in a line.
pub(crate) fn told(attempt: &AttemptView, now: Timestamp) -> String {
    let state = match attempt.state {
        AttemptState::Requested => "requested",
        AttemptState::Accepted => "accepted",
        AttemptState::Running => "running",
        AttemptState::Succeeded => "succeeded",
        AttemptState::Failed => "failed",
        AttemptState::Cancelled => "cancelled",
        AttemptState::Lost => "lost",
    };
    let sent = attempt.requested_at.map(|at| format!(", sent {}", when(at, now)));
    let ended = attempt.ended_at.map(|at| format!(", ended {}", when(at, now)));
    let error = attempt
        .error
        .as_ref()
        .map(|error| format!("; {}: {}", error.code, error.message));
    let parts = [Some(state.to_owned()), sent, ended, error];
    parts.into_iter().flatten().collect()
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
        assert_eq!(super::tree(&tree, SCREEN, Timestamp::UNIX_EPOCH), expected);
    }

    #[test]
    fn times_are_shown_as_somebody_reads_them() {
        let now = "2026-11-24T03:00:00Z".parse().unwrap();
        let text =
            "scratch-full; next attempt at 2026-11-24T03:19:54.656383451Z, first at 2026-11-23T23:01:02Z";
        let expected = "scratch-full; next attempt at 03:19:54, first at 11-23 23:01";
        assert_eq!(readable(text, now), expected);
        assert_eq!(readable("42  cells, version 2", now), "42  cells, version 2");
    }

    #[test]
    fn how_long_a_cell_takes_is_said_in_a_sentence() {
        let json = r#"{"product": "QPO_ECL", "rev": 5, "state": "running", "since": "2026-11-24T04:09:04Z", "late": true,
            "expected": {"p50_ms": 41000, "p95_ms": 63000},
            "eta": {"p50": "2026-11-24T04:11:30Z", "p95": "2026-11-24T04:12:40Z"}}"#;
        let mut cell: Cell = serde_json::from_str(json).unwrap();
        let now = "2026-11-24T04:10:30Z".parse().unwrap();
        let expected = "takes 00:41, in 95 of 100 cases at most 01:03: it is late; expected at 04:11:30, in 95 of 100 \
cases by 04:12:40";
        assert_eq!(timing(&cell, now).unwrap(), expected);
        assert_eq!(
            (state(&cell).0.as_str(), eta(&cell, now).as_str()),
            ("running late", "60s")
        );
        (cell.expected, cell.eta, cell.late) = (None, None, false);
        assert_eq!((timing(&cell, now), eta(&cell, now)), (None, String::new()));
    }

    #[test]
    fn what_was_made_says_more_than_what_came_in() {
        let counts = Counts::from([(CellState::Done, 3), (CellState::Received, 1)]);
        let headline = |worst| headline(Some(worst), &counts);
        assert_eq!(headline(CellState::Received), Some(CellState::Done));
        assert_eq!(headline(CellState::Failed), Some(CellState::Failed));
        let nothing = Counts::from([(CellState::Received, 1)]);
        assert_eq!(
            super::headline(Some(CellState::Received), &nothing),
            Some(CellState::Received)
        );
    }

    #[test]
    fn counts_begin_with_what_wants_attention() {
        let counts = Counts::from([
            (CellState::Done, 12),
            (CellState::Failed, 1),
            (CellState::Running, 0),
            (CellState::NotExpected, 27),
        ]);
        assert_eq!(counted(&counts), "13 cells: 1 failed, 12 done");
        assert_eq!(counted(&Counts::new()), "0 cells");
    }
}
