use crate::service::{Sdb, timeless};

const REASON: &str = r#"{"reason": "wrong calibration"}"#;

#[tokio::test]
async fn a_withdrawn_version_is_kept_announced_and_given_out_only_by_number() {
    let sdb = Sdb::start().await;
    sdb.post("/products/42/A", &[], "one").await.created();
    sdb.post("/products/42/A", &[], "two").await.created();
    let answer = sdb
        .post("/products/42/A/retract", &[("x-operator", "ada")], REASON)
        .await;
    assert_eq!(answer.status, 200);
    insta::assert_json_snapshot!("withdrawn", timeless(answer.json()));
    let gone = sdb.get("/products/42/A").await;
    let detail = gone.detail(410, "retracted");
    assert!(
        detail.contains("wrong calibration") && detail.contains("?version=2"),
        "{detail}"
    );
    assert_eq!(sdb.get("/products/42/A?version=2").await.body, "two");
    let announced = sdb.get("/events?after=2").await.json()["items"][0].clone();
    assert_eq!(
        (&announced["retracted"], &announced["version"]),
        (&true.into(), &2.into())
    );
    let first = sdb.get("/events?after=1&limit=1").await.json()["items"][0].clone();
    assert_eq!(
        first["retracted"],
        serde_json::Value::Null,
        "what was announced stays as it was"
    );

    sdb.post("/products/42/A", &[], "three").await.created();
    assert_eq!(
        sdb.get("/products/42/A").await.body,
        "three",
        "a newer version brings the product back"
    );
}

#[tokio::test]
async fn an_older_version_is_withdrawn_without_touching_the_latest() {
    let sdb = Sdb::start().await;
    sdb.post("/products/42/A", &[], "one").await.created();
    sdb.post("/products/42/A", &[], "two").await.created();
    assert_eq!(
        sdb.post("/products/42/A/retract?version=1", &[], REASON)
            .await
            .json()["version"],
        1
    );
    assert_eq!(sdb.get("/products/42/A").await.body, "two");
}

#[tokio::test]
async fn a_second_withdrawal_keeps_the_first_reason_and_is_announced_again() {
    let sdb = Sdb::start().await;
    sdb.post("/products/42/A", &[("idempotency-key", "k")], "one")
        .await
        .created();
    let first = sdb.post("/products/42/A/retract", &[], REASON).await.json();
    let second = sdb
        .post("/products/42/A/retract", &[], r#"{"reason": "other"}"#)
        .await
        .json();
    assert_eq!(first, second);
    let repeat = sdb
        .post("/products/42/A", &[("idempotency-key", "k")], "one")
        .await;
    assert_eq!(repeat.status, 200);
    let retracted: Vec<bool> = sdb.feed().await.iter().map(|entry| entry.retracted).collect();
    assert_eq!(
        retracted,
        [false, true, true, true],
        "a repeat does not bring back what was withdrawn"
    );
}

#[tokio::test]
async fn what_is_not_there_or_has_no_reason_is_refused() {
    let sdb = Sdb::start().await;
    sdb.post("/products/42/A/retract", &[], REASON)
        .await
        .detail(404, "unknown-version");
    sdb.post("/products/42/A", &[], "one").await.created();
    sdb.post("/products/42/A/retract?version=2", &[], REASON)
        .await
        .detail(404, "unknown-version");
    let long = format!(r#"{{"reason": "{}"}}"#, "x".repeat(1001));
    for body in ["", "{}", r#"{"reason": ""}"#, &long] {
        sdb.post("/products/42/A/retract", &[], body.to_owned())
            .await
            .detail(422, "invalid-request");
    }
    assert_eq!(sdb.get("/products/42/A").await.body, "one");
}
