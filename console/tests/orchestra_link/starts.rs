//! Starting, with everything there and with nothing.

use crate::screen::{Screen, orchestra, settings};
use console::link::start;
use console::model::Peer;
use domain::CellState;
use service_kit::Shutdown;
use stage::{CONDUCTOR, NATS};

const ALERT: &[u8] = br#"{"product":"EclTmVhfAlert","obs_id":42,"burst_id":"sb26022501"}"#;

#[tokio::test]
async fn a_screen_that_starts_before_everything_else_finds_it() {
    let orchestra = orchestra(&[]).await;
    orchestra.publish("data.vhf", ALERT).await;
    let early = Screen::open(settings(&orchestra)).await;
    early.until_cell("42", "CIRC_DRAFT", CellState::Done).await;
    orchestra.kill(CONDUCTOR).await;
    orchestra.kill(NATS).await;

    let screen = Screen::open(settings(&orchestra)).await;
    screen.until_link(Peer::Nats, false).await;
    screen.until_link(Peer::Conductor, false).await;
    screen.until(|model| model.links().sync().error.is_some()).await;
    assert!(screen.see(|model| model.graph().is_none() && model.is_empty()));

    orchestra.restart(NATS).await;
    orchestra.restart(CONDUCTOR).await;
    screen.until_link(Peer::Nats, true).await;
    screen.until_link(Peer::Conductor, true).await;
    screen.until_agreed(&orchestra).await;
    early.until_agreed(&orchestra).await;
    screen
        .until(|model| model.providers().len() == 9 && model.services().len() > 9)
        .await;
    let found = screen.see(|model| model.find("2501"));
    assert_eq!(found, ["42".parse().unwrap()]);

    orchestra
        .publish("data.vhf", br#"{"product":"EclTmVhfAlert","obs_id":43}"#)
        .await;
    screen.until_cell("43", "CIRC_DRAFT", CellState::Done).await;
    screen.until_agreed(&orchestra).await;
    assert!(screen.see(|model| model.sources().get(&"vhf".parse().unwrap()).is_some()));
}

#[tokio::test]
async fn what_can_never_work_is_said_at_once() {
    let shutdown = Shutdown::default();
    let settings = |nats: &str, operator: &str| console::link::Settings {
        nats: nats.to_owned(),
        conductor: "http://127.0.0.1:1".parse().unwrap(),
        sdb: "http://127.0.0.1:1".parse().unwrap(),
        operator: operator.to_owned(),
        record: None,
    };
    for (nats, operator, word) in [
        ("http://x", "ada", "is no URL of a NATS server"),
        ("nats://x", "a\nb", "operator"),
    ] {
        let error = start(settings(nats, operator), &shutdown)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(word), "{error}");
    }
}
