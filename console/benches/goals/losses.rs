//! How soon the screen tells that it is cut off, and has made up for it.

use crate::desk::Desk;
use crate::scene::{self, Scene};
use anyhow::Result;
use bench::figure::Figure;
use stage::{CONDUCTOR, NATS, SDB};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;
use testkit::Proxy;

const OBSERVATIONS: usize = 200;
/// An observation that is announced while the console is cut off.
const MISSED: &str = "Missed26";

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let scene = Scene::open(&scene::graph(true), OBSERVATIONS).await?;
    let orchestra = &scene.orchestra;
    let port = |program| orchestra.url(program).port().unwrap_or_default();
    let behind = |program| Proxy::start(SocketAddr::from((Ipv4Addr::LOCALHOST, port(program))));
    let (nats, conductor) = (behind(NATS).await, behind(CONDUCTOR).await);
    let desk = Desk::at(
        &format!("nats://{}", nats.addr()),
        &format!("http://{}", conductor.addr()),
        orchestra.url(SDB).as_ref(),
    );
    desk.is_synced();

    nats.cut();
    let lost = shown(&desk, "NATS LOST");
    let announcement = format!(r#"{{"product":"Present","obs_id":"{MISSED}"}}"#);
    orchestra.publish("data.vhf", announcement).await;
    nats.resume();
    let back = gone(&desk, "NATS LOST");
    let made_up = shown(&desk, MISSED);
    desk.is_synced();

    nats.stall();
    let nats_stalled = shown(&desk, "NATS LOST");
    nats.resume();
    gone(&desk, "NATS LOST");
    desk.is_synced();
    conductor.stall();
    let conductor_stalled = shown(&desk, "CONDUCTOR LOST");
    conductor.resume();
    gone(&desk, "CONDUCTOR LOST");
    desk.is_synced();
    conductor.cut();
    let conductor_lost = shown(&desk, "CONDUCTOR LOST");
    let left = desk.loses_terminal()?.as_secs_f64() * 1000.0;
    let ms = |what: &str, value: f64| Figure::new(what, value, "ms");
    Ok(vec![
        ms("NATS cut off: shown", lost).below(1000.0),
        ms("NATS back: found again", back),
        ms("NATS back: what was missed of 200 x 60 is shown", made_up).below(1000.0),
        ms("NATS half open: shown", nats_stalled).below(10_000.0),
        ms("conductor cut off: shown", conductor_lost).below(1000.0 + ASKED_EVERY_MS),
        ms("conductor half open: shown", conductor_stalled).below(10_000.0),
        ms("the terminal closed: the console has left", left).below(1000.0),
    ])
}

/// Nothing is said on a way that is not used: the conductor is asked each second.
const ASKED_EVERY_MS: f64 = 1000.0;

/// How long it takes from now until a text is on the screen, in ms.
fn shown(desk: &Desk, text: &str) -> f64 {
    let began = Instant::now();
    desk.seat.sees(text);
    began.elapsed().as_secs_f64() * 1000.0
}

/// The same until it is not any more.
fn gone(desk: &Desk, text: &str) -> f64 {
    let began = Instant::now();
    desk.seat
        .waits("for it to go", |screen| !screen.contents().contains(text));
    began.elapsed().as_secs_f64() * 1000.0
}
