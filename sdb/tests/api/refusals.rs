//! Bad requests: each gets its documented answer, and nothing of it is visible.

use crate::service::{MAX_BODY, Sdb, noise};
use axum::{
    body::{Body, Bytes},
    http::Request,
};
use futures_util::stream;
use std::io;

#[tokio::test]
async fn absurd_observations_and_products_are_refused() {
    let sdb = Sdb::start().await;
    let long = "x".repeat(65);
    for obs_id in [
        "%2e%2e%2f%2e%2e%2fetc",
        "..",
        ".hidden",
        "%C3%A9",
        "%00",
        "a%20b",
        &long,
        "%ff",
    ] {
        sdb.post(&format!("/products/{obs_id}/A"), &[], "x")
            .await
            .detail(422, "invalid-obs-id");
        sdb.get(&format!("/products/{obs_id}/A"))
            .await
            .detail(422, "invalid-obs-id");
        sdb.get(&format!("/products/{obs_id}"))
            .await
            .detail(422, "invalid-obs-id");
    }
    for product in ["a.b", "%2e%2e", "%C3%A9", &long] {
        sdb.post(&format!("/products/1/{product}"), &[], "x")
            .await
            .detail(422, "invalid-request");
    }
    sdb.get("/products?obs_id=../x")
        .await
        .detail(422, "invalid-obs-id");
    sdb.post("/products/1/A/B/C", &[], "x")
        .await
        .detail(404, "not-found");
    sdb.assert_empty().await;
}

#[tokio::test]
async fn a_wrong_digest_stores_nothing() {
    let sdb = Sdb::start().await;
    let wrong = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
    for body in [noise(100), noise(300_000)] {
        for (name, value) in [
            ("repr-digest", format!("sha-256=:{wrong}:")),
            ("digest", format!("sha-256={wrong}")),
        ] {
            sdb.post("/products/1/A", &[(name, &value)], body.clone())
                .await
                .detail(400, "digest-mismatch");
        }
    }
    sdb.post("/products/1/A", &[("digest", "SHA-256=x")], "x")
        .await
        .detail(400, "invalid-digest");
    sdb.assert_empty().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_or_not_its_length_is_known() {
    let sdb = Sdb::start().await;
    let limit = usize::try_from(MAX_BODY).unwrap();
    let body = Body::from(noise(limit + 1));
    sdb.post("/products/1/A", &[], body)
        .await
        .detail(413, "too-large");
    let chunks = stream::iter((0..=MAX_BODY / 1024).map(|_| Ok::<_, io::Error>(Bytes::from(noise(1024)))));
    let detail = sdb
        .post("/products/1/A", &[], Body::from_stream(chunks))
        .await
        .detail(413, "too-large");
    assert_eq!(detail, "at most 1048576 bytes are taken");
    sdb.assert_empty().await;
    sdb.post("/products/1/A", &[], noise(limit)).await.created();
}

#[tokio::test]
async fn a_body_that_is_cut_off_leaves_nothing() {
    let sdb = Sdb::start().await;
    for length in [100, 300_000] {
        let chunks = vec![
            Ok(Bytes::from(noise(length))),
            Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        ];
        let body = Body::from_stream(stream::iter(chunks));
        let detail = sdb
            .post("/products/1/A", &[], body)
            .await
            .detail(400, "body-incomplete");
        assert_eq!(detail, format!("{length} bytes came; nothing was stored"));
    }
    sdb.assert_empty().await;
}

#[tokio::test]
async fn an_import_whose_client_goes_away_leaves_nothing() {
    let sdb = Sdb::start().await;
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let first = stream::iter([Ok::<_, io::Error>(Bytes::from(noise(300_000)))]);
    let then = stream::once(async {
        let _ = sender.send(());
        std::future::pending().await
    });
    let body = Body::from_stream(futures_util::StreamExt::chain(first, then));
    tokio::select! {
        answer = sdb.post("/products/1/A", &[], body) => panic!("answered {answer:?}"),
        sent = receiver => sent.unwrap(),
    }
    sdb.assert_empty().await;
}

#[tokio::test]
async fn headers_that_make_no_sense_are_named() {
    let sdb = Sdb::start().await;
    let large = format!(r#"{{"x": "{}"}}"#, "x".repeat(8 * 1024));
    let key = "k".repeat(256);
    for (name, value, status, code) in [
        ("x-meta", "{", 422, "invalid-meta"),
        ("x-meta", "[]", 422, "invalid-meta"),
        ("x-meta", "null", 422, "invalid-meta"),
        ("x-meta", r#"{"burst_id": 5}"#, 422, "invalid-meta"),
        ("x-meta", r#"{"burst_id": "a b"}"#, 422, "invalid-meta"),
        ("x-meta", "{\"x\": \"é\"}", 422, "invalid-meta"),
        ("x-meta", &large, 431, "header-too-large"),
        ("x-provenance", r#"{"attempt": "one"}"#, 422, "invalid-provenance"),
        ("x-provenance", r#"["run", 1]"#, 422, "invalid-provenance"),
        ("x-provenance", &large, 431, "header-too-large"),
        ("idempotency-key", "", 422, "invalid-header"),
        ("idempotency-key", &key, 422, "invalid-header"),
        ("content-encoding", "gzip", 415, "unsupported-media-type"),
    ] {
        let request = Request::post("/products/1/A")
            .header(name, value.as_bytes())
            .body(Body::from("x"))
            .unwrap();
        let detail = sdb.send(request).await.detail(status, code);
        assert!(!detail.is_empty());
    }
    sdb.assert_empty().await;
}
