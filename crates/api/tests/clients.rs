//! The clients against a server that answers as real ones do, and as they should not.

#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

use api::conductor::{ManualRequest, Selector};
use api::pipeline::{CancelAnswer, ProcessingQuery, ProcessingRequest, RunAnswer};
use api::sdb::RecordQuery;
use api::{ApiError, ConductorClient, FetchClient, Http, Import, PipelineClient, SdbClient, codes};
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{JsonObject, ObsId, ProcessingState, ProductName, RunId, Version};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;
use url::Url;

/// Serves until the test's runtime ends.
async fn serve(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the server dies with the test's runtime"
    )]
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/").parse().unwrap()
}

fn request() -> ProcessingRequest {
    ProcessingRequest::of("QPO_ECL".parse().unwrap(), obs_id())
}

fn obs_id() -> ObsId {
    42.try_into().unwrap()
}

fn product() -> ProductName {
    "QPO_ECL".parse().unwrap()
}

fn run_id() -> RunId {
    "run_1".parse().unwrap()
}

fn problem(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        body.to_string(),
    )
        .into_response()
}

#[tokio::test]
async fn any_2xx_of_a_pipeline_is_a_yes() {
    let full = json!({"run_id": "run_1", "product": "QPO_ECL", "obs_id": 42, "state": "accepted"});
    let repeat = full.clone();
    let router = Router::new()
        .route(
            "/full/processing",
            post(async || (StatusCode::ACCEPTED, Json(full))),
        )
        .route("/repeat/processing", post(async || Json(repeat)))
        .route("/text/processing", post(async || "ok"))
        .route(
            "/odd/processing",
            post(async || Json(json!({"run_id": 7, "state": "fine"}))),
        )
        .route("/empty/processing", post(async || StatusCode::NO_CONTENT));
    let base = serve(router).await;
    let client = PipelineClient::new(Http::new());
    let posted = async |path| client.post(&base.join(path).unwrap(), &request()).await.unwrap();

    let full = posted("full").await;
    assert_eq!((full.existing, full.run_id), (false, Some(run_id())));
    assert_eq!(full.state, Some(ProcessingState::Accepted));
    assert!(posted("repeat").await.existing);
    for least in ["text", "odd", "empty"] {
        let posted = posted(least).await;
        assert_eq!(
            (posted.existing && least != "odd", posted.run_id),
            (false, None),
            "{least}"
        );
    }
}

#[tokio::test]
async fn a_busy_pipeline_says_when_to_come_back() {
    let router = Router::new().route(
        "/processing",
        post(async || {
            let body = json!({"code": "busy", "title": "Busy", "detail": "4 of 4 runs"});
            (
                [(header::RETRY_AFTER, "7")],
                problem(StatusCode::TOO_MANY_REQUESTS, &body),
            )
                .into_response()
        }),
    );
    let base = serve(router).await;
    let error = PipelineClient::default()
        .post(&base, &request())
        .await
        .unwrap_err();
    assert!(error.is_code(codes::BUSY));
    assert_eq!(
        (error.status(), error.retry_after()),
        (Some(429), Some(Duration::from_secs(7)))
    );
    assert_eq!(error.to_string(), "Busy: 4 of 4 runs (429 busy)");
}

#[tokio::test]
async fn a_post_is_repeated_by_a_307_and_never_becomes_a_get() {
    let router = Router::new()
        .route("/a/processing", post(async || Redirect::temporary("/processing")))
        .route("/b/processing", post(async || Redirect::to("/processing")))
        .route(
            "/processing",
            get(async || "a list").post(async |body: Bytes| (StatusCode::ACCEPTED, body)),
        );
    let base = serve(router).await;
    let client = PipelineClient::default();
    assert!(client.post(&base.join("a").unwrap(), &request()).await.is_ok());
    let error = client
        .post(&base.join("b").unwrap(), &request())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(303));
}

#[tokio::test]
async fn only_a_pipeline_that_says_so_does_not_know_a_run() {
    let unknown = async || problem(StatusCode::NOT_FOUND, &json!({"code": "unknown-run"}));
    let router = Router::new()
        .route(
            "/known/processing/{id}",
            get(async || Json(json!({"run_id": "run_1", "state": "running"}))),
        )
        .route("/gone/processing/{id}", get(unknown).delete(unknown))
        .route("/least/processing", post(async || "ok"))
        .route(
            "/broken/processing/{id}",
            get(async || StatusCode::INTERNAL_SERVER_ERROR),
        );
    let base = serve(router).await;
    let client = PipelineClient::default();
    let at = |path| base.join(path).unwrap();

    let known = client.run(&at("known"), &run_id()).await.unwrap();
    assert!(matches!(known, RunAnswer::Known(run) if run.state == ProcessingState::Running));
    assert_eq!(
        client.run(&at("gone"), &run_id()).await.unwrap(),
        RunAnswer::Unknown
    );
    assert_eq!(
        client.run(&at("least"), &run_id()).await.unwrap(),
        RunAnswer::NotOffered
    );
    assert_eq!(
        client
            .runs(&at("least"), &ProcessingQuery::default())
            .await
            .unwrap(),
        None
    );
    assert_eq!(client.products(&at("least")).await.unwrap(), None);
    assert_eq!(
        client.run(&at("broken"), &run_id()).await.unwrap_err().status(),
        Some(500)
    );
    assert_eq!(
        client.cancel(&at("gone"), &run_id()).await.unwrap(),
        CancelAnswer::Unknown
    );
    assert_eq!(
        client.cancel(&at("known"), &run_id()).await.unwrap(),
        CancelAnswer::NotOffered
    );
}

#[tokio::test]
async fn refused_broken_and_unreadable_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody: Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(listener);
    let client = ConductorClient::new(Http::new(), nobody);
    let error = client.observation(&obs_id()).await.unwrap_err();
    assert!(error.is_unreachable() && !error.is_timeout(), "{error:?}");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rude: Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    #[expect(clippy::disallowed_methods, reason = "it dies with the test's runtime")]
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let error = ConductorClient::new(Http::new(), rude)
        .observation(&obs_id())
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Interrupted { .. }), "{error:?}");

    let base = serve(Router::new().route("/observations/42", get(async || "[]"))).await;
    let error = ConductorClient::new(Http::new(), base)
        .observation(&obs_id())
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Malformed { .. }), "{error:?}");
}

/// Answers as an SDB whose product is a list of the headers that it got.
async fn import(headers: HeaderMap, Path((obs_id, product)): Path<(u64, String)>, body: Bytes) -> Response {
    let told: JsonObject = [
        "content-type",
        "idempotency-key",
        "x-meta",
        "x-provenance",
        "repr-digest",
        "x-operator",
        "traceparent",
    ]
    .into_iter()
    .filter_map(|name| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.into())))
    .collect();
    let record = json!({"obs_id": obs_id, "product": product, "version": 1, "size": body.len(),
        "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "content_type": "text/plain", "created_at": "2026-11-24T04:09:00Z", "href": "http://x/", "meta": told});
    (StatusCode::CREATED, Json(record)).into_response()
}

#[tokio::test]
async fn an_import_tells_all_in_its_headers() {
    let base = serve(Router::new().route("/products/{obs_id}/{product}", post(import))).await;
    let http = Http::new().acting_as("ada").unwrap().traced(Some("00-1-2-01"));
    let describing = Import {
        content_type: Some("text/plain".into()),
        idempotency_key: Some("k1".into()),
        meta: Some(serde_json::from_str(r#"{"é":1}"#).unwrap()),
        provenance: Some(serde_json::from_str(r#"{"run_id":"run_1"}"#).unwrap()),
        sha256: Some(
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
                .parse()
                .unwrap(),
        ),
    };
    let bytes = Bytes::from_static(b"{}");
    let record = SdbClient::new(http, base)
        .import(&obs_id(), &product(), bytes, &describing)
        .await
        .unwrap();
    assert_eq!(
        (record.obs_id, record.version, record.size),
        (obs_id(), Version(1), 2)
    );
    let expected = json!({"content-type": "text/plain", "idempotency-key": "k1", "x-meta": "{\"\\u00e9\":1}",
        "x-provenance": "{\"run_id\":\"run_1\"}", "x-operator": "ada", "traceparent": "00-1-2-01",
        "repr-digest": "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:"});
    assert_eq!(Value::Object(record.meta.unwrap()), expected);
}

#[tokio::test]
async fn an_export_is_read_as_it_comes_and_up_to_a_limit() {
    let large = async |RawQuery(query): RawQuery| {
        assert_eq!(query.as_deref(), Some("version=3"));
        Body::from(vec![7_u8; 300_000])
    };
    let base = serve(Router::new().route("/products/42/QPO_ECL", get(large))).await;
    let client = SdbClient::new(Http::new(), base);
    let export = async || {
        client
            .export(&obs_id(), &product(), Some(Version(3)))
            .await
            .unwrap()
    };
    assert_eq!(export().await.size(), Some(300_000));
    assert_eq!(export().await.bytes(300_000).await.unwrap().len(), 300_000);
    assert!(matches!(
        export().await.bytes(299_999).await,
        Err(ApiError::Malformed { .. })
    ));
}

#[tokio::test]
async fn a_withdrawn_product_is_a_problem_and_a_missing_packet_too() {
    let gone = async || {
        problem(
            StatusCode::GONE,
            &json!({"code": "retracted", "title": "Withdrawn"}),
        )
    };
    let base = serve(Router::new().route("/products/42/QPO_ECL", get(gone))).await;
    let client = SdbClient::new(Http::new(), base.clone());
    let error = client.export(&obs_id(), &product(), None).await.unwrap_err();
    assert!(error.is_code(codes::RETRACTED));
    let error = FetchClient::default()
        .fetch(&base.join("vhf/42/A").unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(404));
}

#[tokio::test]
async fn a_query_sends_only_what_was_asked() {
    let echo = async |RawQuery(query): RawQuery| Json(json!({"items": [], "next": query}));
    let base = serve(Router::new().route("/products", get(echo))).await;
    let query = RecordQuery {
        obs_id: Some(obs_id()),
        since: Some("2026-11-24T04:09:00Z".parse().unwrap()),
        ..RecordQuery::default()
    };
    let page = SdbClient::new(Http::new(), base).records(&query).await.unwrap();
    assert_eq!(page.next.unwrap(), "obs_id=42&since=2026-11-24T04%3A09%3A00Z");
}

#[tokio::test]
async fn the_conductor_s_refusal_says_why() {
    let missing = json!({"code": "inputs-missing", "title": "Mandatory inputs are missing",
        "why": {"text": "waits for EclTmVhfAlert", "blockers": [{"kind": "input", "what": "EclTmVhfAlert"}]}});
    let touched = json!({"dry_run": true, "items": [{"obs_id": 42, "product": "A", "was": "failed", "state": "failed"}]});
    let router = Router::new()
        .route(
            "/processing",
            post(async move || problem(StatusCode::CONFLICT, &missing)),
        )
        .route("/retry", post(async move || Json(touched)));
    let client = ConductorClient::new(Http::new(), serve(router).await);
    let request = ManualRequest {
        product: product(),
        obs_id: obs_id(),
        force: false,
        params: JsonObject::new(),
        note: None,
    };
    let error = client.process(&request).await.unwrap_err();
    assert!(error.is_code(codes::INPUTS_MISSING));
    assert_eq!(
        error.problem().unwrap().why().unwrap().blockers[0].what,
        "EclTmVhfAlert"
    );
    let selector = Selector {
        dry_run: true,
        ..Selector::default()
    };
    assert_eq!(client.retry(&selector).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn an_act_carries_its_key_and_the_client_it_came_from_none() {
    let keyed = async |headers: HeaderMap| {
        let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        Json(json!({"dry_run": key == Some("act-1"), "items": []}))
    };
    let base = serve(Router::new().route("/retry", post(keyed))).await;
    let http = Http::new();
    let is_keyed = async |http: Http| {
        let retry = ConductorClient::new(http, base.clone());
        retry.retry(&Selector::default()).await.unwrap().dry_run
    };
    assert!(is_keyed(http.keyed("act-1").unwrap()).await);
    assert!(!is_keyed(http.clone()).await);
    assert!(http.keyed("a\nb").is_err());
}
