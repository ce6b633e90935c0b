//! Opening the store: what it finds, what it refuses, what it sweeps.

use crate::service::{Sdb, files, noise};
use sdb::store::{OpenError, Store};
use sqlx::{Connection, SqliteConnection};

#[tokio::test]
async fn a_store_that_was_closed_is_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let sdb = Sdb::open(directory.path()).await;
    sdb.post("/products/42/A", &[], "one").await.created();
    let feed = sdb.store.feed();
    sdb.stop().await;
    let sdb = Sdb::open(directory.path()).await;
    assert_eq!((sdb.store.feed(), sdb.feed().await.len()), (feed, 1));
    assert_eq!(
        sdb.post("/products/42/A", &[], "two").await.created()["version"],
        2
    );
    assert_eq!(sdb.feed().await[1].n, 2);
}

#[tokio::test]
async fn a_store_has_one_process() {
    let directory = tempfile::tempdir().unwrap();
    let sdb = Sdb::open(directory.path()).await;
    let error = Store::open(directory.path()).await.expect_err("it is in use");
    assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    assert!(error.to_string().contains("--data-dir"), "{error}");
    assert!(matches!(
        Store::renew_feed(directory.path()).await,
        Err(OpenError::InUse { .. })
    ));
    sdb.stop().await;
    Store::open(directory.path()).await.unwrap();
}

#[tokio::test]
async fn a_restored_store_can_be_given_a_new_feed() {
    let directory = tempfile::tempdir().unwrap();
    let sdb = Sdb::open(directory.path()).await;
    sdb.post("/products/42/A", &[], "one").await.created();
    let old = sdb.store.feed();
    sdb.stop().await;
    let new = Store::renew_feed(directory.path()).await.unwrap();
    assert_ne!(old, new);
    let sdb = Sdb::open(directory.path()).await;
    assert_eq!(sdb.store.feed(), new);
    sdb.get(&format!("/events?after=1&feed={old}"))
        .await
        .detail(409, "feed-changed");
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    Sdb::open(directory.path()).await.stop().await;
    let url = format!("sqlite://{}", directory.path().join("catalogue.sqlite").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("insert into schema_version (version) values (99)")
        .execute(&mut connection)
        .await
        .unwrap();
    let error = Store::open(directory.path())
        .await
        .expect_err("it is newer")
        .to_string();
    assert!(error.contains("99") && error.contains("newer program"), "{error}");
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_once_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = directory.path().join("blobs");
    let sdb = Sdb::open(directory.path()).await;
    let bytes = noise(100_000);
    sdb.post("/products/42/A", &[], bytes.clone()).await.created();
    sdb.stop().await;
    std::fs::write(blobs.join("1/orphan"), "a blob without a row").unwrap();
    std::fs::write(blobs.join("1/upload#1"), "an upload that never ended").unwrap();
    assert_eq!(files(&blobs), 3);

    let sdb = Sdb::open(directory.path()).await;
    sdb.store.sweep().await.unwrap();
    assert_eq!(files(&blobs), 1);
    assert!(sdb.get("/products/42/A").await.body == bytes);
    sdb.stop().await;

    // Its folder is not looked at again: starting does not take longer as the archive grows.
    std::fs::write(blobs.join("1/later"), "nobody of ours did this").unwrap();
    let sdb = Sdb::open(directory.path()).await;
    sdb.store.sweep().await.unwrap();
    assert_eq!(files(&blobs), 2);
}
