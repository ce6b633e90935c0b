//! `runs`: the run ledger.

use crate::args::Runs;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use api::codes;
use api::conductor::{RunQuery, RunView};
use domain::RunId;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: Runs, output: &mut Output) -> anyhow::Result<ExitCode> {
    if let Some(run_id) = &verb.run_id {
        return one(session, run_id, output).await;
    }
    let query = RunQuery {
        state: verb.state,
        provider: verb.provider,
        since: verb.since.map(|since| since.at(output.now)),
        limit: Some(verb.limit),
        cursor: None,
    };
    let page = session
        .conductor()?
        .runs(&query)
        .await
        .map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&page)?;
    } else if page.items.is_empty() {
        output.line("no such run")?;
    } else {
        output.table(&table(&page.items))?;
        if page.next.is_some() {
            output.line(format!("the newest {}; --limit shows more", page.items.len()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn one(session: &Session, run_id: &RunId, output: &mut Output) -> anyhow::Result<ExitCode> {
    let run = session.conductor()?.run(run_id).await.map_err(|error| {
        if error.is_code(codes::UNKNOWN_RUN) {
            anyhow::anyhow!(
                "the conductor has no run {run_id}; `orchestra-console runs` shows the newest ones"
            )
        } else {
            session.explain(error)
        }
    })?;
    if output.json {
        output.document(&run)?;
    } else {
        whole(&run, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A run id is copied, so it is never broken; `runs RUN_ID` tells the rest.
fn table(runs: &[RunView]) -> Table {
    let mut table = Table::new(["RUN", "OBSERVATION", "PRODUCT", "STATE"]);
    for run in runs {
        let tries = cells::attempts(run.attempt, Some(run.max_attempts).filter(|max| *max > 0));
        table.row([
            (run.run_id.to_string(), Ink::Plain),
            (run.obs_id.to_string(), Ink::Plain),
            (run.product.to_string(), Ink::Plain),
            (
                format!("{} {tries}", run.state).trim_end().to_owned(),
                cells::run_ink(run.state),
            ),
        ]);
    }
    table
}

/// One run with its attempts.
pub(super) fn whole(run: &RunView, output: &mut Output) -> anyhow::Result<()> {
    let RunView {
        run_id,
        product,
        obs_id,
        provider,
        state,
        ..
    } = run;
    let now = output.now;
    output.text(format!("{run_id}: {product} of {obs_id} at {provider}, {state}"))?;
    let mut table = Table::new(["", ""]);
    let mut tell = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            table.row([(format!("  {name}"), Ink::Dim), (value, Ink::Plain)]);
        }
    };
    tell("trigger", run.trigger.clone());
    tell(
        "reason",
        run.reason.as_ref().map(|reason| cells::readable(reason, now)),
    );
    tell("created", Some(format!("{} UTC", cells::date(run.created_at))));
    tell("ended", run.ended_at.map(|at| format!("{} UTC", cells::date(at))));
    tell(
        "next attempt",
        run.retry_at.map(|at| format!("{} UTC", cells::date(at))),
    );
    tell("version", run.version.map(|version| version.to_string()));
    let inputs = run.inputs.iter().map(|input| match input.version {
        Some(version) => format!("{} version {version}", input.product),
        None => input.product.to_string(),
    });
    tell("made from", Some(inputs.collect::<Vec<_>>().join(", ")));
    tell(
        "without",
        Some(
            run.missing
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        ),
    );
    tell(
        "parameters",
        run.params
            .as_ref()
            .map(|params| serde_json::Value::Object(params.clone()).to_string()),
    );
    for attempt in &run.attempts {
        tell(
            &format!("attempt {}", attempt.attempt),
            Some(cells::told(attempt, now)),
        );
    }
    output.table(&table)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_fit_80_columns() {
        let runs: Vec<RunView> = serde_json::from_str(
            r#"[{"run_id":"run_4f0c3a6e9d5b4f0c8a7e1b2c3d4e5f60","obs_id":"sb26022501","product":"QPO_ECL",
                "provider":"qpo_ecl_pipeline","state":"failed","reason":"3 of 3 attempts failed, the last with mock-failure",
                "created_at":"2026-11-24T04:09:00Z","attempt":3,"max_attempts":3},
               {"run_id":"r2","obs_id":42,"product":"TT_ECL","provider":"p","state":"queued","created_at":"2026-11-24T04:09:01Z","max_attempts":3}]"#,
        )
        .unwrap();
        insta::assert_snapshot!(table(&runs).drawn(Some(80), false));
    }
}
