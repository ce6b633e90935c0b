//! What is acknowledged is in the stream, once.

use crate::support::{SOON, announcement, bus, ensured, name, outbound, stranger};
use domain::{Activity, ServiceState, StatusActivity};
use messaging::{Bus, BusOptions, Gap, Heard, MAX_IN_FLIGHT, Outbound, PublishError};
use std::time::Duration;
use testkit::Nats;
use tokio::time::timeout;

async fn stored(nats: &Nats) -> u64 {
    let (_, jetstream) = stranger(nats).await;
    jetstream
        .get_stream("DATA")
        .await
        .unwrap()
        .cached_info()
        .state
        .messages
}

fn status(service: &str) -> Activity {
    Activity::Status(StatusActivity {
        service: name(service),
        instance: "1".into(),
        at: None,
        state: ServiceState::Ready,
        version: "0.1.0".into(),
        started_at: None,
        in_flight: 0,
        queued: 0,
        detail: String::new(),
    })
}

#[tokio::test]
async fn a_repeat_is_recognised_by_its_id() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "vhf").await;
    ensured(&bus).await;
    let first = bus
        .announce(&name("vhf"), &announcement(1), "vhf-1")
        .await
        .unwrap();
    let again = bus
        .announce(&name("vhf"), &announcement(1), "vhf-1")
        .await
        .unwrap();
    assert_eq!((first.sequence, first.duplicate), (1, false));
    assert_eq!((again.sequence, again.duplicate), (1, true));
    assert_eq!(stored(&nats).await, 1);
}

#[tokio::test]
async fn many_are_under_way_at_once_and_stay_in_order() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    ensured(&bus).await;
    let many = outbound(0..4 * MAX_IN_FLIGHT + 1);
    let published = bus.announce_all(&name("sdb"), &many).await;
    assert_eq!(published.failure, None);
    let sequences: Vec<u64> = published.acks.iter().map(|ack| ack.sequence).collect();
    assert_eq!(sequences, (1..=many.len() as u64).collect::<Vec<_>>());
    let again = bus.announce_all(&name("sdb"), &many).await;
    assert!(again.acks.len() == many.len() && again.acks.iter().all(|ack| ack.duplicate));
}

#[tokio::test]
async fn one_that_is_too_large_stops_there_and_says_so() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    ensured(&bus).await;
    let mut three = outbound(0..3);
    three[1] = Outbound::encoded("large", vec![b' '; 2 * 1024 * 1024]);
    let published = bus.announce_all(&name("sdb"), &three).await;
    assert_eq!(published.acks.len(), 1);
    let error = published.failure.unwrap().to_string();
    assert_eq!(
        error,
        "a message of 2097152 bytes is larger than the 1048576 that the server takes"
    );
}

#[tokio::test]
async fn without_a_stream_one_is_made() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    let none = bus
        .announce(&name("sdb"), &announcement(1), "sdb-1")
        .await
        .unwrap_err();
    assert_eq!(
        none.to_string(),
        "no stream captures data.sdb",
        "nobody has said what the streams should be"
    );
    ensured(&bus).await;
    let (_, jetstream) = stranger(&nats).await;
    jetstream.delete_stream("DATA").await.unwrap();
    bus.announce(&name("sdb"), &announcement(1), "sdb-1")
        .await
        .unwrap();
    jetstream.delete_stream("DATA").await.unwrap();
    let published = bus.announce_all(&name("sdb"), &outbound(0..600)).await;
    assert_eq!((published.acks.len(), published.failure), (600, None));
}

#[tokio::test]
async fn a_stream_that_is_in_the_way_is_named_by_the_publish_too() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    ensured(&bus).await;
    let (_, jetstream) = stranger(&nats).await;
    jetstream.delete_stream("DATA").await.unwrap();
    let in_the_way = async_nats::jetstream::stream::Config {
        name: "OTHER".to_owned(),
        subjects: vec!["data.vhf".to_owned()],
        ..Default::default()
    };
    jetstream.create_stream(in_the_way).await.unwrap();
    let error = bus
        .announce(&name("sdb"), &announcement(1), "sdb-1")
        .await
        .unwrap_err();
    assert!(matches!(error, PublishError::NoStream { .. }), "{error:?}");
    assert!(
        error.to_string().contains("the stream OTHER already captures"),
        "{error}"
    );
}

/// The outbox's own way: what was not acknowledged is published again, until all of it is there.
#[tokio::test]
async fn kills_of_the_server_lose_nothing_and_store_nothing_twice() {
    const MESSAGES: usize = 6_000;
    let mut nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    ensured(&bus).await;
    let many = outbound(0..MESSAGES);
    let mut acknowledged = 0;
    let mut failures = 0;
    let relay = async {
        while acknowledged < MESSAGES {
            bus.connected().await;
            let published = bus.announce_all(&name("sdb"), &many[acknowledged..]).await;
            acknowledged += published.acks.len();
            failures += usize::from(published.failure.is_some());
            // What was acknowledged may be little at a time, so that the kills fall in between.
            assert!(!matches!(
                published.failure,
                Some(PublishError::TooLarge { .. } | PublishError::Encode(_))
            ));
        }
    };
    let kills = async {
        for wanted in [500, 2_000, 4_000] {
            // A condition on the server itself, so that each kill falls into the publishing.
            let (_, jetstream) = stranger(&nats).await;
            while jetstream
                .get_stream("DATA")
                .await
                .unwrap()
                .cached_info()
                .state
                .messages
                < wanted
            {
                tokio::task::yield_now().await;
            }
            nats.restart().await;
        }
    };
    timeout(3 * SOON, Box::pin(async { tokio::join!(relay, kills) }))
        .await
        .expect("all of it in time");
    assert_eq!(stored(&nats).await, MESSAGES as u64);
    assert!(failures > 0, "a kill was noticed by the publisher");
}

#[tokio::test]
async fn without_a_server_an_announcement_is_refused_at_once_and_a_word_is_kept() {
    let mut nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    ensured(&bus).await;
    let listener = crate::support::bus(&nats, "console").await;
    let mut activity = listener.activity().await.unwrap();
    assert!(listener.flush(SOON).await);

    nats.kill();
    let mut health = bus.health();
    timeout(SOON, health.wait_for(|health| !health.connected))
        .await
        .unwrap()
        .unwrap();
    let refused = timeout(
        Duration::from_secs(1),
        bus.announce(&name("sdb"), &announcement(1), "sdb-1"),
    )
    .await;
    assert_eq!(refused.expect("at once").unwrap_err(), PublishError::Disconnected);
    timeout(Duration::from_secs(1), bus.say(&status("sdb")))
        .await
        .expect("at once")
        .unwrap();

    nats.restart().await;
    // The listener learns that it may have missed something, and the word may come before or after it
    // is connected again itself, so it is said once more.
    let mut gap = false;
    let mut heard = false;
    while !(gap && heard) {
        tokio::select! {
            next = timeout(SOON, activity.next()) => match next.expect("something in time").unwrap() {
                Heard::Missed(Gap::Reconnected) => gap = true,
                Heard::Message { from, said } => {
                    assert_eq!((from, said), (name("sdb"), status("sdb")));
                    heard = true;
                }
                other @ (Heard::Missed(Gap::TooSlow) | Heard::Unreadable { .. }) => panic!("{other:?}"),
            },
            said = async { bus.connected().await; listener.connected().await; bus.say(&status("sdb")).await }, if gap && !heard => {
                said.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn who_wants_no_echo_hears_the_others_and_not_itself() {
    let nats = Nats::start().await;
    let options = BusOptions::new([nats.url()], name("conductor")).without_echo();
    let bus = Bus::connect(options).await.unwrap();
    let mut activity = bus.activity().await.unwrap();
    assert!(bus.flush(SOON).await);
    bus.say(&status("conductor")).await.unwrap();
    assert!(bus.flush(SOON).await);
    let other = crate::support::bus(&nats, "sdb").await;
    other.say(&status("sdb")).await.unwrap();

    let heard = timeout(SOON, activity.next()).await.unwrap();
    let (from, said) = (name("sdb"), status("sdb"));
    assert_eq!(heard, Some(Heard::Message { from, said }));
}

#[tokio::test]
async fn what_cannot_be_read_is_heard_as_that() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "console").await;
    let mut activity = bus.activity().await.unwrap();
    let mut data = bus.data_watch().await.unwrap();
    assert!(bus.flush(SOON).await);
    let (client, _) = stranger(&nats).await;
    client.publish("activity.sdb", "nonsense".into()).await.unwrap();
    client.publish("activity.a.b", "{}".into()).await.unwrap();
    client
        .publish("data.vhf", r#"{"product":"A","obs_id":42}"#.into())
        .await
        .unwrap();
    client
        .publish("data.vhf", r#"{"product":"A"}"#.into())
        .await
        .unwrap();

    let mut heard = async || timeout(SOON, activity.next()).await.unwrap().unwrap();
    let Heard::Unreadable {
        subject,
        reason,
        body,
    } = heard().await
    else {
        panic!("readable")
    };
    assert_eq!((subject.as_str(), &body[..]), ("activity.sdb", &b"nonsense"[..]));
    assert!(reason.starts_with("expected ident"), "{reason}");
    let Heard::Unreadable { reason, .. } = heard().await else {
        panic!("readable")
    };
    assert!(reason.contains(r#"the subject "activity.a.b""#), "{reason}");

    let mut heard = async || timeout(SOON, data.next()).await.unwrap().unwrap();
    let Heard::Message { from, said } = heard().await else {
        panic!("unreadable")
    };
    assert_eq!((from, said.obs_id.to_string().as_str()), (name("vhf"), "42"));
    let Heard::Unreadable { reason, .. } = heard().await else {
        panic!("readable")
    };
    assert!(reason.starts_with("obs_id is missing"), "{reason}");
}

#[tokio::test]
async fn a_listener_that_is_too_slow_learns_it() {
    let nats = Nats::start().await;
    let options = messaging::BusOptions::new([nats.url()], name("console")).subscription_capacity(8);
    let slow = messaging::Bus::connect(options).await.unwrap();
    let mut activity = slow.activity().await.unwrap();
    assert!(slow.flush(SOON).await);
    let loud = bus(&nats, "sdb").await;
    for _ in 0..1_000 {
        loud.say(&status("sdb")).await.unwrap();
    }
    assert!(loud.flush(SOON).await);
    let mut health = slow.health();
    timeout(SOON, health.wait_for(|health| health.slow_consumer_events > 0))
        .await
        .unwrap()
        .unwrap();
    let mut heard = 0;
    loop {
        match timeout(SOON, activity.next()).await.expect("it is told").unwrap() {
            Heard::Missed(gap) => {
                assert_eq!(gap, Gap::TooSlow);
                break;
            }
            Heard::Message { .. } => heard += 1,
            Heard::Unreadable { reason, .. } => panic!("{reason}"),
        }
    }
    assert!(heard < 1_000);
}

#[tokio::test]
async fn what_was_said_lately_is_read_from_the_stream() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    assert_eq!(bus.recent_activity(3).await.unwrap(), [], "there is no stream");
    ensured(&bus).await;
    assert_eq!(bus.recent_activity(3).await.unwrap(), [], "there is no message");
    let (_, jetstream) = stranger(&nats).await;
    let odd = jetstream.publish("activity.odd", "no JSON".into()).await.unwrap();
    odd.await.unwrap();
    for service in ["a", "b", "c"] {
        bus.say(&status(service)).await.unwrap();
    }
    let services = async |count| -> Vec<String> {
        let read = bus.recent_activity(count).await.unwrap();
        assert!(read.is_sorted_by_key(|said| said.at));
        read.into_iter()
            .map(|said| {
                let Activity::Status(status) = said.said else {
                    panic!("{said:?}")
                };
                status.service.to_string()
            })
            .collect()
    };
    testkit::eventually(SOON, async || services(10).await == ["a", "b", "c"]).await;
    assert_eq!(services(2).await, ["b", "c"]);
    // It leaves nothing behind in the server.
    let stream = jetstream.get_stream("ACTIVITY").await.unwrap();
    assert_eq!(stream.cached_info().state.consumer_count, 0);
}
