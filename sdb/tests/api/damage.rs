//! Bytes that the disk has changed are never handed out as a product.

use crate::service::{Sdb, noise};
use axum::{body::Body, http::Request};
use sqlx::{Connection, SqliteConnection};
use std::path::{Path, PathBuf};
use tower::ServiceExt;

#[tokio::test]
async fn a_damaged_row_is_not_exported() {
    let directory = tempfile::tempdir().unwrap();
    let sdb = Sdb::open(directory.path()).await;
    sdb.post("/products/42/A", &[], "bytes").await.created();
    let url = format!("sqlite://{}", directory.path().join("catalogue.sqlite").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("update payloads set bytes = $1")
        .bind(&b"bytEs"[..])
        .execute(&mut connection)
        .await
        .unwrap();
    let detail = sdb.get("/products/42/A").await.detail(500, "checksum-mismatch");
    assert!(detail.contains("42/A version 1"), "{detail}");
}

#[tokio::test]
async fn a_damaged_blob_breaks_the_transfer() {
    let directory = tempfile::tempdir().unwrap();
    let sdb = Sdb::open(directory.path()).await;
    let bytes = noise(600_000);
    sdb.post("/products/42/A", &[], bytes.clone()).await.created();
    let blob = only_file(&directory.path().join("blobs"));
    for damage in [
        change(&bytes, 0),
        change(&bytes, 599_999),
        bytes[..599_999].to_vec(),
        [&bytes[..], b"x"].concat(),
    ] {
        std::fs::write(&blob, damage).unwrap();
        let request = Request::get("/products/42/A").body(Body::empty()).unwrap();
        let response = sdb.routes.0.clone().oneshot(request).await.unwrap();
        axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .expect_err("the transfer breaks");
    }
    std::fs::write(&blob, &bytes).unwrap();
    assert!(sdb.get("/products/42/A").await.body == bytes);
    std::fs::remove_file(&blob).unwrap();
    sdb.get("/products/42/A").await.detail(503, "store-unavailable");
}

fn change(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[place] ^= 1;
    changed
}

fn only_file(directory: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(directory).unwrap();
    let path = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none());
    if path.is_dir() { only_file(&path) } else { path }
}
