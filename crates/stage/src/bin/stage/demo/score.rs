//! What came of each burst.

use super::watch::observations;
use api::conductor::{ObservationView, RunQuery, RunView};
use api::{ApiError, ConductorClient};
use domain::{CellState, ObsId, RunState};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt;

/// The largest page of a list.
const PAGE: u32 = 1000;

/// The table at the end of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Score {
    lines: Vec<Line>,
}

/// One burst.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    obs_id: ObsId,
    first_at: Option<Timestamp>,
    inputs: u64,
    made: u64,
    failed: u64,
    waiting: u64,
    attempts: u64,
    last_product_at: Option<Timestamp>,
}

/// Asks the conductor for all of it.
pub(super) async fn collect(conductor: &ConductorClient) -> anyhow::Result<Score> {
    let mut runs: BTreeMap<ObsId, Vec<RunView>> = BTreeMap::new();
    for run in all_runs(conductor).await? {
        runs.entry(run.obs_id.clone()).or_default().push(run);
    }
    let mut lines = Vec::new();
    for item in observations(conductor).await? {
        let view = conductor.observation(&item.obs_id).await?;
        let runs = runs.remove(&item.obs_id).unwrap_or_default();
        lines.push(Line::new(&view, item.first_at, &runs));
    }
    lines.sort_by(|a, b| (a.first_at, &a.obs_id).cmp(&(b.first_at, &b.obs_id)));
    Ok(Score { lines })
}

async fn all_runs(conductor: &ConductorClient) -> Result<Vec<RunView>, ApiError> {
    let mut all = Vec::new();
    let mut query = RunQuery {
        limit: Some(PAGE),
        ..RunQuery::default()
    };
    loop {
        let page = conductor.runs(&query).await?;
        all.extend(page.items);
        if page.next.is_none() {
            return Ok(all);
        }
        query.cursor = page.next;
    }
}

impl Line {
    fn new(view: &ObservationView, first_at: Option<Timestamp>, runs: &[RunView]) -> Self {
        let mut line = Self {
            obs_id: view.obs_id.clone(),
            first_at,
            inputs: 0,
            made: 0,
            failed: 0,
            waiting: 0,
            attempts: runs
                .iter()
                .filter_map(|run| run.attempt)
                .map(|attempt| u64::from(attempt.0))
                .sum(),
            last_product_at: runs
                .iter()
                .filter(|run| run.state == RunState::Succeeded)
                .filter_map(|run| run.ended_at)
                .max(),
        };
        for cell in &view.cells {
            let is_input = cell.provider.is_none();
            match cell.state {
                CellState::Received => line.inputs += 1,
                CellState::Done | CellState::Stale if is_input => line.inputs += 1,
                CellState::Done | CellState::Stale => line.made += 1,
                CellState::Failed | CellState::Quarantined => line.failed += 1,
                CellState::Waiting | CellState::Held => line.waiting += 1,
                // Over when this is read, or outside of what the packets allow.
                CellState::NotExpected
                | CellState::Retracted
                | CellState::Cancelled
                | CellState::Grace
                | CellState::Queued
                | CellState::Requested
                | CellState::Running
                | CellState::Retrying => {}
            }
        }
        line
    }

    fn latency(&self) -> Option<SignedDuration> {
        Some(self.last_product_at?.duration_since(self.first_at?))
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |of: fn(&Line) -> u64| self.lines.iter().map(of).sum::<u64>();
        let row = |f: &mut fmt::Formatter<'_>, name: &str, cells: [&dyn fmt::Display; 5], latency: &str| {
            write!(f, "{name:<14}")?;
            for cell in cells {
                write!(f, " {:>8}", cell.to_string())?;
            }
            writeln!(f, " {latency:>12}")
        };
        row(
            f,
            "burst",
            [&"inputs", &"made", &"failed", &"blocked", &"attempts"],
            "first>last",
        )?;
        for line in &self.lines {
            let latency = line.latency().map_or_else(|| "-".to_owned(), seconds);
            let cells: [&dyn fmt::Display; 5] = [
                &line.inputs,
                &line.made,
                &line.failed,
                &line.waiting,
                &line.attempts,
            ];
            row(f, &line.obs_id.to_string(), cells, &latency)?;
        }
        let mut latencies: Vec<_> = self.lines.iter().filter_map(Line::latency).collect();
        latencies.sort_unstable();
        let median = latencies
            .get(latencies.len() / 2)
            .map_or_else(|| "-".to_owned(), |latency| seconds(*latency));
        let totals: [&dyn fmt::Display; 5] = [
            &sum(|line| line.inputs),
            &sum(|line| line.made),
            &sum(|line| line.failed),
            &sum(|line| line.waiting),
            &sum(|line| line.attempts),
        ];
        row(
            f,
            &format!("{} bursts", self.lines.len()),
            totals,
            &format!("p50 {median}"),
        )?;
        writeln!(
            f,
            "made: in the SDB; failed: every attempt did; blocked: waits for one that failed; \
             first>last: from the first packet to the last product"
        )
    }
}

fn seconds(duration: SignedDuration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> ObservationView {
        serde_json::from_str(
            r#"{"obs_id":"sb26022501","rev":9,"counts":{},"cells":[
            {"product":"EclTmVhfAlert","rev":1,"state":"received","since":"2026-02-25T00:00:00Z"},
            {"product":"QPO_ECL","rev":1,"state":"done","since":"2026-02-25T00:00:00Z","provider":"p"},
            {"product":"TT_ECL","rev":1,"state":"failed","since":"2026-02-25T00:00:00Z","provider":"p"},
            {"product":"X","rev":1,"state":"waiting","since":"2026-02-25T00:00:00Z","provider":"p"},
            {"product":"Y","rev":1,"state":"not_expected","since":"2026-02-25T00:00:00Z","provider":"p"}]}"#,
        )
        .unwrap()
    }

    fn run(state: &str, attempt: u32, ended_at: &str) -> RunView {
        serde_json::from_value(serde_json::json!({
            "run_id": "r", "obs_id": "sb26022501", "product": "QPO_ECL", "provider": "p", "state": state,
            "created_at": "2026-02-25T00:00:00Z", "ended_at": ended_at, "attempt": attempt
        }))
        .unwrap()
    }

    #[test]
    fn a_burst_is_counted_by_cell_and_its_time_ends_with_the_last_product() {
        let first_at = "2026-02-25T00:00:00Z".parse().unwrap();
        let runs = [
            run("succeeded", 2, "2026-02-25T00:00:04.25Z"),
            run("failed", 3, "2026-02-25T00:00:09Z"),
        ];
        let line = Line::new(&view(), Some(first_at), &runs);
        assert_eq!((line.inputs, line.made, line.failed, line.waiting), (1, 1, 1, 1));
        assert_eq!(line.attempts, 5);
        let score = Score { lines: vec![line] }.to_string();
        let rows: Vec<&str> = score.lines().collect();
        assert_eq!(
            rows[1].split_whitespace().collect::<Vec<_>>(),
            ["sb26022501", "1", "1", "1", "1", "5", "4.2", "s"]
        );
        assert_eq!(rows[0].len(), rows[1].len());
        assert!(
            rows[2].starts_with("1 bursts") && rows[2].ends_with("p50 4.2 s"),
            "{score}"
        );
    }
}
