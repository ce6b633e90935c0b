//! More than a screen can take in.

use crate::screen::{Screen, orchestra, settings};
use domain::{Activity, CellState};
use messaging::{Bus, BusOptions};
use serde_json::json;
use std::time::Duration;
use testkit::eventually;

const FLOOD: u64 = 50_000;

/// Words that are no news: how far a run is that nobody has.
async fn flood(nats: &str) {
    let bus = Bus::open(BusOptions::new([nats], "flood".parse().unwrap()))
        .await
        .unwrap();
    bus.connected().await;
    for number in 0..FLOOD {
        let said: Activity = serde_json::from_value(json!({"kind": "processing", "service": "flood", "product": "QPO_ECL",
            "obs_id": 42, "run_id": "run_of_nobody", "state": "running", "progress": 0.5, "message": number.to_string()}))
        .unwrap();
        // A buffer that is full for a moment has room in the next.
        eventually(crate::screen::DEADLINE, async || bus.say(&said).await.is_ok()).await;
    }
    assert!(bus.flush(Duration::from_secs(10)).await);
}

#[tokio::test]
async fn nothing_of_a_flood_is_lost_without_being_said_and_made_up_for() {
    let orchestra = orchestra(&[]).await;
    let screen = Screen::open(settings(&orchestra)).await;
    orchestra
        .publish("data.vhf", br#"{"product":"EclTmVhfAlert","obs_id":42}"#)
        .await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;

    // A screen that takes in what it can.
    let before = screen.see(|model| model.counters().messages());
    flood(&orchestra.nats_url()).await;
    let counted = |model: &console::model::Model| model.counters().messages() + model.counters().lost();
    screen.until(|model| counted(model) >= before + FLOOD).await;

    // One that takes in nothing for as long as the flood is, with news in its midst.
    let (before, lost, resyncs) = screen.see(|model| {
        (
            counted(model),
            model.counters().lost(),
            model.links().sync().count,
        )
    });
    screen.sleep(true);
    flood(&orchestra.nats_url()).await;
    orchestra
        .publish("data.vhf", br#"{"product":"EclTmVhfAlert","obs_id":43}"#)
        .await;
    let conductor = orchestra.conductor();
    eventually(crate::screen::DEADLINE, async || {
        let made = conductor
            .cell(&43.try_into().unwrap(), &"CIRC_DRAFT".parse().unwrap())
            .await;
        made.is_ok_and(|made| made.cell.state == CellState::Done)
    })
    .await;
    screen.sleep(false);
    screen.until(|model| counted(model) >= before + FLOOD).await;
    screen.until_cell("43", "CIRC_DRAFT", CellState::Done).await;
    screen.until_agreed(&orchestra).await;
    let after = screen.see(|model| (model.counters().lost(), model.links().sync().count));
    assert!(after.0 > lost && after.1 > resyncs, "{after:?}");
}
