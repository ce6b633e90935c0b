//! `announce`: the plain publish, for those without a NATS client.

use crate::args::Announce;
use crate::output::Output;
use crate::session::Session;
use anyhow::{Context as _, anyhow};
use domain::Announcement;
use messaging::PublishError;
use serde_json::json;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: Announce, output: &mut Output) -> anyhow::Result<ExitCode> {
    let announcement = Announcement {
        version: verb.version,
        href: verb.href.map(String::from),
        sha256: verb.sha256,
        burst_id: verb.burst_id.map(Into::into),
        meta: verb.meta,
        retracted: verb.retracted,
        absent: verb.absent,
        ..Announcement::of(verb.product, verb.obs_id)
    };
    // Each call is a new datum, as each plain publish is.
    let msg_id = format!("{}-{}", verb.source, uuid::Uuid::now_v7());
    let bus = session.bus().await?;
    let ack = bus
        .announce(&verb.source, &announcement, &msg_id)
        .await
        .map_err(explain)?;
    if output.json {
        let told = json!({"subject": format!("data.{}", verb.source), "msg_id": msg_id, "sequence": ack.sequence,
            "announcement": announcement});
        output.document(&told)?;
    } else {
        let body = serde_json::to_string(&announcement).context("the announcement")?;
        output.line(format!(
            "data.{} has {body} as number {}",
            verb.source, ack.sequence
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(error: PublishError) -> anyhow::Error {
    match error {
        PublishError::NoStream { subject, .. } => {
            anyhow!(
                "nothing listens to {subject} yet: no stream captures it; the conductor makes one when it starts"
            )
        }
        PublishError::Timeout
        | PublishError::TooLarge { .. }
        | PublishError::Disconnected
        | PublishError::Encode(_)
        | PublishError::Refused(_) => error.into(),
    }
}
