//! Import by a multipart form.

use crate::service::{MAX_BODY, Sdb, noise};
use serde_json::json;

const TYPE: (&str, &str) = ("content-type", "multipart/form-data; boundary=frontier");

/// A form of parts: name, what else its headers say, bytes.
fn form(parts: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, more, bytes) in parts {
        let head = format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--frontier--\r\n");
    body
}

#[tokio::test]
async fn a_form_names_its_product_before_or_after_its_bytes() {
    let sdb = Sdb::start().await;
    let fits = "; filename=\"a.fits\"\r\nContent-Type: image/fits";
    for (version, length) in [(1, 10), (2, 300_000)] {
        let bytes = noise(length);
        let names: [(&str, &str, &[u8]); 2] = [("product", "", b"A"), ("obs_id", "", b"42")];
        let mut parts = vec![("file", fits, &bytes[..])];
        parts.extend(names);
        parts.push(("comment", "", b"passed over"));
        if version == 2 {
            parts.reverse();
        }
        let record = sdb.post("/products", &[TYPE], form(&parts)).await.created();
        assert_eq!(
            (
                &record["obs_id"],
                &record["product"],
                &record["version"],
                &record["content_type"]
            ),
            (&json!(42), &json!("A"), &json!(version), &json!("image/fits"))
        );
        assert!(
            sdb.get("/products/42/A").await.body == bytes,
            "{length} bytes differ"
        );
    }
}

#[tokio::test]
async fn meta_and_provenance_may_be_larger_than_headers() {
    let sdb = Sdb::start().await;
    let note = "x".repeat(50_000);
    let meta = json!({"note": note, "burst_id": "sb26022501"}).to_string();
    let provenance =
        json!({"run_id": "r1", "attempt": 1, "provider": "qpo", "params": {"a": note}}).to_string();
    let body = form(&[
        ("meta", "", meta.as_bytes()),
        ("provenance", "", provenance.as_bytes()),
        ("file", "", b"bytes"),
    ]);
    let record = sdb.post("/products/42/A", &[TYPE], body).await.created();
    assert_eq!(record["meta"]["note"], json!(note));
    assert_eq!(record["provenance"]["run_id"], "r1");
    assert_eq!(record["burst_id"], "sb26022501");
    assert_eq!(record["content_type"], "application/octet-stream");
    assert_eq!(sdb.get("/products/42/A").await.body, "bytes");
}

#[tokio::test]
async fn a_form_that_is_not_whole_or_not_clear_leaves_nothing() {
    let sdb = Sdb::start().await;
    let whole = form(&[
        ("product", "", b"A"),
        ("obs_id", "", b"42"),
        ("file", "", &noise(100_000)),
    ]);
    let cases: [(&str, Vec<u8>, u16, &str); 9] = [
        (
            "/products",
            whole[..whole.len() - 20].to_vec(),
            422,
            "invalid-form",
        ),
        ("/products", b"no form at all".to_vec(), 422, "invalid-form"),
        (
            "/products",
            form(&[("product", "", b"A"), ("file", "", b"x")]),
            422,
            "invalid-form",
        ),
        (
            "/products",
            form(&[("product", "", b"A"), ("obs_id", "", b"42")]),
            422,
            "invalid-form",
        ),
        (
            "/products",
            form(&[
                ("product", "", b"A"),
                ("product", "", b"B"),
                ("obs_id", "", b"42"),
                ("file", "", b"x"),
            ]),
            422,
            "invalid-form",
        ),
        (
            "/products",
            form(&[("product", "", b"A"), ("obs_id", "", b"a b"), ("file", "", b"x")]),
            422,
            "invalid-obs-id",
        ),
        ("/products/42/B", whole.clone(), 422, "invalid-form"),
        (
            "/products/42/A",
            form(&[("meta", "", b"[]"), ("file", "", b"x")]),
            422,
            "invalid-meta",
        ),
        (
            "/products/42/A",
            form(&[("meta", "", &vec![b'x'; 300_000]), ("file", "", b"x")]),
            422,
            "invalid-form",
        ),
    ];
    for (path, body, status, code) in cases {
        sdb.post(path, &[TYPE], body).await.problem(status, code);
    }
    let boundless = [("content-type", "multipart/form-data")];
    sdb.post("/products", &boundless, whole.clone())
        .await
        .problem(422, "invalid-form");
    let large = form(&[("file", "", &noise(usize::try_from(MAX_BODY).unwrap() + 1))]);
    sdb.post("/products/42/A", &[TYPE], large)
        .await
        .problem(413, "too-large");
    sdb.assert_empty().await;
}
