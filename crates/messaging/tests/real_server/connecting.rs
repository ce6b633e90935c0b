//! Which servers are taken, and what is said about the others.

use crate::support::{SOON, bus, name};
use messaging::{Bus, BusOptions, ConnectError, Unfit};
use std::time::Duration;
use testkit::{Nats, NatsConfig, eventually};
use tokio::time::timeout;

async fn refusal(nats: &Nats, user: &str) -> String {
    let url = nats.url().replace("nats://", &format!("nats://{user}"));
    let refused = timeout(SOON, Bus::connect(BusOptions::new([url], name("sdb")))).await;
    refused.expect("a verdict in time").unwrap_err().to_string()
}

#[tokio::test]
async fn a_server_without_jetstream_is_refused_and_says_why() {
    let nats = Nats::start_with(NatsConfig {
        jetstream: false,
        ..NatsConfig::default()
    })
    .await;
    let options = BusOptions::new([nats.url()], name("sdb"));
    let error = timeout(SOON, Bus::connect(options)).await.unwrap().unwrap_err();
    assert_eq!(
        error,
        ConnectError::Unfit(Unfit::NoJetStream {
            server: nats.addr().to_string()
        })
    );
    assert!(
        error
            .to_string()
            .contains("nats-server --jetstream --store_dir DIR")
    );
}

#[tokio::test]
async fn an_account_without_jetstream_is_refused_and_says_why() {
    let extra = "
accounts {
  WITH: { jetstream: enabled, users: [{ user: a, password: a }] }
  WITHOUT: { users: [{ user: b, password: b }] }
}";
    let nats = Nats::start_with(NatsConfig {
        extra: extra.to_owned(),
        ..NatsConfig::default()
    })
    .await;
    let error = refusal(&nats, "b:b@").await;
    assert!(
        error.contains("has JetStream, but not for this account"),
        "{error}"
    );
    let url = nats.url().replace("nats://", "nats://a:a@");
    timeout(SOON, Bus::connect(BusOptions::new([url], name("sdb"))))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_user_without_permission_is_refused_with_the_servers_words() {
    let extra = r#"
authorization { users: [{ user: c, password: c, permissions: { publish: "activity.>" } }] }"#;
    let nats = Nats::start_with(NatsConfig {
        extra: extra.to_owned(),
        ..NatsConfig::default()
    })
    .await;
    let error = refusal(&nats, "c:c@").await;
    assert!(error.contains("does not let this user use JetStream"), "{error}");
    assert!(error.to_lowercase().contains("permissions violation"), "{error}");
}

#[tokio::test]
async fn the_first_server_is_awaited() {
    let mut nats = Nats::start().await;
    nats.kill();
    let connecting = Bus::connect(BusOptions::new([nats.url()], name("sdb")));
    tokio::pin!(connecting);
    // Long enough for several attempts.
    let early = timeout(Duration::from_millis(500), &mut connecting).await;
    assert!(early.is_err(), "there is nobody to connect to");
    nats.restart().await;
    timeout(SOON, connecting)
        .await
        .expect("it connects in time")
        .unwrap();
}

#[tokio::test]
async fn a_killed_server_is_noticed_and_found_again() {
    let mut nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    let health = bus.health();
    assert_eq!(
        (health.borrow().connected, health.borrow().connections),
        (true, 1)
    );

    nats.kill();
    eventually(SOON, async || !health.borrow().connected).await;
    nats.restart().await;
    timeout(SOON, bus.connected()).await.unwrap();
    assert_eq!(health.borrow().connections, 2);
}

#[tokio::test]
async fn any_of_several_servers_will_do() {
    let mut first = Nats::start().await;
    let second = Nats::start().await;
    let options = BusOptions::new([format!("{},{}", first.url(), second.url())], name("sdb"));
    let bus = timeout(SOON, Bus::connect(options)).await.unwrap().unwrap();
    let health = bus.health();
    first.kill();
    // It may have been connected to the second from the start.
    eventually(SOON, async || {
        bus.connected().await;
        let listening = bus.flush(Duration::from_secs(1)).await;
        listening && health.borrow().connected
    })
    .await;
}

#[tokio::test]
async fn the_service_is_listed_by_nats() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    let micro = bus
        .serve_micro("sdb", "0.1.0", "the mission database")
        .await
        .unwrap();
    let (client, _) = crate::support::stranger(&nats).await;
    for (verb, kind) in [("PING", "ping"), ("INFO", "info"), ("STATS", "stats")] {
        let answer = timeout(SOON, client.request(format!("$SRV.{verb}"), "".into()))
            .await
            .unwrap()
            .unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(answer["type"], format!("io.nats.micro.v1.{kind}_response"));
        assert_eq!(
            (&answer["name"], &answer["version"]),
            (&"sdb".into(), &"0.1.0".into())
        );
    }
    micro.stop().await;
    eventually(SOON, async || {
        client.request("$SRV.PING", "".into()).await.is_err()
    })
    .await;
    assert!(
        bus.serve_micro("sdb", "one", "x")
            .await
            .unwrap_err()
            .to_string()
            .contains("semver")
    );
}

#[tokio::test]
async fn a_server_says_how_long_it_takes_and_one_that_is_away_nothing() {
    let mut nats = Nats::start().await;
    let bus = bus(&nats, "console").await;
    assert!(bus.round_trip(SOON).await.is_some_and(|took| took < SOON));
    nats.kill();
    assert_eq!(bus.round_trip(Duration::from_millis(50)).await, None);
}
