//! `status`: who speaks on `activity.*`, and how they say they are.

use crate::args::Status;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use domain::{Activity, ServiceState, StatusActivity};
use messaging::Heard;
use service_kit::exit;
use std::collections::BTreeMap;
use std::process::ExitCode;
use tokio::time::{Instant, timeout_at};

/// Each process of each service, with its latest word.
type Heads = BTreeMap<(String, String), StatusActivity>;

pub(super) async fn run(session: &Session, verb: &Status, output: &mut Output) -> anyhow::Result<ExitCode> {
    let bus = session.bus().await?;
    let mut feed = bus.activity().await?;
    let end = Instant::now() + verb.wait;
    let mut heads = Heads::new();
    // The time is over, or the connection is.
    while let Ok(Some(heard)) = timeout_at(end, feed.next()).await {
        if let Heard::Message {
            said: Activity::Status(status),
            ..
        } = heard
        {
            heads.insert((status.service.to_string(), status.instance.to_string()), status);
        }
    }
    if output.json {
        output.document(&heads.values().collect::<Vec<_>>())?;
    } else if heads.is_empty() {
        output.line(format!(
            "no service spoke within {}; is the orchestra running? (just up)",
            humantime::format_duration(verb.wait)
        ))?;
    } else {
        output.table(&table(&heads))?;
    }
    let well = !heads.is_empty() && heads.values().all(|status| is_well(status.state));
    Ok(ExitCode::from(if well { exit::OK } else { exit::FAILURE }))
}

fn table(heads: &Heads) -> Table {
    let mut table = Table::new([
        "SERVICE",
        "STATE",
        "AT WORK",
        "WAITING",
        "SAID AT",
        "VERSION, DETAIL",
    ]);
    for status in heads.values() {
        let (word, ink) = word(status.state);
        let detail = if status.detail.is_empty() {
            String::new()
        } else {
            format!(" {}", status.detail)
        };
        table.row([
            (status.service.to_string(), Ink::Plain),
            (word.to_owned(), ink),
            (status.in_flight.to_string(), Ink::Plain),
            (status.queued.to_string(), Ink::Plain),
            (status.at.map_or_else(String::new, cells::clock), Ink::Dim),
            (format!("{}{detail}", status.version), Ink::Plain),
        ]);
    }
    table
}

fn word(state: ServiceState) -> (&'static str, Ink) {
    match state {
        ServiceState::Starting => ("starting", Ink::Plain),
        ServiceState::Ready => ("ready", Ink::Good),
        ServiceState::Busy => ("busy", Ink::Busy),
        ServiceState::Draining => ("draining", Ink::Warn),
        ServiceState::Stopped => ("stopped", Ink::Dim),
        ServiceState::Degraded => ("degraded", Ink::Bad),
    }
}

fn is_well(state: ServiceState) -> bool {
    match state {
        ServiceState::Starting | ServiceState::Ready | ServiceState::Busy | ServiceState::Draining => true,
        ServiceState::Stopped | ServiceState::Degraded => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_fit_80_columns() {
        let said = [
            r#"{"service":"conductor","state":"busy","version":"0.1.0","in_flight":12,"queued":40,"at":"2026-11-24T04:09:00Z"}"#,
            r#"{"service":"sdb","state":"degraded","version":"0.1.0","at":"2026-11-24T04:09:01Z","detail":"disk: no space left for imports, exports go on"}"#,
        ];
        let heads = said
            .iter()
            .map(|json| serde_json::from_str::<StatusActivity>(json).unwrap());
        let heads = heads
            .map(|status| ((status.service.to_string(), String::new()), status))
            .collect();
        insta::assert_snapshot!(table(&heads).drawn(Some(80), false));
    }
}
