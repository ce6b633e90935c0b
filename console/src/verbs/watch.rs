//! `watch`: a line for each change, as the conductor says it.

use crate::args::Watch;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, paint};
use domain::{Activity, CellActivity, CellState, ObsId, ProductName};
use messaging::{Gap, Heard};
use service_kit::exit;
use std::collections::HashMap;
use std::process::ExitCode;

#[expect(
    clippy::print_stderr,
    reason = "notes about the listening itself are no results"
)]
pub(super) async fn run(session: &Session, verb: Watch, output: &mut Output) -> anyhow::Result<ExitCode> {
    let bus = session.bus().await?;
    let mut feed = bus.activity().await?;
    // A server takes the commands of one connection in order: once it answers, it has the subscription too,
    // and what is said from now on is heard. (A flush only empties our own buffer.)
    bus.check_server().await?;
    if !output.json {
        eprintln!(
            "watching {}; Ctrl-C ends it",
            verb.obs_id
                .as_ref()
                .map_or_else(|| "everything".to_owned(), ToString::to_string)
        );
    }
    let mut seen = Seen::default();
    while let Some(heard) = feed.next().await {
        match heard {
            Heard::Message { said, .. } if is_wanted(&said, verb.obs_id.as_ref()) => {
                if output.json {
                    output.json_line(&said)?;
                } else if seen.is_news(&said)
                    && let Some(line) = line(&said, output.screen().colour)
                {
                    output.line(line)?;
                }
            }
            Heard::Message { .. } => {}
            Heard::Missed(Gap::Reconnected) => {
                eprintln!("NATS was away; what happened meanwhile is not shown");
            }
            Heard::Missed(Gap::TooSlow) => eprintln!("too much at once; something is not shown"),
            Heard::Unreadable { subject, reason, .. } => eprintln!("unreadable on {subject}: {reason}"),
        }
    }
    Ok(ExitCode::from(exit::FAILURE))
}

/// How many cells are remembered: those of many bursts at once, in a few megabytes.
const REMEMBERED: usize = 10_000;

/// What was shown of each cell last: a message may come late or twice, and not each change is one to a reader.
#[derive(Debug, Default)]
struct Seen(HashMap<(ObsId, ProductName), (u64, String)>);

impl Seen {
    fn is_news(&mut self, said: &Activity) -> bool {
        let Activity::Cell(cell) = said else { return true };
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        let line = cell_line(cell, false);
        let known = self
            .0
            .entry((cell.obs_id.clone(), cell.product.clone()))
            .or_default();
        if cell.rev < known.0 || line == known.1 {
            return false;
        }
        *known = (cell.rev, line);
        true
    }
}

/// Changes of the orchestra as a whole belong to no observation and are shown to who watches everything.
fn is_wanted(said: &Activity, obs_id: Option<&ObsId>) -> bool {
    match said {
        Activity::Cell(cell) => obs_id.is_none_or(|wanted| cell.obs_id == *wanted),
        Activity::Provider(_) | Activity::Alert(_) | Activity::Operator(_) | Activity::Rejected(_) => {
            obs_id.is_none()
        }
        Activity::Status(_) | Activity::Processing(_) => false,
    }
}

fn line(said: &Activity, colour: bool) -> Option<String> {
    let at = |at: Option<jiff::Timestamp>| at.map_or_else(|| "--:--:--".to_owned(), cells::clock);
    Some(match said {
        Activity::Cell(cell) => cell_line(cell, colour),
        Activity::Provider(said) => {
            let state = format!("{:?}", said.state).to_lowercase();
            format!(
                "{} provider {} is {state}, {} at work, {} wait",
                at(said.at),
                said.provider,
                said.in_flight,
                said.queued
            )
        }
        Activity::Alert(said) => {
            let state = format!("{:?}", said.state).to_lowercase();
            format!(
                "{} {} {state}: {}",
                at(said.at),
                paint("alert", Ink::Bad, colour),
                said.title
            )
        }
        Activity::Operator(said) => {
            let note = said
                .note
                .as_ref()
                .map_or_else(String::new, |note| format!(" ({note})"));
            format!(
                "{} {} did {} to {}: {}{note}",
                at(said.at),
                said.by,
                said.verb,
                said.target,
                said.outcome
            )
        }
        Activity::Rejected(said) => {
            format!(
                "{} {} a message on {}: {}",
                at(said.at),
                paint("rejected", Ink::Warn, colour),
                said.subject,
                said.reason
            )
        }
        Activity::Status(_) | Activity::Processing(_) => return None,
    })
}

fn cell_line(cell: &CellActivity, colour: bool) -> String {
    let change = format!(
        "{} {:<10} {:<16} {}",
        cells::clock(cell.since),
        cell.obs_id,
        cell.product,
        paint(cell.state.as_str(), cells::ink(cell.state), colour)
    );
    let tries = cells::attempts(cell.attempt, cell.attempts);
    let tries = (!tries.is_empty()).then(|| format!(" {tries}"));
    // A cell that is made again still has its old version, which is no news.
    let is_there = matches!(
        cell.state,
        CellState::Done | CellState::Received | CellState::Stale
    );
    let version = cell.version.filter(|_| is_there);
    let version = version.map(|version| format!(" version {version}"));
    let reason = cell
        .reason
        .as_ref()
        .filter(|reason| !reason.is_empty())
        .map(|reason| format!(", {}", cells::readable(reason, cell.since)));
    [Some(change), tries, version, reason]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> Activity {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_change_is_one_line() {
        let change = said(
            r#"{"kind":"cell","service":"conductor","rev":7,"product":"QPO_ECL","obs_id":42,"state":"retrying",
                "since":"2026-11-24T04:09:05Z","attempt":1,"attempts":3,"reason":"attempt 1 of 3 failed: mock-failure"}"#,
        );
        let expected =
            "04:09:05 42         QPO_ECL          retrying 1/3, attempt 1 of 3 failed: mock-failure";
        assert_eq!(line(&change, false).unwrap(), expected);
        assert!(
            is_wanted(&change, Some(&42.try_into().unwrap()))
                && !is_wanted(&change, Some(&43.try_into().unwrap()))
        );
    }

    #[test]
    fn what_was_shown_and_what_is_older_is_no_news() {
        let cell = |rev: u64, state: &str| {
            said(&format!(
                r#"{{"kind":"cell","service":"conductor","rev":{rev},"product":"QPO_ECL","obs_id":42,
                    "state":"{state}","since":"2026-11-24T04:09:05Z"}}"#
            ))
        };
        let mut seen = Seen::default();
        let news: Vec<bool> = [
            (3, "running"),
            (4, "done"),
            (5, "done"),
            (2, "queued"),
            (6, "stale"),
        ]
        .into_iter()
        .map(|(rev, state)| seen.is_news(&cell(rev, state)))
        .collect();
        assert_eq!(news, [true, true, false, false, true]);
    }

    #[test]
    fn what_belongs_to_no_observation_is_for_who_watches_everything() {
        let act = said(
            r#"{"kind":"operator","service":"conductor","at":"2026-11-24T04:09:05Z","verb":"retry","target":"QPO_ECL of 42",
                "by":"ada","note":"new calibration","outcome":"queued"}"#,
        );
        assert_eq!(
            line(&act, false).unwrap(),
            "04:09:05 ada did retry to QPO_ECL of 42: queued (new calibration)"
        );
        assert!(is_wanted(&act, None) && !is_wanted(&act, Some(&42.try_into().unwrap())));
        assert!(!is_wanted(
            &said(r#"{"kind":"status","service":"sdb","state":"ready"}"#),
            None
        ));
    }
}
