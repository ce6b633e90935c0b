use crate::service::Sdb;

#[tokio::test]
async fn a_document_is_stored_as_it_was_sent() {
    let sdb = Sdb::start().await;
    let document = r#"{ "product":"QPO_ECL",  "obs_id": 42, "burst_id": "sb26022501", "value": 1.50,
        "meta": {"preliminary": true}, "provenance": {"provider": "p", "x": 1} }"#;
    let record = sdb
        .post("/products", &[("content-type", "application/json")], document)
        .await
        .created();
    assert_eq!(record["burst_id"], "sb26022501");
    assert_eq!(record["meta"]["preliminary"], true);
    assert_eq!(record["provenance"]["provider"], "p");
    let export = sdb.get("/products/42/QPO_ECL").await;
    assert_eq!(export.body, document.as_bytes());
    assert_eq!(export.header("content-type"), "application/json");
    assert_eq!(sdb.feed().await[0].record.burst_id.as_deref(), Some("sb26022501"));
}

#[tokio::test]
async fn a_large_document_is_stored_as_well() {
    let sdb = Sdb::start().await;
    let document = format!(
        r#"{{"product": "A", "obs_id": 1, "text": "{}"}}"#,
        "x".repeat(200_000)
    );
    sdb.post("/products", &[], document.clone()).await.created();
    assert_eq!(sdb.get("/products/1/A").await.body, document.as_bytes());
}

#[tokio::test]
async fn headers_win_over_the_document() {
    let sdb = Sdb::start().await;
    let document = r#"{"product": "A", "obs_id": 1, "meta": {"from": "document"}, "provenance": null}"#;
    let record = sdb
        .post("/products", &[("x-meta", r#"{"from": "header"}"#)], document)
        .await
        .created();
    assert_eq!(
        (&record["meta"]["from"], &record["provenance"]),
        (&"header".into(), &serde_json::Value::Null)
    );
}

#[tokio::test]
async fn what_is_no_document_is_refused_by_name() {
    let sdb = Sdb::start().await;
    for (body, code, said) in [
        ("", "invalid-request", "product"),
        ("[]", "invalid-request", ""),
        (r#"{"obs_id": 1}"#, "invalid-request", "product"),
        (r#"{"product": "A"}"#, "invalid-request", "obs_id"),
        (
            r#"{"product": "A", "obs_id": "../../etc"}"#,
            "invalid-obs-id",
            "'/'",
        ),
        (r#"{"product": "A", "obs_id": -1}"#, "invalid-obs-id", "2^53-1"),
        (r#"{"product": "A b", "obs_id": 1}"#, "invalid-request", "' '"),
        (
            r#"{"product": "A", "obs_id": 1, "meta": [1]}"#,
            "invalid-meta",
            "object",
        ),
        (
            r#"{"product": "A", "obs_id": 1, "burst_id": ""}"#,
            "invalid-meta",
            "burst_id",
        ),
        (
            r#"{"product": "A", "obs_id": 1, "provenance": {"run_id": "a/b"}}"#,
            "invalid-provenance",
            "run_id",
        ),
    ] {
        let detail = sdb.post("/products", &[], body).await.detail(422, code);
        assert!(detail.contains(said), "{body}: {detail}");
    }
    sdb.assert_empty().await;
}
