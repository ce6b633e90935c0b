//! Of the canary's product only the latest version is kept, and no list has it.

use crate::service::Sdb;
use serde_json::json;

const CELL: &str = "/products/_canary/_CANARY";

/// Imports it so often, each time under a key of its own, and then a product of the mission.
async fn import(sdb: &Sdb, times: usize) {
    for time in 0..times {
        let key = format!("key-{time}");
        sdb.post(CELL, &[("idempotency-key", &key)], "song")
            .await
            .created();
    }
    sdb.post("/products/42/A", &[], "x").await.created();
}

async fn numbers(sdb: &Sdb) -> Vec<i64> {
    sdb.feed().await.iter().map(|entry| entry.n).collect()
}

async fn versions(sdb: &Sdb, cell: &str) -> usize {
    let list = sdb.get(&format!("{cell}/versions")).await.json();
    list["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn older_versions_go_once_they_are_published() {
    let sdb = Sdb::start().await;
    import(&sdb, 3).await;
    sdb.store.housekeep().await.unwrap();
    assert_eq!(numbers(&sdb).await, [1, 2, 3, 4], "nobody has heard of them yet");
    sdb.store.outbox().set_published(1);
    sdb.store.housekeep().await.unwrap();
    assert_eq!(numbers(&sdb).await, [2, 3, 4], "of the second nobody has");
    sdb.post("/products/42/A", &[], "y").await.created();
    sdb.store.outbox().set_published(5);
    sdb.store.housekeep().await.unwrap();
    assert_eq!(numbers(&sdb).await, [3, 4, 5]);
    assert_eq!(versions(&sdb, CELL).await, 1);
    assert_eq!(
        versions(&sdb, "/products/42/A").await,
        2,
        "of the mission's nothing goes"
    );
    let latest = sdb.get(CELL).await;
    assert_eq!((latest.status.as_u16(), &latest.body[..]), (200, &b"song"[..]));
}

#[tokio::test]
async fn no_number_of_the_feed_is_given_twice() {
    let directory = tempfile::tempdir().unwrap();
    let sdb = Sdb::open(directory.path()).await;
    import(&sdb, 2).await;
    // The first again, under its key: the last announcement is one of an older version.
    sdb.post(CELL, &[("idempotency-key", "key-0")], "song").await.ok();
    sdb.store.outbox().set_published(4);
    sdb.store.housekeep().await.unwrap();
    assert_eq!(numbers(&sdb).await, [1, 2, 3, 4]);
    sdb.stop().await;
    let sdb = Sdb::open(directory.path()).await;
    let next = sdb.post(CELL, &[], "song").await.created();
    assert_eq!(next["version"], 3);
    assert_eq!(numbers(&sdb).await.last(), Some(&5));
}

#[tokio::test]
async fn no_list_has_it_unless_it_is_asked_for() {
    let sdb = Sdb::start().await;
    import(&sdb, 1).await;
    let listed = async |path: &str| {
        let list = sdb.get(path).await.json();
        let items = list["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["obs_id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed("/products").await, [json!(42)]);
    assert_eq!(listed("/observations").await, [json!(42)]);
    assert_eq!(listed("/products?product=_CANARY").await, [json!(null); 0]);
    assert_eq!(listed("/products?obs_id=_canary").await, [json!("_canary")]);
}
