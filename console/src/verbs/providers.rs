//! `providers`, `pause`, `drain`, `resume`: who makes products, how they are, and whether they are sent anything.

use crate::args::Provider;
use crate::cells;
use crate::link::Steer;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use api::PageQuery;
use api::conductor::{ProviderRequest, ProviderView};
use domain::ProviderState;
use jiff::Timestamp;
use std::process::ExitCode;

/// The largest page: no graph has more providers.
const ALL: u32 = 1000;

/// Lists the providers.
pub(super) async fn list(session: &Session, output: &mut Output) -> anyhow::Result<ExitCode> {
    let page = PageQuery {
        limit: Some(ALL),
        cursor: None,
    };
    let board = session.conductor()?.providers(&page).await;
    let board = board.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&board)?;
    } else if board.items.is_empty() {
        output.line("the graph has no providers")?;
    } else {
        output.table(&table(&board.items, output.now))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Pauses, drains or resumes one.
pub(super) async fn steer(
    session: &Session,
    steer: Steer,
    verb: Provider,
    output: &mut Output,
) -> anyhow::Result<ExitCode> {
    let request = ProviderRequest { note: verb.note };
    let conductor = session.conductor()?;
    let shown = match steer {
        Steer::Pause => conductor.pause(&verb.name, &request).await,
        Steer::Drain => conductor.drain(&verb.name, &request).await,
        Steer::Resume => conductor.resume(&verb.name, &request).await,
    };
    let shown = shown.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&shown)?;
    } else {
        output.line(summary(&shown))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `lc is draining: 2 at work, 7 waiting`
fn summary(shown: &ProviderView) -> String {
    let ProviderView {
        provider,
        in_flight,
        queued,
        ..
    } = shown;
    let (state, _) = word(shown.state);
    format!("{provider} is {state}: {in_flight} at work, {queued} waiting")
}

fn table(items: &[ProviderView], now: Timestamp) -> Table {
    let mut table = Table::new(["PROVIDER", "STATE", "AT WORK", "WAITING", "HEARD", "WHY"]);
    for item in items {
        let (state, ink) = word(item.state);
        let at_work = match item.max_in_flight {
            Some(most) => format!("{}/{most}", item.in_flight),
            None => item.in_flight.to_string(),
        };
        table.row([
            (item.provider.to_string(), Ink::Plain),
            (state.to_owned(), ink),
            (at_work, Ink::Plain),
            (item.queued.to_string(), Ink::Plain),
            (
                item.seen_at.map_or_else(String::new, |at| cells::when(at, now)),
                Ink::Dim,
            ),
            (why(item, now), Ink::Plain),
        ]);
    }
    table
}

/// Why nothing is sent to it; else what it says about itself.
fn why(item: &ProviderView, now: Timestamp) -> String {
    if let Some(by) = &item.by {
        let since = item
            .since
            .map_or_else(String::new, |at| format!(" at {}", cells::when(at, now)));
        let note = item
            .note
            .as_ref()
            .map_or_else(String::new, |note| format!(": {note}"));
        return format!("by {by}{since}{note}");
    }
    match (item.probe_at, item.busy_until) {
        (Some(at), _) => format!("not reached; tried at {}", cells::when(at, now)),
        (None, _) if item.state == ProviderState::Open => "not reached; being tried".to_owned(),
        (None, Some(until)) => format!("busy until {}", cells::when(until, now)),
        (None, None) => item.detail.clone().unwrap_or_default(),
    }
}

fn word(state: ProviderState) -> (&'static str, Ink) {
    match state {
        ProviderState::Up => ("up", Ink::Good),
        ProviderState::Late => ("late", Ink::Warn),
        ProviderState::Lost => ("lost", Ink::Bad),
        ProviderState::Paused => ("paused", Ink::Warn),
        ProviderState::Draining => ("draining", Ink::Warn),
        ProviderState::Open => ("open", Ink::Bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_fit_80_columns_and_say_why_they_wait() {
        let items: Vec<ProviderView> = serde_json::from_str(
            r#"[
            {"provider":"ecl_vhf_pipeline","state":"paused","url":"http://e:1/","in_flight":0,"max_in_flight":4,
             "queued":31,"seen_at":"2026-11-24T04:09:58Z","since":"2026-11-24T03:50:00Z","by":"ada","note":"disk is full"},
            {"provider":"mxt_vhf_pipeline","state":"open","url":"http://m:1/","in_flight":0,"queued":3,
             "probe_at":"2026-11-24T04:10:20Z"},
            {"provider":"notice_pipeline","state":"open","url":"http://n:1/","in_flight":1,"queued":3},
            {"provider":"qpo_ecl_pipeline","state":"up","url":"http://q:1/","in_flight":1,"queued":2,
             "busy_until":"2026-11-24T04:10:07Z"},
            {"provider":"vtac_pipeline","state":"late","url":"http://v:1/","in_flight":0,"queued":0,
             "seen_at":"2026-11-24T04:09:40Z","detail":"reads its catalogue"}]"#,
        )
        .unwrap();
        let now = "2026-11-24T04:10:00Z".parse().unwrap();
        insta::assert_snapshot!(table(&items, now).drawn(Some(80), false));
        assert_eq!(
            summary(&items[0]),
            "ecl_vhf_pipeline is paused: 0 at work, 31 waiting"
        );
    }
}
