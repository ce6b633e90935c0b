//! The start, and what a night costs in which little happens.

use crate::args::Args;
use crate::desk::{Cost, Desk};
use crate::scene::{self, SLOW, Scene};
use anyhow::Result;
use bench::figure::Figure;
use domain::CellState;
use std::time::Duration;
use testkit::eventually;

/// The observations of some months.
const OBSERVATIONS: usize = 200;
/// What is measured is that of so long.
const WINDOW: Duration = Duration::from_mins(1);
/// What the screen does after the last news is over by then.
const REST: Duration = Duration::from_secs(3);
/// A busy night.
const BUSY: u64 = 50;
/// What the row of an observation says.
const ROW: &str = "all done";
const DEADLINE: Duration = Duration::from_mins(1);

pub(crate) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let mut scene = Scene::open(&scene::graph(true), OBSERVATIONS).await?;
    let mut figures = start(&scene)?;
    let mut desk = Desk::open(&scene);
    desk.is_synced();
    tokio::time::sleep(REST).await;
    figures.push(paint(&mut desk));

    let window = args.window(WINDOW);
    let passes = async || -> Result<()> {
        tokio::time::sleep(window).await;
        Ok(())
    };
    let idle = desk.costs(passes()).await?;
    figures.extend([
        cpu("nothing runs", idle).below(0.1),
        Figure::new("nothing runs: frames", idle.frames, "/s"),
        bytes("nothing runs", idle).below(300.0),
    ]);

    scene.begin_slow().await?;
    let conductor = scene.orchestra.conductor();
    let (obs_id, last) = (bench::crowd::obs_id(0)?, format!("SLOW_{:02}", SLOW - 1).parse()?);
    eventually(DEADLINE, async || {
        let cell = conductor.cell(&obs_id, &last).await;
        cell.is_ok_and(|view| view.cell.state == CellState::Running)
    })
    .await;
    tokio::time::sleep(REST).await;
    let running = desk.costs(passes()).await?;
    let what = format!("{SLOW} running");
    figures.extend([cpu(&what, running).below(0.5), bytes(&what, running).below(300.0)]);

    let busy = desk.costs(scene.paced(BUSY, window)).await?;
    let what = format!("{BUSY} events/s");
    figures.extend([
        cpu(&what, busy).below(2.0),
        Figure::new(format!("{what}: frames"), busy.frames, "/s").below(31.0),
        bytes(&what, busy),
    ]);
    desk.leaves()?;
    let remote = Desk::remote(&scene);
    remote.is_synced();
    tokio::time::sleep(REST).await;
    let busy = remote.costs(scene.paced(BUSY, window)).await?;
    let what = format!("{BUSY} events/s, over ssh");
    figures.extend([
        Figure::new(format!("{what}: frames"), busy.frames, "/s").below(10.5),
        bytes(&what, busy).below(4000.0),
    ]);
    remote.leaves()?;
    Ok(figures)
}

/// From the call to the first frame, to the first observation, and to all of them.
fn start(scene: &Scene) -> Result<Vec<Figure>> {
    let desk = Desk::open(scene);
    let millis = || desk.opened.elapsed().as_secs_f64() * 1000.0;
    desk.seat.draws(0);
    let frame = millis();
    desk.seat
        .waits("for data", |screen| screen.contents().contains(ROW));
    let data = millis();
    desk.is_synced();
    let all = millis();
    desk.leaves()?;
    Ok(vec![
        Figure::new("start: first frame", frame, "ms").below(60.0),
        Figure::new("start: first data", data, "ms").below(400.0),
        Figure::new(format!("start: all of {OBSERVATIONS} observations"), all, "ms"),
    ])
}

/// A whole screen.
fn paint(desk: &mut Desk) -> Figure {
    let before = desk.seat.written().bytes;
    desk.answers("\x0c");
    let written = desk.seat.written().bytes - before;
    #[expect(clippy::cast_precision_loss, reason = "a screen has some thousand bytes")]
    let kilobytes = written as f64 / 1000.0;
    Figure::new("a whole screen of 120x36", kilobytes, "kB").below(12.0)
}

fn cpu(what: &str, cost: Cost) -> Figure {
    Figure::new(format!("{what}: CPU"), cost.cpu, "% of a core")
}

fn bytes(what: &str, cost: Cost) -> Figure {
    Figure::new(format!("{what}: to the terminal"), cost.bytes, "B/s")
}
