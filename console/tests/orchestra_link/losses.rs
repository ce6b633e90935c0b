//! Services that go away and hang; what happened meanwhile is made up for, and no ghost stays.

use crate::screen::{DEADLINE, Screen, orchestra, settings};
use api::conductor::ManualRequest;
use console::model::{Cause, Peer};
use domain::{CellState, JsonObject};
use stage::{CONDUCTOR, NATS};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use testkit::{Orchestra, Proxy, eventually};

/// What the study promises: a lost connection is on the screen after a second, a half-open one after ten.
const LOST_SHOWN: Duration = Duration::from_secs(1);
const HALF_OPEN_SHOWN: Duration = Duration::from_secs(10);
/// These tests share a machine with compilers.
const SLACK: u32 = 3;

async fn announce(orchestra: &Orchestra, obs_id: u32) {
    let body = format!(r#"{{"product":"EclTmVhfAlert","obs_id":{obs_id}}}"#);
    orchestra.publish("data.vhf", body).await;
}

async fn make_again(orchestra: &Orchestra, obs_id: u64) {
    let request = ManualRequest {
        product: "TT_ECL".parse().unwrap(),
        obs_id: obs_id.try_into().unwrap(),
        force: true,
        params: JsonObject::new(),
        note: None,
    };
    orchestra.conductor().process(&request).await.unwrap();
}

#[tokio::test]
async fn what_happens_without_nats_is_made_up_for() {
    let orchestra = orchestra(&[]).await;
    let screen = Screen::open(settings(&orchestra)).await;
    announce(&orchestra, 42).await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;
    screen.until_agreed(&orchestra).await;
    let resyncs = screen.see(|model| model.links().sync().count);

    orchestra.kill(NATS).await;
    let killed = Instant::now();
    screen.until_link(Peer::Nats, false).await;
    assert!(killed.elapsed() < LOST_SHOWN * SLACK, "{:?}", killed.elapsed());
    let before = screen.see(|model| model.counters().messages());
    make_again(&orchestra, 42).await;
    orchestra.restart(NATS).await;
    screen.until_link(Peer::Nats, true).await;
    screen.until(|model| model.links().sync().count > resyncs).await;
    screen.until_agreed(&orchestra).await;
    let (losses, messages) = screen.see(|model| (model.counters().losses(), model.counters().messages()));
    assert!(losses > 0 && messages >= before);

    announce(&orchestra, 43).await;
    screen.until_cell("43", "CIRC_DRAFT", CellState::Done).await;
}

#[tokio::test]
async fn a_conductor_that_comes_back_without_its_ledger_leaves_no_ghosts() {
    let orchestra = orchestra(&[]).await;
    let screen = Screen::open(settings(&orchestra)).await;
    announce(&orchestra, 42).await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;

    orchestra.kill(CONDUCTOR).await;
    screen.until_link(Peer::Conductor, false).await;
    assert!(
        screen.see(|model| model.len() == 1),
        "what is known stays on the screen"
    );
    orchestra.restart(CONDUCTOR).await;
    screen.until_link(Peer::Conductor, true).await;
    screen.until_agreed(&orchestra).await;

    orchestra.stop(CONDUCTOR).await;
    let folder = orchestra.folder().join("conductor");
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("ledger"))
        {
            std::fs::remove_file(path).unwrap();
        }
    }
    orchestra.restart(CONDUCTOR).await;
    announce(&orchestra, 44).await;
    // It sends nothing before it has read what its sources may have missed, but it knows what was announced.
    screen
        .until_cell("44", "EclTmVhfAlert", CellState::Received)
        .await;
    screen.until_agreed(&orchestra).await;
}

#[tokio::test]
async fn a_way_that_is_half_open_is_said_to_be_none() {
    let orchestra = orchestra(&[]).await;
    let address =
        |url: url::Url| -> SocketAddr { format!("127.0.0.1:{}", url.port().unwrap()).parse().unwrap() };
    let nats = Proxy::start(address(orchestra.url(NATS))).await;
    let conductor = Proxy::start(address(orchestra.url(CONDUCTOR))).await;
    let mut through = settings(&orchestra);
    through.nats = format!("nats://{}", nats.addr());
    through.conductor = format!("http://{}", conductor.addr()).parse().unwrap();
    let screen = Screen::open(through).await;
    announce(&orchestra, 42).await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;

    for (proxy, peer) in [(&nats, Peer::Nats), (&conductor, Peer::Conductor)] {
        proxy.stall();
        let stalled = Instant::now();
        screen.until_link(peer, false).await;
        assert!(
            stalled.elapsed() < HALF_OPEN_SHOWN * SLACK,
            "{peer:?} {:?}",
            stalled.elapsed()
        );
        let error = screen.see(|model| model.links().to(peer).state.clone().and_then(|state| state.error));
        assert!(error.is_some_and(|error| !error.is_empty()));
        make_again(&orchestra, 42).await;
        proxy.resume();
        screen.until_link(peer, true).await;
        screen.until_agreed(&orchestra).await;
    }
    conductor.cut();
    screen.until_link(Peer::Conductor, false).await;
    announce(&orchestra, 43).await;
    screen.until_cell("43", "CIRC_DRAFT", CellState::Done).await;
    conductor.resume();
    screen.until_agreed(&orchestra).await;
}

#[tokio::test]
async fn an_operator_may_ask_for_everything_again() {
    let orchestra = orchestra(&[]).await;
    let screen = Screen::open(settings(&orchestra)).await;
    announce(&orchestra, 42).await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;
    let resyncs = screen.see(|model| model.links().sync().count);
    screen.commands.resync();
    eventually(DEADLINE, async || {
        screen.see(|model| model.links().sync().count > resyncs)
    })
    .await;
    let sync = screen.see(|model| model.links().sync().clone());
    assert_eq!(
        (sync.error, sync.running.filter(|cause| *cause == Cause::Asked)),
        (None, None)
    );
}
