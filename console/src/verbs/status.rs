//! `status`: who speaks on `activity.*`, and how they say they are.

use crate::args::Status;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use domain::{Activity, ServiceState, StatusActivity};
use jiff::{SignedDuration, Timestamp};
use messaging::{Bus, Heard};
use service_kit::exit;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Each process of each service, with its latest word.
pub(super) type Heads = BTreeMap<(String, String), StatusActivity>;

/// Whom every orchestra has; pipelines and sources may be anybody.
const EXPECTED: [&str; 2] = ["conductor", "sdb"];
/// Services speak every 5 s: who did not for longer is not taken at an old word.
const FRESH: SignedDuration = SignedDuration::from_secs(6);
/// How much of the past is read: minutes of a quiet orchestra, read within milliseconds.
const RECENT: u64 = 2000;

pub(super) async fn run(session: &Session, verb: &Status, output: &mut Output) -> anyhow::Result<ExitCode> {
    let heads = heard(session, verb.wait, output.now).await?;
    let silent = silent(&heads);
    if output.json {
        output.document(&heads.values().collect::<Vec<_>>())?;
    } else if heads.is_empty() {
        output.line(format!(
            "no service spoke within {}; is the orchestra running? (just up)",
            humantime::format_duration(verb.wait)
        ))?;
    } else {
        output.table(&table(&heads, &silent))?;
    }
    let well = silent.is_empty() && heads.values().all(|status| is_well(status.state));
    Ok(ExitCode::from(if well { exit::OK } else { exit::FAILURE }))
}

/// Who spoke lately, or does within this time.
pub(super) async fn heard(session: &Session, wait: Duration, now: Timestamp) -> anyhow::Result<Heads> {
    let bus = session.bus().await?;
    let mut heads = recent(&bus, now).await;
    if !silent(&heads).is_empty() {
        listen(&bus, wait, &mut heads).await?;
    }
    leave_out_predecessors(&mut heads);
    Ok(heads)
}

/// What was said within the last seconds, as far as the stream knows; it is only a shortcut.
async fn recent(bus: &Bus, now: Timestamp) -> Heads {
    let mut heads = Heads::new();
    for said in bus.recent_activity(RECENT).await.unwrap_or_default() {
        if now.duration_since(said.at) <= FRESH {
            note(&mut heads, said.said);
        }
    }
    heads
}

async fn listen(bus: &Bus, wait: Duration, heads: &mut Heads) -> anyhow::Result<()> {
    let mut feed = bus.activity().await?;
    let end = Instant::now() + wait;
    // The time is over, or the connection is.
    while let Ok(Some(heard)) = timeout_at(end, feed.next()).await {
        if let Heard::Message { said, .. } = heard {
            note(heads, said);
        }
    }
    Ok(())
}

fn note(heads: &mut Heads, said: Activity) {
    if let Activity::Status(status) = said {
        heads.insert((status.service.to_string(), status.instance.to_string()), status);
    }
}

/// A process that said that it stops is no news once another one of its service speaks.
fn leave_out_predecessors(heads: &mut Heads) {
    let has_left = |status: &StatusActivity| status.state == ServiceState::Stopped;
    let there: Vec<String> = heads
        .iter()
        .filter(|(_, status)| !has_left(status))
        .map(|((service, _), _)| service.clone())
        .collect();
    heads.retain(|(service, _), status| !(has_left(status) && there.contains(service)));
}

/// Those that every orchestra has, and that did not speak.
pub(super) fn silent(heads: &Heads) -> Vec<&'static str> {
    let spoke = |name: &&str| heads.keys().any(|(service, _)| service == name);
    EXPECTED.into_iter().filter(|name| !spoke(name)).collect()
}

fn table(heads: &Heads, silent: &[&str]) -> Table {
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
    for name in silent {
        let nothing = || (String::new(), Ink::Plain);
        let advice = "is it running? (just status)".to_owned();
        table.row([
            ((*name).to_owned(), Ink::Plain),
            ("silent".to_owned(), Ink::Bad),
            nothing(),
            nothing(),
            nothing(),
            (advice, Ink::Plain),
        ]);
    }
    table
}

pub(super) fn word(state: ServiceState) -> (&'static str, Ink) {
    match state {
        ServiceState::Starting => ("starting", Ink::Plain),
        ServiceState::Ready => ("ready", Ink::Good),
        ServiceState::Busy => ("busy", Ink::Busy),
        ServiceState::Draining => ("draining", Ink::Warn),
        ServiceState::Stopped => ("stopped", Ink::Dim),
        ServiceState::Degraded => ("degraded", Ink::Bad),
    }
}

/// Whether nothing is wrong with who says this.
pub(super) fn is_well(state: ServiceState) -> bool {
    match state {
        ServiceState::Starting | ServiceState::Ready | ServiceState::Busy | ServiceState::Draining => true,
        ServiceState::Stopped | ServiceState::Degraded => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_stopped_is_shown_until_another_takes_its_place() {
        let mut heads = Heads::new();
        let mut say = |service: &str, instance: &str, state: &str| {
            let json = format!(
                r#"{{"kind":"status","service":"{service}","instance":"{instance}","state":"{state}","version":"0.1.0"}}"#
            );
            note(&mut heads, serde_json::from_str(&json).unwrap());
        };
        say("conductor", "1", "stopped");
        say("sdb", "1", "stopped");
        say("sdb", "2", "starting");
        leave_out_predecessors(&mut heads);
        let left: Vec<&str> = heads.values().map(|status| status.service.as_str()).collect();
        assert_eq!(left, ["conductor", "sdb"]);
        assert_eq!(silent(&heads), [""; 0]);
        heads.remove(&("conductor".to_owned(), "1".to_owned()));
        assert_eq!(silent(&heads), ["conductor"]);
    }

    #[test]
    fn services_fit_80_columns() {
        let said = [
            r#"{"service":"conductor","state":"busy","version":"0.1.0","in_flight":12,"queued":40,"at":"2026-11-24T04:09:00Z"}"#,
            r#"{"service":"vhf","state":"degraded","version":"0.1.0","at":"2026-11-24T04:09:01Z","detail":"disk: no space left for imports, exports go on"}"#,
        ];
        let heads = said
            .iter()
            .map(|json| serde_json::from_str::<StatusActivity>(json).unwrap());
        let heads = heads
            .map(|status| ((status.service.to_string(), String::new()), status))
            .collect();
        insta::assert_snapshot!(table(&heads, &["sdb"]).drawn(Some(80), false));
    }
}
