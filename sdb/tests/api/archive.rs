//! `GET /export/{obs_id}`.

use crate::service::{Sdb, noise};
use serde_json::{Value, json};
use std::io::Read;

fn files(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(archive);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (path, bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

#[tokio::test]
async fn an_archive_has_the_latest_of_each_product_and_says_what_it_has() {
    let sdb = Sdb::start().await;
    let (small, large) = (noise(700), noise(200_000));
    sdb.post("/products/42/B", &[], "old").await.created();
    sdb.post("/products/42/B", &[], small.clone()).await.created();
    sdb.post("/products/42/A", &[], large.clone()).await.created();
    sdb.post("/products/42/C", &[], "").await.created();
    sdb.post("/products/42/D", &[], "wrong").await.created();
    let withdrawn = sdb
        .post(
            "/products/42/D/retract",
            &[],
            json!({"reason": "wrong"}).to_string(),
        )
        .await;
    assert_eq!(withdrawn.status, 200);
    sdb.post("/products/43/A", &[], "another observation")
        .await
        .created();

    let archive = sdb.get("/export/42").await;
    assert_eq!(archive.header("content-type"), "application/x-tar");
    assert_eq!(archive.header("content-length"), archive.body.len().to_string());
    let mut files = files(&archive.body);
    let (path, manifest) = files.remove(0);
    assert_eq!(path, "manifest.json");
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let listed: Vec<_> = manifest["products"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["product"].clone(),
                item["version"].clone(),
                item["path"].clone(),
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            (json!("A"), json!(1), json!("A.v1")),
            (json!("B"), json!(2), json!("B.v2")),
            (json!("C"), json!(1), json!("C.v1")),
            (json!("D"), json!(1), Value::Null),
        ]
    );
    assert_eq!(manifest["products"][3]["retracted"]["reason"], "wrong");
    let expected = [("A.v1", large), ("B.v2", small), ("C.v1", Vec::new())];
    assert!(files == expected.map(|(path, bytes)| (path.to_owned(), bytes)));
}

#[tokio::test]
async fn what_has_nothing_has_no_archive() {
    let sdb = Sdb::start().await;
    sdb.get("/export/42").await.problem(404, "unknown-observation");
    sdb.get("/export/a%20b").await.problem(422, "invalid-obs-id");
}
