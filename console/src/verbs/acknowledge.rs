//! `acknowledge`: somebody has seen why cells failed, or what an alert stands for.

use super::act;
use crate::args::Acknowledge;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use api::conductor::{AcknowledgeRequest, Acknowledged};
use jiff::Timestamp;
use std::process::ExitCode;

pub(super) async fn run(
    session: &Session,
    verb: Acknowledge,
    output: &mut Output,
) -> anyhow::Result<ExitCode> {
    let lasting = humantime::format_duration(verb.lasting).to_string();
    let request = AcknowledgeRequest {
        selector: verb.on.selector(),
        fingerprint: verb.fingerprint,
        until: None,
        lasting: Some(lasting.replace(' ', "")),
    };
    let answer = session.conductor()?.acknowledge(&request).await;
    let answer = answer.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !answer.items.is_empty() {
        output.table(&act::table(&answer.items))?;
    }
    output.line(summary(&answer, output.now))?;
    Ok(ExitCode::SUCCESS)
}

fn summary(answer: &Acknowledged, now: Timestamp) -> String {
    let causes = answer.acknowledgements.len();
    let Some(first) = answer.acknowledgements.first() else {
        return "nothing to acknowledge: no such cell failed".to_owned();
    };
    if answer.dry_run {
        return "nothing was done: this was a dry run".to_owned();
    }
    let causes = if causes == 1 {
        "1 cause".to_owned()
    } else {
        format!("{causes} causes")
    };
    let until = cells::when(first.until, now);
    format!("{causes} acknowledged until {until} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_acknowledged_is_counted_by_its_cause() {
        let now = "2026-11-24T04:00:00Z".parse().unwrap();
        let told = |dry_run: bool, many: &str| {
            let json = format!(r#"{{"dry_run":{dry_run},"acknowledgements":[{many}],"items":[]}}"#);
            summary(&serde_json::from_str(&json).unwrap(), now)
        };
        let one =
            r#"{"fingerprint":"f","by":"ada","at":"2026-11-24T04:00:00Z","until":"2026-11-24T12:00:00Z"}"#;
        assert_eq!(told(false, one), "1 cause acknowledged until 12:00:00 UTC");
        assert_eq!(
            told(false, &format!("{one},{one}")),
            "2 causes acknowledged until 12:00:00 UTC"
        );
        assert_eq!(told(true, one), "nothing was done: this was a dry run");
        assert_eq!(told(false, ""), "nothing to acknowledge: no such cell failed");
    }
}
