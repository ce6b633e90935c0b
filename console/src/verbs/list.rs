//! `list`: observations.

use crate::args::List;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use api::Items;
use api::conductor::{ObservationItem, ObservationQuery};
use jiff::Timestamp;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: List, output: &mut Output) -> anyhow::Result<ExitCode> {
    let any = verb.state.is_none() && verb.product.is_none() && verb.q.is_none() && verb.since.is_none();
    let query = ObservationQuery {
        state: verb.state,
        product: verb.product,
        q: verb.q,
        since: verb.since.map(|since| since.at(output.now)),
        limit: Some(verb.limit),
        cursor: None,
    };
    let page = session
        .conductor()?
        .observations(&query)
        .await
        .map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&page)?;
    } else if page.items.is_empty() {
        output.text(if any {
            "nothing was announced yet; `orchestra-console announce EclTmVhfAlert 42` begins an observation"
        } else {
            "no such observation"
        })?;
    } else {
        output.table(&table(&page, output.now))?;
        if page.next.is_some() {
            output.line(format!("the first {}; --limit shows more", page.items.len()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(page: &Items<ObservationItem>, now: Timestamp) -> Table {
    let mut table = Table::new(["OBSERVATION", "WORST", "CHANGED UTC", "CELLS"]);
    for item in &page.items {
        let worst = cells::headline(item.worst, &item.counts);
        let changed = item
            .updated_at
            .map_or_else(String::new, |at| cells::when(at, now));
        table.row([
            (item.obs_id.to_string(), Ink::Plain),
            (
                worst.map_or_else(String::new, |worst| worst.to_string()),
                worst.map_or(Ink::Plain, cells::ink),
            ),
            (changed, Ink::Dim),
            (cells::counted(&item.counts), Ink::Plain),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_fit_80_columns() {
        let page = serde_json::from_str(
            r#"{"items":[
                {"obs_id":"sb26022501","rev":41,"counts":{"received":7,"done":14,"failed":1,"not_expected":18},"worst":"failed","updated_at":"2026-11-24T04:10:05Z"},
                {"obs_id":42,"rev":2,"counts":{"received":1,"running":2,"waiting":3,"grace":1,"queued":4,"retrying":1,"requested":2},"worst":"retrying","updated_at":"2026-11-24T04:12:05Z"},
                {"obs_id":41,"rev":2,"counts":{"received":1,"done":1},"worst":"received","updated_at":"2026-11-23T23:12:05Z"},
                {"obs_id":7,"rev":2,"counts":{}}]}"#,
        );
        let now = "2026-11-24T05:00:00Z".parse().unwrap();
        insta::assert_snapshot!(table(&page.unwrap(), now).drawn(Some(80), false));
    }
}
