//! NATS comes late, dies and returns: imports go on, and nothing stays unsaid.

use crate::program::{DEADLINE, Launch, data};
use domain::{Activity, ServiceState};
use messaging::{Bus, BusOptions, Heard};
use std::time::Duration;
use testkit::{Nats, eventually};

async fn bus(nats: &Nats) -> Bus {
    Bus::connect(BusOptions::new([nats.url()], "listener".parse().unwrap()))
        .await
        .unwrap()
}

/// The depth of the outbox, from the metrics.
async fn depth(program: &crate::program::Program) -> Option<u64> {
    let text = program.get("/metrics").await.text().await.unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("sdb_outbox_depth "))?;
    line.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imports_go_on_while_nats_is_down_and_are_announced_when_it_is_back() {
    let mut nats = Nats::start().await;
    nats.kill();
    let (_guard, directory) = data();
    let program = Launch::new(&directory, &nats.url()).start().await;
    assert_eq!(
        program.get("/health/ready").await.status(),
        200,
        "an SDB without NATS takes imports"
    );
    for number in 1..=3 {
        assert_eq!(
            program
                .post(&format!("/products/{number}/A"), "x")
                .await
                .unwrap()
                .status(),
            201
        );
    }
    nats.restart().await;
    eventually(DEADLINE, async || depth(&program).await == Some(0)).await;

    nats.kill();
    for number in 4..=6 {
        assert_eq!(
            program
                .post(&format!("/products/{number}/A"), "x")
                .await
                .unwrap()
                .status(),
            201
        );
    }
    nats.restart().await;
    let (mut seen, wanted) = (Vec::new(), [1_u64, 2, 3, 4, 5, 6]);
    let (mut consumer, _monitor) = bus(&nats)
        .await
        .data_consumer(messaging::ConsumerOptions::new("audit"), None);
    while seen.len() < wanted.len() {
        let next = tokio::time::timeout(DEADLINE, consumer.next_batch(100))
            .await
            .expect("all is announced");
        if let messaging::Next::Batch(batch) = next {
            for delivery in &batch {
                let body: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
                seen.push(body["obs_id"].as_u64().unwrap());
            }
            consumer.ack_all(&batch).await;
        }
    }
    assert_eq!(seen, wanted, "in order, each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_announced_at_once_and_the_service_says_how_it_is() {
    let nats = Nats::start().await;
    let listener = bus(&nats).await;
    let mut data_sdb = listener.data_watch().await.unwrap();
    let mut activity = listener.activity().await.unwrap();
    assert!(
        listener.flush(DEADLINE).await,
        "the subscriptions are with the server"
    );
    let (_guard, directory) = data();
    let mut program = Launch::new(&directory, &nats.url()).start().await;
    let record: serde_json::Value = program
        .post("/products/42/A", "x")
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let said = tokio::time::timeout(DEADLINE, async {
        loop {
            match data_sdb.next().await.unwrap() {
                Heard::Message { from, said } => return (from, said),
                Heard::Unreadable { reason, .. } => panic!("{reason}"),
                Heard::Missed(_) => {}
            }
        }
    });
    let (from, said) = said.await.expect("the import is announced");
    assert_eq!(from.as_str(), "sdb");
    assert_eq!(
        (said.href.as_deref(), said.size),
        (record["href"].as_str(), Some(1))
    );

    let mut states = Vec::new();
    let hear = async |until: ServiceState,
                      states: &mut Vec<ServiceState>,
                      activity: &mut messaging::ActivityFeed| {
        while states.last() != Some(&until) {
            let heard = tokio::time::timeout(Duration::from_secs(15), activity.next()).await;
            if let Heard::Message {
                said: Activity::Status(status),
                ..
            } = heard.expect("the service speaks").unwrap()
            {
                states.push(status.state);
            }
        }
    };
    hear(ServiceState::Ready, &mut states, &mut activity).await;
    program.signal(rustix::process::Signal::TERM);
    hear(ServiceState::Stopped, &mut states, &mut activity).await;
    assert!(states.contains(&ServiceState::Draining), "{states:?}");
    assert_eq!(program.ended().await.code(), Some(0));
}
