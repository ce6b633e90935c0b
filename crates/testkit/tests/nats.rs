//! The real server of tests: it starts, it dies, it comes back where it was.

use std::time::Duration;
use testkit::{Nats, NatsConfig, eventually};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// What the server says first to whoever connects.
async fn greeting(nats: &Nats) -> String {
    let mut stream = TcpStream::connect(nats.addr())
        .await
        .expect("the server takes connections");
    let mut start = vec![0; 4096];
    let read = stream.read(&mut start).await.expect("the server speaks first");
    String::from_utf8_lossy(&start[..read]).into_owned()
}

#[tokio::test]
async fn it_dies_and_comes_back_on_the_same_port() {
    let mut nats = Nats::start().await;
    let url = nats.url();
    assert!(greeting(&nats).await.contains(r#""jetstream":true"#));

    nats.kill();
    assert!(!nats.is_running());
    let addr = nats.addr();
    eventually(Duration::from_secs(5), async || {
        TcpStream::connect(addr).await.is_err()
    })
    .await;

    nats.restart().await;
    assert_eq!(nats.url(), url);
    assert!(greeting(&nats).await.starts_with("INFO "));
}

#[tokio::test]
async fn it_can_be_without_jetstream() {
    let nats = Nats::start_with(NatsConfig {
        jetstream: false,
        ..NatsConfig::default()
    })
    .await;
    assert!(!greeting(&nats).await.contains(r#""jetstream":true"#));
}

#[tokio::test]
async fn dropping_it_ends_the_process() {
    let nats = Nats::start().await;
    let addr = nats.addr();
    drop(nats);
    eventually(Duration::from_secs(5), async || {
        TcpStream::connect(addr).await.is_err()
    })
    .await;
}

#[tokio::test]
#[should_panic(expected = "it ended at once")]
async fn a_bad_configuration_is_shown_with_the_log() {
    Nats::start_with(NatsConfig {
        extra: "nonsense: [".to_owned(),
        ..NatsConfig::default()
    })
    .await;
}
