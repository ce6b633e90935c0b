//! The routes that every service has, and how problems look: by `oneshot`, and once over a real socket.
#![expect(
    clippy::unwrap_used,
    reason = "in a test a wrong value is a failure, and says where"
)]

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{
    ApiJson, ApiPath, ApiQuery, Health, Items, Operator, Page, Problem, ServiceInfo, Shutdown, TraceParent,
};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Notify};
use tower::ServiceExt as _;
use utoipa_axum::{router::OpenApiRouter, routes};

const INFO: ServiceInfo = ServiceInfo {
    name: "example",
    version: "1.2.3",
    description: "An example.",
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Order {
    obs_id: u64,
    params: Option<Params>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Params {
    bins: u32,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Filter {
    since: Option<u32>,
}

#[utoipa::path(post, path = "/orders/{obs_id}", responses((status = OK, body = String), (status = 422, body = Problem)))]
async fn order(
    ApiPath(obs_id): ApiPath<u64>,
    operator: Operator,
    ApiJson(order): ApiJson<Order>,
) -> Result<String, Problem> {
    let bins = order.params.map_or(0, |params| params.bins);
    if bins == 13 {
        return Err(Problem::internal(std::io::Error::other("secret of the house")));
    }
    Ok(format!("{operator} {obs_id} {} {bins}", order.obs_id))
}

#[utoipa::path(get, path = "/orders", params(Filter, Page), responses((status = OK, body = Items<u32>)))]
async fn orders(ApiQuery(filter): ApiQuery<Filter>, page: Page) -> axum::Json<Items<u32>> {
    let first = filter.since.unwrap_or(0);
    axum::Json(Items {
        items: (first..).take(page.limit.min(3)).collect(),
        next: page.cursor,
    })
}

#[utoipa::path(get, path = "/trace", responses((status = OK, body = String)))]
async fn trace(trace: TraceParent) -> String {
    trace.trace_id()
}

fn routes_of_the_example() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(order))
        .routes(routes!(orders))
        .routes(routes!(trace))
}

fn example(health: Health) -> Router {
    service_kit::assemble(routes_of_the_example(), INFO, health, &Shutdown::default())
}

async fn send(request: Request<Body>) -> Response<Body> {
    example(Health::default()).oneshot(request).await.unwrap()
}

async fn get(path: &str) -> Response<Body> {
    send(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn post(path: &str, body: impl Into<Body>) -> Response<Body> {
    send(
        Request::post(path)
            .header("x-operator", "ada")
            .body(body.into())
            .unwrap(),
    )
    .await
}

async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn problem(response: Response<Body>) -> Value {
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    let status = response.status().as_u16();
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["type"], "about:blank");
    body
}

#[tokio::test]
async fn a_good_request_needs_no_content_type() {
    let response = post("/orders/7", r#"{"obs_id": 42, "params": {"bins": 5}, "more": 1}"#).await;
    assert_eq!(text(response).await, "ada 7 42 5");
}

#[tokio::test]
async fn a_bad_body_is_told_what_is_wrong_and_where() {
    let body = problem(post("/orders/7", r#"{"obs_id": 42, "params": {"bins": "many"}}"#).await).await;
    assert_eq!(
        (&body["code"], &body["status"]),
        (&json!("invalid-request"), &json!(422))
    );
    assert_eq!(body["field"], "params.bins");
    assert!(body["detail"].as_str().unwrap().contains("\"many\""), "{body}");

    let body = problem(post("/orders/7", r#"{"obs_id": "x"}"#).await).await;
    assert_eq!(body["code"], "invalid-obs-id");

    for (sent, expected) in [
        ("{\"obs_id\": 4", "not JSON"),
        ("", "missing field `obs_id`"),
        ("{}", "missing field `obs_id`"),
    ] {
        let body = problem(post("/orders/7", sent).await).await;
        assert_eq!(body["code"], "invalid-request");
        assert!(
            body["detail"].as_str().unwrap().contains(expected),
            "{sent:?} gave {body}"
        );
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let body = problem(post("/orders/7", vec![b' '; 3 * 1024 * 1024]).await).await;
    assert_eq!(
        (&body["code"], &body["status"]),
        (&json!("too-large"), &json!(413))
    );
}

#[tokio::test]
async fn paths_queries_and_headers_are_refused_as_problems() {
    assert_eq!(problem(post("/orders/seven", "{}").await).await["status"], 422);
    let body = problem(get("/orders?since=noon").await).await;
    assert_eq!(
        (&body["code"], &body["field"]),
        (&json!("invalid-request"), &json!("since"))
    );
    assert_eq!(
        problem(get("/orders?limit=0").await).await["code"],
        "invalid-request"
    );
    let nameless = Request::post("/orders/7")
        .header("x-operator", " ")
        .body("{\"obs_id\":1}".into())
        .unwrap();
    assert_eq!(problem(send(nameless).await).await["field"], "X-Operator");
}

#[tokio::test]
async fn lists_have_items_and_next() {
    let body: Value =
        serde_json::from_str(&text(get("/orders?since=5&limit=2&cursor=c").await).await).unwrap();
    assert_eq!(body, json!({"items": [5, 6], "next": "c"}));
}

#[tokio::test]
async fn an_unknown_route_and_an_unknown_method_are_problems() {
    assert_eq!(problem(get("/nowhere").await).await["code"], "not-found");
    let response = post("/orders", "{}").await;
    assert!(
        response.headers()[header::ALLOW]
            .to_str()
            .unwrap()
            .contains("GET")
    );
    assert_eq!(problem(response).await["code"], "method-not-allowed");
}

#[tokio::test]
async fn an_inner_error_stays_inside() {
    let body = problem(post("/orders/7", r#"{"obs_id": 1, "params": {"bins": 13}}"#).await).await;
    assert_eq!(body["code"], "internal");
    assert!(!body.to_string().contains("secret"));
}

#[tokio::test]
async fn readiness_follows_the_checks_and_liveness_does_not() {
    let health = Health::default();
    let check = health.check("disk");
    let app = example(health);
    let ask = async |path: &str| {
        app.clone()
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap()
    };
    check.failing("full");
    let body = problem(ask("/health/ready").await).await;
    assert_eq!(
        (&body["status"], &body["code"]),
        (&json!(503), &json!("not-ready"))
    );
    assert_eq!(
        body["checks"],
        json!([{"name": "disk", "ok": false, "reason": "full"}])
    );
    assert_eq!(ask("/health/live").await.status(), StatusCode::OK);
    check.ok();
    assert_eq!(ask("/health/ready").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn metrics_tell_of_requests_by_route_and_of_the_process() {
    post("/orders/7", r#"{"obs_id": 42}"#).await;
    get("/nowhere/near").await;
    let metrics = text(get("/metrics").await).await;
    let counted =
        r#"http_request_duration_seconds_count{method="POST",route="/orders/{obs_id}",status="2xx"}"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains(r#"route="none",status="4xx""#), "{metrics}");
    assert!(!metrics.contains("/nowhere/near"));
    #[cfg(target_os = "linux")]
    assert!(metrics.contains("process_resident_memory_bytes "), "{metrics}");
}

#[tokio::test]
async fn the_document_describes_the_routes_and_its_reader_is_inside() {
    let document: Value = serde_json::from_str(&text(get("/openapi.json").await).await).unwrap();
    assert_eq!(document["info"]["title"], "example");
    assert_eq!(document["info"]["version"], "1.2.3");
    assert!(document["paths"]["/orders/{obs_id}"]["post"].is_object());
    assert!(document["components"]["schemas"]["Problem"].is_object());
    let page = text(get("/docs/").await).await;
    assert!(page.contains("swagger-ui-bundle.js") && !page.contains("http://") && !page.contains("https://"));
    assert!(
        text(get("/docs/swagger-initializer.js").await)
            .await
            .contains("/openapi.json")
    );
    let bundle = get("/docs/swagger-ui-bundle.js").await;
    assert_eq!(bundle.status(), StatusCode::OK);
    assert_eq!(get("/docs").await.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(problem(get("/docs/none").await).await["code"], "not-found");
}

#[tokio::test]
async fn a_trace_is_passed_on_and_begun() {
    let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = Request::get("/trace")
        .header("traceparent", given)
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        text(send(request).await).await,
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
    assert_eq!(text(get("/trace").await).await.len(), 32);
}

/// A real socket: an answer under way is finished, a new connection is refused, and the exit code is 0.
#[tokio::test]
async fn a_stop_lets_answers_finish_and_takes_no_new_ones() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, door) = (Arc::clone(&entered), Arc::clone(&leave));
    let slow = async move || {
        inside.notify_one();
        door.notified().await;
        "done"
    };
    let router = OpenApiRouter::new().route("/slow", axum::routing::get(slow));
    let (shutdown, health) = (Shutdown::default(), Health::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = service_kit::serve(listener, router, INFO, health, &shutdown).unwrap();

    let url = format!("http://{address}/slow");
    let answer = reqwest::get(&url);
    let scenario = async {
        entered.notified().await;
        shutdown.stop();
        let refused = async {
            while reqwest::get(format!("http://{address}/health/live"))
                .await
                .is_ok()
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), refused)
            .await
            .expect("still accepts");
        leave.notify_one();
    };
    let (answer, ()) = tokio::join!(answer, scenario);
    assert_eq!(answer.unwrap().text().await.unwrap(), "done");
    let code = shutdown.run_until_stopped(Duration::from_secs(10)).await;
    assert_eq!(
        format!("{code:?}"),
        format!("{:?}", std::process::ExitCode::SUCCESS)
    );
}
