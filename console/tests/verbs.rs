//! The verbs as an operator runs them: the real program, a real nats-server, a conductor's answers.

#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{Activity, Announcement, ServiceName};
use messaging::{Bus, BusOptions, ConsumerOptions, Next, Streams};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use testkit::{Nats, free_port};
use tokio::net::TcpListener;

const DEADLINE: Duration = Duration::from_secs(30);

fn console(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchestra-console"));
    command.args(arguments).env_remove("COLUMNS").env("USER", "ada");
    command
}

async fn run(arguments: &[&str]) -> Output {
    let mut command = console(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a conductor would answer, for as long as the test runs.
async fn conductor(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    #[expect(
        clippy::disallowed_methods,
        reason = "the server dies with the test's runtime"
    )]
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn problem(status: StatusCode, body: &Value) -> Response {
    (status, body.to_string()).into_response()
}

async fn bus(nats: &Nats) -> Bus {
    let name: ServiceName = "conductor".parse().unwrap();
    let bus = Bus::connect(BusOptions::new([nats.url()], name)).await.unwrap();
    bus.ensure_streams(&Streams::default()).await.unwrap();
    bus
}

#[tokio::test]
async fn an_announcement_is_in_the_stream_as_the_plain_publish_would_be() {
    let nats = Nats::start().await;
    let bus = bus(&nats).await;
    let ended = run(&["announce", "EclTmVhfAlert", "42", "--nats", &nats.url()]).await;
    assert!(ended.status.success(), "{}", stderr(&ended));
    assert_eq!(
        stdout(&ended),
        "data.vhf has {\"product\":\"EclTmVhfAlert\",\"obs_id\":42} as number 1\n"
    );
    let all = [
        "announce",
        "A",
        "007",
        "--source",
        "lab",
        "--version",
        "3",
        "--meta",
        r#"{"x":1}"#,
        "--json",
    ];
    let ended = run(&[&all[..], &["--nats", &nats.url()]].concat()).await;
    let told: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(
        (&told["subject"], &told["sequence"]),
        (&json!("data.lab"), &json!(2))
    );

    let (mut consumer, _) = bus.data_consumer(ConsumerOptions::new("test"), None);
    let mut read = Vec::new();
    while read.len() < 2 {
        let next = tokio::time::timeout(DEADLINE, consumer.next_batch(2))
            .await
            .unwrap();
        if let Next::Batch(batch) = next {
            read.extend(batch.iter().map(|one| {
                (
                    one.source.clone().unwrap(),
                    Announcement::decode(&one.body).unwrap(),
                )
            }));
        }
    }
    assert_eq!(
        read[0].1,
        Announcement::of("EclTmVhfAlert".parse().unwrap(), 42.try_into().unwrap())
    );
    assert_eq!(
        (read[1].0.as_str(), read[1].1.version),
        ("lab", Some(domain::Version(3)))
    );
}

#[tokio::test]
async fn an_announcement_that_nobody_would_keep_is_a_failure() {
    let nats = Nats::start().await;
    let ended = run(&["announce", "EclTmVhfAlert", "42", "--nats", &nats.url()]).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        stderr(&ended).contains("no stream captures it"),
        "{}",
        stderr(&ended)
    );
}

#[tokio::test]
async fn who_is_not_there_is_named_with_what_to_do() {
    let url = format!("http://127.0.0.1:{}", free_port());
    let ended = run(&["list", "--conductor", &url]).await;
    assert_eq!(ended.status.code(), Some(1));
    let expected =
        format!("orchestra-console: the conductor does not answer at {url}; is it running? (just status)\n");
    assert_eq!(stderr(&ended), expected);

    let nats = format!("nats://127.0.0.1:{}", free_port());
    let ended = run(&["announce", "A", "1", "--nats", &nats]).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        stderr(&ended).contains("NATS does not answer at"),
        "{}",
        stderr(&ended)
    );
    assert_eq!(run(&["retry"]).await.status.code(), Some(2));
}

#[tokio::test]
async fn a_trigger_says_who_asks_and_what_came_of_it() {
    let process = async |headers: HeaderMap, Json(body): Json<Value>| {
        let by = headers["x-operator"].to_str().unwrap();
        assert_eq!(
            (by, &body["force"], &body["params"]),
            ("ada", &json!(true), &json!({"bins": 64}))
        );
        (
            StatusCode::ACCEPTED,
            Json(json!({"run_id": "run_1", "state": "queued"})),
        )
    };
    let url = conductor(Router::new().route("/processing", post(process))).await;
    let ended = run(&[
        "trigger",
        "QPO_ECL",
        "42",
        "--force",
        "--params",
        r#"{"bins":64}"#,
        "--conductor",
        &url,
    ])
    .await;
    assert_eq!(
        stdout(&ended),
        "QPO_ECL of 42 is queued as run_1\n",
        "{}",
        stderr(&ended)
    );
}

#[tokio::test]
async fn a_trigger_that_cannot_start_says_why() {
    let why = json!({"text": "QPO_ECL waits for EclTmVhfAlert", "blockers": [
        {"kind": "input", "what": "EclTmVhfAlert", "detail": "it was not announced", "state": "not_expected"}]});
    let missing = json!({"code": "inputs-missing", "title": "Mandatory inputs are missing", "why": why});
    let router = Router::new().route(
        "/processing",
        post(async move || problem(StatusCode::CONFLICT, &missing)),
    );
    let ended = run(&[
        "trigger",
        "QPO_ECL",
        "42",
        "--conductor",
        &conductor(router).await,
    ])
    .await;
    assert_eq!(ended.status.code(), Some(1));
    let expected = "QPO_ECL of 42 is not started; --force does all the same\n\
        QPO_ECL waits for EclTmVhfAlert\n  - EclTmVhfAlert not_expected: it was not announced\n";
    assert_eq!(stdout(&ended), expected);
}

#[tokio::test]
async fn an_observation_is_shown_and_an_unknown_one_is_a_failure() {
    let unknown = json!({"code": "unknown-observation", "title": "No such observation"});
    let router = Router::new()
        .route(
            "/observations/sb26022501",
            get(async || include_str!("observation.json")),
        )
        .route(
            "/observations/7",
            get(async move || problem(StatusCode::NOT_FOUND, &unknown)),
        );
    let url = conductor(router).await;
    let ended = run(&["show", "sb26022501", "--conductor", &url]).await;
    let text = stdout(&ended);
    assert!(
        text.starts_with("sb26022501: 8 cells: 1 failed, 1 retrying, 1 running, 1 waiting, 2 received"),
        "{text}"
    );
    assert!(
        text.ends_with("1 not expected; --all shows why\n") && !text.contains("QPO_MXT"),
        "{text}"
    );
    let ended = run(&["show", "sb26022501", "--json", "--conductor", &url]).await;
    assert_eq!(
        serde_json::from_slice::<Value>(&ended.stdout).unwrap()["cells"]
            .as_array()
            .unwrap()
            .len(),
        8
    );

    let ended = run(&["show", "7", "--conductor", &url]).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        stderr(&ended).contains("no data of observation 7"),
        "{}",
        stderr(&ended)
    );
    let ended = run(&["show", "8", "--conductor", &url]).await;
    assert!(stderr(&ended).contains("is no conductor"), "{}", stderr(&ended));
}

#[tokio::test]
async fn a_retry_tells_what_it_touched() {
    let touched = json!({"dry_run": true, "items": [{"obs_id": 42, "product": "QPO_ECL", "was": "failed", "state": "failed", "outcome": "attempt 1 of 3"}]});
    let url = conductor(Router::new().route("/retry", post(async move || Json(touched)))).await;
    let ended = run(&["retry", "--obs-id", "42", "--dry-run", "--conductor", &url]).await;
    let text = stdout(&ended);
    assert!(
        text.contains("42           QPO_ECL  failed  failed  attempt 1 of 3\n1 would be retried\n"),
        "{text}"
    );
}

#[tokio::test]
async fn a_list_asks_for_what_was_wanted() {
    let echo = async |request: Request| {
        let query = request.uri().query().unwrap().to_owned();
        Json(json!({"items": [], "next": query}))
    };
    let url = conductor(Router::new().route("/observations", get(echo))).await;
    let ended = run(&[
        "list",
        "--state",
        "failed",
        "--q",
        "sb26",
        "--limit",
        "5",
        "--json",
        "--conductor",
        &url,
    ])
    .await;
    let told: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(told["next"], "state=failed&q=sb26&limit=5");
}

#[tokio::test]
async fn a_change_is_watched_and_a_closed_pipe_is_no_failure() {
    let nats = Nats::start().await;
    let bus = bus(&nats).await;
    let mut watch = console(&["watch", "42", "--nats", &nats.url()]);
    let mut child = watch
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut notes, mut lines) = (
        BufReader::new(child.stderr.take().unwrap()),
        BufReader::new(child.stdout.take().unwrap()),
    );
    let cell = |obs_id: u64| -> Activity {
        serde_json::from_value(
            json!({"kind": "cell", "service": "conductor", "rev": 1, "product": "QPO_ECL",
            "obs_id": obs_id, "state": "done", "since": "2026-11-24T04:09:05Z", "version": 1}),
        )
        .unwrap()
    };
    let (notes_back, note) = read_line(move |line| {
        notes.read_line(line).unwrap();
        notes
    })
    .await;
    assert_eq!(note, "watching 42; Ctrl-C ends it\n");
    drop(notes_back);
    bus.say(&cell(43)).await.unwrap();
    bus.say(&cell(42)).await.unwrap();
    let (lines, line) = read_line(move |line| {
        lines.read_line(line).unwrap();
        lines
    })
    .await;
    assert_eq!(line, "04:09:05 42         QPO_ECL          done version 1\n");
    drop(lines);
    bus.say(&cell(42)).await.unwrap();
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
    assert!(
        tokio::time::timeout(DEADLINE, ended)
            .await
            .unwrap()
            .unwrap()
            .success()
    );
}

/// Reads where it holds up nobody, and gives the reader back.
async fn read_line<R: Send + 'static>(read: impl FnOnce(&mut String) -> R + Send + 'static) -> (R, String) {
    let reading = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        let reader = read(&mut line);
        (reader, line)
    });
    tokio::time::timeout(DEADLINE, reading).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_services_that_speak_are_listed() {
    let nats = Nats::start().await;
    let bus = bus(&nats).await;
    let status = |state: &str| -> Activity {
        serde_json::from_value(json!({"kind": "status", "service": "conductor", "instance": "1", "state": state, "version": "0.1.0"})).unwrap()
    };
    for (state, code) in [("ready", 0), ("degraded", 1)] {
        let url = nats.url();
        let asking = async { run(&["status", "--wait", "1s", "--nats", &url]).await };
        tokio::pin!(asking);
        let ended = loop {
            tokio::select! {
                ended = &mut asking => break ended,
                () = tokio::time::sleep(Duration::from_millis(50)) => bus.say(&status(state)).await.unwrap(),
            }
        };
        assert_eq!(ended.status.code(), Some(code), "{}", stdout(&ended));
        assert!(stdout(&ended).contains(state));
    }
    let ended = run(&["status", "--wait", "10ms", "--nats", &nats.url()]).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(stdout(&ended).contains("no service spoke within 10ms"));
}
