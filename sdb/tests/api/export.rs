use crate::service::{Sdb, noise};
use axum::{body::Body, http::Request};
use testkit::Answered;

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
async fn a_part_is_a_part_of_the_bytes_wherever_they_lie() {
    let sdb = Sdb::start().await;
    for length in [1000, INLINE + 1, 700_001] {
        let bytes = noise(length);
        let path = format!("/products/{length}/A");
        sdb.post(&path, &[], bytes.clone()).await.created();
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=10-99", 10..100),
            ("bytes=-7", length - 7..length),
            ("bytes=500-", 500..length),
            ("bytes=0-99999999", 0..length),
        ] {
            let answer = ask(&sdb, &path, &[("range", range)]).await;
            assert_eq!(answer.status, 206, "{range}");
            assert!(answer.body == bytes[part.clone()], "{range} of {length} differs");
            let of = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            assert_eq!(answer.header("content-range"), of);
            assert_eq!(answer.header("content-length"), part.len().to_string());
            assert_eq!(answer.header("accept-ranges"), "bytes");
        }
        let beyond = ask(&sdb, &path, &[("range", &format!("bytes={length}-"))]).await;
        assert_eq!(beyond.problem(416, "range-not-satisfiable")["size"], length);
        let parts = ask(&sdb, &path, &[("range", "bytes=0-1,5-6")]).await;
        assert!(
            parts.status == 200 && parts.body == bytes,
            "several parts are answered with all"
        );
    }
}

#[tokio::test]
async fn who_has_the_bytes_is_not_sent_them_again() {
    let sdb = Sdb::start().await;
    sdb.post("/products/42/A", &[], "one").await.created();
    let first = sdb.get("/products/42/A").await;
    let tag = first.header("etag").to_owned();
    let again = ask(&sdb, "/products/42/A", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), tag);
    let part = [("range", "bytes=0-0"), ("if-range", &*tag)];
    assert_eq!(ask(&sdb, "/products/42/A", &part).await.body, "o");

    sdb.post("/products/42/A", &[], "two").await.created();
    assert_eq!(
        ask(&sdb, "/products/42/A", &[("if-none-match", &tag)]).await.body,
        "two"
    );
    let part = ask(&sdb, "/products/42/A", &part).await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (200, &b"two"[..]));
}

async fn ask(sdb: &Sdb, path: &str, headers: &[(&str, &str)]) -> Answered {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    sdb.send(request.body(Body::empty()).unwrap()).await
}
