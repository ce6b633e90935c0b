//! `alerts`: what calls for a human now.

use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use api::conductor::AlertView;
use domain::Severity;
use jiff::Timestamp;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, output: &mut Output) -> anyhow::Result<ExitCode> {
    let alerts = session.conductor()?.alerts().await;
    let alerts = alerts.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&alerts)?;
    } else if alerts.items.is_empty() {
        output.line("nothing calls for a human")?;
    } else {
        output.table(&table(&alerts.items, output.now))?;
        if alerts.next.is_some() {
            output.line(format!("the worst {} of more", alerts.items.len()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(alerts: &[AlertView], now: Timestamp) -> Table {
    let mut table = Table::new(["SEVERITY", "SINCE", "CELLS", "SEEN BY", "ALERT"]);
    for alert in alerts {
        let seen = alert.acknowledged.as_ref();
        let ink = match alert.severity {
            _ if seen.is_some() => Ink::Dim,
            Severity::Warning => Ink::Warn,
            Severity::Critical => Ink::Bad,
        };
        let targets = match alert.targets.as_slice() {
            [] => String::new(),
            targets => format!(" ({})", targets.join(", ")),
        };
        table.row([
            (alert.severity.as_str().to_owned(), ink),
            (cells::when(alert.since, now), Ink::Dim),
            (alert.count.to_string(), Ink::Plain),
            (seen.map_or_else(String::new, |seen| seen.by.clone()), Ink::Plain),
            (format!("{}{targets}", alert.title), Ink::Plain),
        ]);
    }
    table.unless_empty("SEEN BY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_fit_80_columns_and_say_who_has_seen_them() {
        let alerts: Vec<AlertView> = serde_json::from_str(
            r#"[{"fingerprint":"a","severity":"critical","title":"2 cells failed at vvpp_pipeline: no-calibration",
                 "since":"2026-11-24T04:09:00Z","count":2,"targets":["QPO_VT of sb26112401","QPO_VT of 42"]},
                {"fingerprint":"b","severity":"warning","title":"mxt_vhf_pipeline is lost","since":"2026-11-23T23:50:00Z",
                 "count":0,"acknowledged":{"fingerprint":"b","by":"ada","at":"2026-11-24T04:00:00Z",
                 "until":"2026-11-24T12:00:00Z"}}]"#,
        )
        .unwrap();
        let now = "2026-11-24T04:12:00Z".parse().unwrap();
        insta::assert_snapshot!(table(&alerts, now).drawn(Some(80), false));
    }
}
