//! An orchestra, and what a call of the console leaves behind.

use api::conductor::CellView;
use domain::CellState;
use serde::de::DeserializeOwned;
use stage::{CONDUCTOR, MOCK_PIPELINE};
use std::process::Command;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually_some};

pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// What a call of the console left behind.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn is(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.is(0).out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// An orchestra whose pipelines make everything at once, and the console of somebody called Ada.
pub(crate) struct Scene(pub(crate) Orchestra);

impl Scene {
    pub(crate) async fn start(mock: &[&str]) -> Self {
        let swift = ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"];
        let options = OrchestraOptions::default().args(MOCK_PIPELINE, swift.iter().chain(mock));
        Self(options.start().await)
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestra-console"));
        command
            .args(line.split(' '))
            .env("ORCHESTRA_CONDUCTOR", self.0.url(CONDUCTOR).as_str())
            .env("ORCHESTRA_NATS", self.0.nats_url())
            .env("ORCHESTRA_OPERATOR", "ada");
        command
    }

    pub(crate) async fn say(&self, line: &str) -> Said {
        let mut command = self.command(line);
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap());
        let ended = ended.await.unwrap();
        Said {
            code: ended.status.code(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// Waits until a cell is so, as the console shows it.
    pub(crate) async fn until(&self, obs_id: &str, product: &str, state: CellState) -> CellView {
        let line = format!("show {obs_id} {product} --json");
        eventually_some(DEADLINE, async || {
            let said = self.say(&line).await;
            let view: CellView = serde_json::from_str(&said.out).ok()?;
            (view.cell.state == state).then_some(view)
        })
        .await
    }
}

/// The cells of one row of a table, whose columns are two spaces apart.
pub(crate) fn row<'a>(table: &'a str, first: &str) -> Vec<&'a str> {
    let line = table.lines().find(|line| line.starts_with(first));
    let line = line.unwrap_or_else(|| panic!("no row of {first} in\n{table}"));
    line.split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect()
}

pub(crate) fn is_clock(text: &str) -> bool {
    text.len() == 8 && jiff::civil::Time::strptime("%H:%M:%S", text).is_ok()
}
