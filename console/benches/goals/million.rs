//! Keys while the conductor's ledger is large: what the console shows must not depend on how much there is.

use crate::args::Args;
use crate::desk::Desk;
use crate::scene::Scene;
use anyhow::Result;
use bench::crowd;
use bench::figure::{Figure, Times};
use std::time::Duration;

/// How often everything is done.
const ROUNDS: usize = 20;
/// Between two keys of somebody in a hurry.
const APART: Duration = Duration::from_millis(40);

/// Every view, and what is done in it; each of these is a key or the keys of one.
const KEYS: [&str; 56] = [
    "j", "j", "k", "l", "h", "\x04", "\x15", "G", "gg", "n", "N", "z", "z", "x", "x", "sn", "si", "so", "sa",
    "=", "=", "/", "4", "2", "\r", "\x1b", "o", "9", "9", "\x1b", "?", "x", ":", "\x1b", "Z", "Z", "\r",
    "gd", "j", "F", "gt", "gh", "gi", "w", "\x1b", "ge", "f", "gp", "gl", "G", "gR", "ga", "gs", "gf", "gr",
    "go",
];

pub(crate) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let count = if args.quick {
        args.observations / 100
    } else {
        args.observations
    };
    let scene = Scene::open(&serde_json::from_str(crowd::GRAPH)?, count).await?;
    let mut desk = Desk::open(&scene);
    desk.seat
        .waits("for data", |screen| screen.contents().contains("all done"));
    let data = desk.opened.elapsed().as_secs_f64() * 1000.0;
    desk.is_synced();
    let all = desk.opened.elapsed().as_secs_f64() * 1000.0;
    let mut keys = Times::default();
    for _ in 0..args.scaled(ROUNDS) {
        for key in KEYS {
            keys.push(desk.answers(key));
            tokio::time::sleep(APART).await;
        }
    }
    let memory = desk.memory()?;
    desk.leaves()?;
    let about = format!("{count} observations behind the conductor");
    Ok(vec![
        Figure::new(format!("{about}: first data"), data, "ms"),
        Figure::new(format!("{about}: all that is kept is there"), all, "ms"),
        Figure::new(
            format!("{about}: a key is answered, p50"),
            keys.percentile_ms(50),
            "ms",
        ),
        Figure::new(
            format!("{about}: every key is answered"),
            keys.percentile_ms(100),
            "ms",
        )
        .below(50.0),
        Figure::new(format!("{about}: memory"), memory, "MiB").below(64.0),
    ])
}
