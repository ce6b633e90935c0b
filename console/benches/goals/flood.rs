//! Keys, losses and memory while far more comes than anybody can read.

use crate::args::Args;
use crate::desk::Desk;
use crate::scene::{self, PRODUCTS, Scene};
use anyhow::{Context as _, Result};
use bench::figure::{Figure, Times};
use std::time::{Duration, Instant};

/// As many as the console keeps.
const OBSERVATIONS: usize = 2000;
/// What the console is made for.
const PER_SECOND: u64 = 5000;
const LASTS: Duration = Duration::from_mins(1);
/// What it must take at once.
const BURST: usize = 50_000;
/// Bursts that fill the ring of events, so that it cannot grow any more.
const BURSTS: usize = 4;
/// Between two keys of somebody in a hurry.
const APART: Duration = Duration::from_millis(100);

pub(crate) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let base = base()?;
    let count = args.scaled(OBSERVATIONS);
    let mut scene = Scene::open(&scene::graph(false), count).await?;
    let mut desk = Desk::open(&scene);
    desk.is_synced();
    let calm = lost(&desk)?;

    desk.answers("ge");
    let mut bursts = Times::default();
    for number in 0..BURSTS {
        scene.burst(u64::try_from(args.scaled(BURST))?).await?;
        let text = format!("burst {number} is over");
        let said = Instant::now();
        scene.mark(&text).await?;
        desk.seat.sees(&text);
        desk.is_synced();
        bursts.push(said.elapsed());
    }
    let of_bursts = lost(&desk)?;
    desk.answers("go");
    let full = desk.memory()?;

    let lasts = args.window(LASTS);
    let pressing = std::thread::spawn({
        let mut desk = desk;
        move || {
            let times = desk.presses_for(lasts, APART);
            (desk, times)
        }
    });
    let sent = scene.paced(PER_SECOND, lasts).await?;
    let (back, mut keys) = pressing.join().ok().context("the operator fell asleep")?;
    desk = back;
    let said = Instant::now();
    scene.mark("the flood is over").await?;
    desk.answers("ge");
    desk.seat.sees("the flood is over");
    let behind = said.elapsed().as_secs_f64() * 1000.0;
    let after = lost(&desk)?;
    let grown = desk.memory()? - full;
    desk.leaves()?;

    let flood = format!("{PER_SECOND} events/s for {} s", lasts.as_secs());
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = sent as f64 / lasts.as_secs_f64();
    Ok(vec![
        Figure::new(format!("{flood}: said"), rate, "/s"),
        Figure::new(
            format!("{flood}: a key is answered, p50"),
            keys.percentile_ms(50),
            "ms",
        ),
        Figure::new(
            format!("{flood}: a key is answered, p99"),
            keys.percentile_ms(99),
            "ms",
        )
        .below(20.0),
        Figure::new(
            format!("{flood}: lost"),
            after.messages - of_bursts.messages,
            "events",
        )
        .below(1.0),
        Figure::new(
            format!("{flood}: losses of unknown size"),
            after.unknown(of_bursts),
            "",
        )
        .below(1.0),
        Figure::new(format!("{flood}: the last word is shown after"), behind, "ms").below(2000.0),
        Figure::new(
            format!("a burst of {}: lost", args.scaled(BURST)),
            of_bursts.messages - calm.messages,
            "events",
        ),
        Figure::new(
            format!("a burst of {}: all is shown after", args.scaled(BURST)),
            bursts.percentile_ms(100),
            "ms",
        )
        .below(2000.0),
        Figure::new("memory: nothing known yet", base, "MiB").below(12.0),
        Figure::new(
            format!("memory: {count} x {PRODUCTS} cells and 100 000 events"),
            full,
            "MiB",
        )
        .below(64.0),
        Figure::new(format!("memory: growth over {sent} further events"), grown, "MiB").below(2.0),
    ])
}

/// What a console holds that knows nothing.
fn base() -> Result<f64> {
    let desk = Desk::at("nats://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1");
    desk.seat.sees("CONDUCTOR LOST");
    let memory = desk.memory()?;
    desk.leaves()?;
    Ok(memory)
}

/// What the head says of losses.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Lost {
    messages: f64,
    /// It is coloured where something was lost, however much.
    colour: vt100::Color,
}

impl Lost {
    /// Whether something was lost since then of which nobody knows how much it was.
    fn unknown(self, before: Self) -> f64 {
        f64::from(u8::from(self.colour != before.colour))
    }
}

fn lost(desk: &Desk) -> Result<Lost> {
    desk.seat.shown(|screen| {
        let head = screen.contents();
        let head = head.lines().next().unwrap_or_default().to_owned();
        let at = head.find("lost ").context("the head says nothing of losses")?;
        let number: String = head[at + 5..].chars().take_while(char::is_ascii_digit).collect();
        let column = u16::try_from(head[..at].chars().count())?;
        let cell = screen.cell(0, column).context("the head is short")?;
        Ok(Lost {
            messages: number.parse()?,
            colour: cell.fgcolor(),
        })
    })
}
