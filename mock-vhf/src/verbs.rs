//! The verbs that serve nothing: `list` and `replay`.

use crate::args::{Pace, ReplayArgs};
use crate::table::{self, Burst};
use anyhow::{Context as _, bail};
use api::vhf::{self, Replay, ReplayRequest, ReplayState};
use api::{ApiError, Http, VhfClient};
use std::io::{self, Write};
use std::time::Duration;
use tokio::time::sleep;

/// How often a replay is asked how far it is.
const POLL: Duration = Duration::from_millis(500);

impl Burst {
    /// The burst as the API and `list` tell it.
    pub fn view(&self) -> vhf::Burst {
        let steps = crate::script::steps(self);
        let packets: Vec<_> = steps
            .iter()
            .filter(|step| step.act != crate::script::Act::Retraction)
            .collect();
        let (mut inputs, mut instruments) = (Vec::new(), Vec::new());
        for product in packets.iter().map(|step| &step.product) {
            if !inputs.contains(product) {
                inputs.push(product.clone());
            }
        }
        for message in &self.messages {
            let instrument = message.kind.instrument().as_str().to_owned();
            if !instruments.contains(&instrument) {
                instruments.push(instrument);
            }
        }
        let (first, last) = (&self.messages[0], &self.messages[self.messages.len() - 1]);
        let span = last.received_at.duration_since(first.received_at);
        vhf::Burst {
            burst_id: self.id.to_owned(),
            t0: first.facts.t0,
            first_at: first.received_at,
            span_seconds: u64::try_from(span.as_secs()).unwrap_or_default(),
            instruments,
            packets: packets.len() as u64,
            inputs,
            retractions: self
                .messages
                .iter()
                .filter(|message| message.kind.is_retraction())
                .count() as u64,
        }
    }
}

/// Shows the bursts that can be replayed.
///
/// # Errors
/// Those of the output.
pub fn list(json: bool, out: &mut impl Write) -> io::Result<()> {
    let bursts: Vec<vhf::Burst> = table::bursts().iter().map(Burst::view).collect();
    if json {
        serde_json::to_writer_pretty(&mut *out, &bursts)?;
        return writeln!(out);
    }
    writeln!(
        out,
        "{:<10}  {:<19}  {:>7}  {:>8}  INSTRUMENTS",
        "BURST", "FIRST MESSAGE (UTC)", "PACKETS", "SPAN"
    )?;
    for burst in bursts {
        let first = burst.first_at.strftime("%Y-%m-%d %H:%M:%S");
        let retracted = if burst.retractions > 0 { ", retracted" } else { "" };
        let (id, packets, span) = (&burst.burst_id, burst.packets, span(burst.span_seconds));
        writeln!(
            out,
            "{id:<10}  {first:<19}  {packets:>7}  {span:>8}  {}{retracted}",
            burst.instruments.join(", ")
        )?;
    }
    Ok(())
}

/// Asks for a replay and follows it, also over a restart of the service.
///
/// # Errors
/// A service that does not answer, a request that it refuses, a replay that was stopped.
pub async fn replay(args: ReplayArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let client = VhfClient::new(Http::new(), args.url.clone());
    let Pace { speed, gap } = args.pace;
    let request = ReplayRequest {
        burst: args.which.burst,
        all: args.which.all,
        speed: Some(speed),
        gap: Some(gap),
    };
    let mut replay = client
        .replay(&request)
        .await
        .map_err(|error| explain(error, &args.url))?;
    let mut told = None;
    loop {
        let now = (replay.burst.clone(), replay.announced, replay.state);
        let (news, burst_news) = (
            told.as_ref() != Some(&now),
            told.as_ref().map(|told| &told.0) != Some(&now.0),
        );
        if (args.json && news) || burst_news || (news && replay.state != ReplayState::Running) {
            tell(&replay, args.json, out)?;
        }
        told = Some(now);
        match replay.state {
            ReplayState::Done => return Ok(()),
            ReplayState::Stopped => bail!("replay {} was stopped", replay.id),
            ReplayState::Running if args.no_wait => return Ok(()),
            ReplayState::Running => sleep(POLL).await,
        }
        match client.progress(replay.id).await {
            Ok(progress) => replay = progress,
            Err(error) if error.problem().is_some() => return Err(explain(error, &args.url)),
            // It was killed, or is slow: a replay goes on where it was.
            Err(error) => tracing::warn!(
                error = format!("{:#}", anyhow::Error::from(error)),
                "still asking"
            ),
        }
    }
}

fn tell(replay: &Replay, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, replay)?;
        writeln!(out)?;
    } else {
        let (id, announced, total) = (replay.id, replay.announced, replay.total);
        let at = match replay.state {
            ReplayState::Running => replay.burst.as_deref().unwrap_or("no burst"),
            ReplayState::Done => "done",
            ReplayState::Stopped => "stopped",
        };
        writeln!(out, "replay {id}: {announced:>4} of {total} announced, {at}")?;
    }
    out.flush().context("standard output")
}

fn explain(error: ApiError, url: &url::Url) -> anyhow::Error {
    if error.is_unreachable() {
        return anyhow::Error::from(error)
            .context(format!("mock-vhf does not answer at {url}; is it running?"));
    }
    error.into()
}

/// `1h25m`, `16m27s`, `4s`.
fn span(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "-".to_owned(),
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
}
