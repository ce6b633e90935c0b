//! The verbs that need only NATS, without any other program.

#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

use domain::{Activity, Announcement, ServiceName};
use messaging::{Bus, BusOptions, ConsumerOptions, Next, Streams};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use testkit::Nats;

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
    let cell = |obs_id: u64, version: u64| -> Activity {
        serde_json::from_value(
            json!({"kind": "cell", "service": "conductor", "rev": version, "product": "QPO_ECL",
            "obs_id": obs_id, "state": "done", "since": "2026-11-24T04:09:05Z", "version": version}),
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
    bus.say(&cell(43, 1)).await.unwrap();
    bus.say(&cell(42, 1)).await.unwrap();
    let (lines, line) = read_line(move |line| {
        lines.read_line(line).unwrap();
        lines
    })
    .await;
    assert_eq!(line, "04:09:05 42         QPO_ECL          done version 1\n");
    drop(lines);
    bus.say(&cell(42, 2)).await.unwrap();
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
