//! `announce`: the plain publish, for those without a NATS client.

use crate::args::Announce;
use crate::output::Output;
use crate::session::Session;
use anyhow::{Context as _, anyhow};
use domain::{Announcement, ProductName};
use messaging::PublishError;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout;

/// The conductor is asked only for a hint, so it must not hold up the announcement's answer.
const HINT_TIMEOUT: Duration = Duration::from_secs(1);

pub(super) async fn run(session: &Session, verb: Announce, output: &mut Output) -> anyhow::Result<ExitCode> {
    let product = verb.product.clone();
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
    if is_unknown(session, &product).await {
        warn_of_unknown(&product);
    }
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

/// Whether the conductor's graph has no such product; false if the conductor cannot be asked.
async fn is_unknown(session: &Session, product: &ProductName) -> bool {
    let Ok(conductor) = session.conductor() else {
        return false;
    };
    let Ok(Ok(graph)) = timeout(HINT_TIMEOUT, conductor.graph()).await else {
        return false;
    };
    let mut products = graph.products.iter().map(|made| &made.product);
    !graph.inputs.contains(product) && !products.any(|made| made == product)
}

#[expect(clippy::print_stderr, reason = "a hint is no result")]
fn warn_of_unknown(product: &ProductName) {
    eprintln!("the graph has no {product}: it is kept as it is, and starts nothing");
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
