//! The streams are made, checked, adopted, or refused by name.

use crate::support::{bus, stranger};
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use messaging::{StreamNames, Streams, StreamsError};
use std::time::Duration;
use testkit::Nats;

fn other(subjects: &[&str]) -> Config {
    Config {
        name: "OTHER".to_owned(),
        subjects: subjects.iter().map(|subject| (*subject).to_owned()).collect(),
        ..Config::default()
    }
}

fn usual() -> StreamNames {
    StreamNames {
        data: "DATA".to_owned(),
        activity: "ACTIVITY".to_owned(),
    }
}

#[tokio::test]
async fn they_are_made_once_with_the_limits_of_the_protocol() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "sdb").await;
    for _ in 0..2 {
        assert_eq!(bus.ensure_streams(&Streams::default()).await.unwrap(), usual());
    }
    let (_, jetstream) = stranger(&nats).await;
    let data = jetstream
        .get_stream("DATA")
        .await
        .unwrap()
        .cached_info()
        .config
        .clone();
    assert_eq!(data.subjects, ["data.>"]);
    assert_eq!(
        (data.max_age, data.max_bytes),
        (Duration::from_hours(30 * 24), 4 * 1024 * 1024 * 1024)
    );
    assert_eq!(data.duplicate_window, Duration::from_mins(10));
    let activity = jetstream
        .get_stream("ACTIVITY")
        .await
        .unwrap()
        .cached_info()
        .config
        .clone();
    assert_eq!(
        (activity.max_age, activity.max_bytes),
        (Duration::from_hours(7 * 24), 1024 * 1024 * 1024)
    );
}

#[tokio::test]
async fn services_that_start_at_once_do_not_meet() {
    let nats = Nats::start().await;
    let (one, two) = (bus(&nats, "sdb").await, bus(&nats, "conductor").await);
    let (a, b) = (Streams::default(), Streams::default());
    let (one, two) = tokio::join!(one.ensure_streams(&a), two.ensure_streams(&b));
    assert_eq!((one.unwrap(), two.unwrap()), (usual(), usual()));
}

#[tokio::test]
async fn a_stream_that_differs_is_changed_only_by_who_may() {
    let nats = Nats::start().await;
    let bus = bus(&nats, "conductor").await;
    bus.ensure_streams(&Streams::default()).await.unwrap();
    let (_, jetstream) = stranger(&nats).await;
    let max_age = async || {
        jetstream
            .get_stream("DATA")
            .await
            .unwrap()
            .cached_info()
            .config
            .max_age
    };

    let day = Duration::from_hours(24);
    let mut wanted = Streams::default();
    wanted.data.max_age = day;
    bus.ensure_streams(&wanted).await.unwrap();
    assert_eq!(max_age().await, 30 * day, "it is used as it is");
    wanted.update = true;
    bus.ensure_streams(&wanted).await.unwrap();
    assert_eq!(max_age().await, day);
}

#[tokio::test]
async fn a_stream_of_another_name_that_covers_is_adopted() {
    let nats = Nats::start().await;
    let (_, jetstream) = stranger(&nats).await;
    jetstream
        .create_stream(other(&["data.>", "more.>"]))
        .await
        .unwrap();
    let names = bus(&nats, "sdb")
        .await
        .ensure_streams(&Streams::default())
        .await
        .unwrap();
    assert_eq!(
        names,
        StreamNames {
            data: "OTHER".to_owned(),
            ..usual()
        }
    );
}

#[tokio::test]
async fn a_stream_that_overlaps_without_covering_is_refused_by_both_names() {
    let nats = Nats::start().await;
    let (_, jetstream) = stranger(&nats).await;
    jetstream.create_stream(other(&["data.vhf"])).await.unwrap();
    let error = bus(&nats, "sdb")
        .await
        .ensure_streams(&Streams::default())
        .await
        .unwrap_err();
    assert_eq!(
        error,
        StreamsError::Overlap {
            wanted: "DATA".to_owned(),
            subject: "data.>".to_owned(),
            other: "OTHER".to_owned(),
            subjects: vec!["data.vhf".to_owned()],
        }
    );
    assert!(
        error
            .to_string()
            .contains("the stream DATA cannot capture data.>: the stream OTHER")
    );
}

#[tokio::test]
async fn a_stream_that_forgets_what_is_read_is_refused() {
    let nats = Nats::start().await;
    let (_, jetstream) = stranger(&nats).await;
    let queue = Config {
        retention: RetentionPolicy::WorkQueue,
        name: "DATA".to_owned(),
        ..other(&["data.>"])
    };
    jetstream.create_stream(queue).await.unwrap();
    let error = bus(&nats, "sdb")
        .await
        .ensure_streams(&Streams::default())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the stream DATA cannot be used: its retention is WorkQueue"),
        "{error}"
    );
}

#[tokio::test]
async fn a_stream_of_the_right_name_with_other_subjects_is_refused() {
    let nats = Nats::start().await;
    let (_, jetstream) = stranger(&nats).await;
    jetstream
        .create_stream(Config {
            name: "DATA".to_owned(),
            ..other(&["else.>"])
        })
        .await
        .unwrap();
    let error = bus(&nats, "sdb")
        .await
        .ensure_streams(&Streams::default())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains(r#"it captures ["else.>"] and not data.>"#),
        "{error}"
    );
}
