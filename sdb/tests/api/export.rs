use crate::service::{Sdb, noise};
use axum::{body::Body, http::Request};

const INLINE: usize = 64 * 1024;

#[tokio::test]
async fn bytes_come_back_as_they_went_in_wherever_they_lie() {
    let sdb = Sdb::start().await;
    for length in [0, 1, 4096, INLINE - 1, INLINE, INLINE + 1, 4 * INLINE, 1_000_003] {
        let bytes = noise(length);
        let path = format!("/products/{length}/A");
        let record = sdb
            .post(&path, &[("content-type", "image/fits")], bytes.clone())
            .await
            .created();
        assert_eq!(record["size"], length);
        let export = sdb.get(&path).await;
        assert!(export.body == bytes, "{length} bytes differ");
        assert_eq!(export.header("content-type"), "image/fits");
        assert_eq!(export.header("content-length"), length.to_string());
        assert_eq!(
            export.header("etag"),
            format!("\"{}\"", record["sha256"].as_str().unwrap())
        );
        assert_eq!(export.header("content-location"), format!("{path}?version=1"));
        assert!(export.header("repr-digest").starts_with("sha-256=:"));
    }
}

#[tokio::test]
async fn the_latest_version_is_given_unless_another_is_asked_for() {
    let sdb = Sdb::start().await;
    for body in ["one", "two", "three"] {
        sdb.post("/products/42/A", &[], body).await.created();
    }
    assert_eq!(sdb.get("/products/42/A").await.body, "three");
    assert_eq!(sdb.get("/products/42/A?version=1").await.body, "one");
    sdb.get("/products/42/A?version=4")
        .await
        .detail(404, "unknown-version");
    sdb.get("/products/42/A?version=18446744073709551615")
        .await
        .detail(404, "unknown-version");
    sdb.get("/products/42/A?version=one")
        .await
        .detail(422, "invalid-request");
    let detail = sdb.get("/products/42/B").await.detail(404, "unknown-version");
    assert_eq!(detail, "42/B was never imported");
}

#[tokio::test]
async fn head_has_the_headers_and_no_bytes() {
    let sdb = Sdb::start().await;
    for length in [10, 100_000] {
        let path = format!("/products/{length}/A");
        sdb.post(&path, &[], noise(length)).await.created();
        let head = sdb.send(Request::head(&path).body(Body::empty()).unwrap()).await;
        assert_eq!(
            (head.status.as_u16(), head.header("content-length")),
            (200, &*length.to_string())
        );
        assert!(head.body.is_empty());
    }
}

#[tokio::test]
async fn what_comes_later_is_answered_whole() {
    let sdb = Sdb::start().await;
    sdb.post("/products/42/A", &[], "0123456789").await.created();
    let request = Request::get("/products/42/A")
        .header("range", "bytes=2-4")
        .body(Body::empty())
        .unwrap();
    let answer = sdb.send(request).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..]),
        (200, &b"0123456789"[..])
    );
}
