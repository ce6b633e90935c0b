//! Large and broken transfers over a real connection.

use crate::program::{DEADLINE, Launch, NO_NATS, Program, cycles, data, noise};
use axum::body::Bytes;
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, io, path::Path};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_product_is_streamed_both_ways_in_little_memory() {
    // A gibibyte where the loops are long; unoptimised hashing makes it slow.
    let blocks = if cycles() >= 50 { 1024 } else { 96 };
    let (_guard, directory) = data();
    let program = Launch::new(&directory, NO_NATS).start().await;
    let block = Bytes::from(noise(1, MIB));
    let body = stream::iter(0..blocks).map({
        let block = block.clone();
        move |_| Ok::<_, io::Error>(block.clone())
    });
    let answer = program
        .post("/products/1/A", reqwest::Body::wrap_stream(body))
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let record: serde_json::Value = answer.json().await.unwrap();
    let mut hasher = Sha256::new();
    let mut export = program.get("/products/1/A").await.bytes_stream();
    while let Some(chunk) = export.next().await {
        hasher.update(chunk.unwrap());
    }
    let found = domain::Sha256::from_bytes(hasher.finalize().into());
    assert_eq!(
        (record["size"].as_u64(), &record["sha256"]),
        (Some((blocks * MIB) as u64), &found.to_string().into())
    );
    let peak = peak_kib(&program);
    assert!(peak < 64 * 1024, "the program held {peak} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_length_over_the_limit_is_refused_before_a_byte_is_read() {
    let (_guard, directory) = data();
    let program = Launch::new(&directory, NO_NATS)
        .arg("--max-body")
        .arg("1MiB")
        .start()
        .await;
    let mut connection = connect(&program).await;
    let head = format!(
        "POST /products/1/A HTTP/1.1\r\nhost: sdb\r\ncontent-length: {}\r\n\r\n",
        MIB + 1
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(DEADLINE, connection.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("too-large"),
        "{answer}"
    );
    program.audit(&BTreeMap::new(), &BTreeMap::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_in_a_body_leaves_nothing() {
    let (_guard, directory) = data();
    let program = Launch::new(&directory, NO_NATS).start().await;
    for sent in [100, 300_000] {
        let mut connection = connect(&program).await;
        let head = format!("POST /products/1/A HTTP/1.1\r\nhost: sdb\r\ncontent-length: {MIB}\r\n\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&noise(1, sent)).await.unwrap();
        drop(connection);
    }
    let blobs = directory.join("blobs");
    testkit::eventually(DEADLINE, async || files(&blobs) == 0).await;
    program.audit(&BTreeMap::new(), &BTreeMap::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_obs_id_is_refused_and_the_service_goes_on() {
    let (_guard, directory) = data();
    let program = Launch::new(&directory, NO_NATS).start().await;
    let mut connection = connect(&program).await;
    let head = format!(
        "POST /products/{}/A HTTP/1.1\r\nhost: sdb\r\n\r\n",
        "9".repeat(10 * MIB)
    );
    // The service closes long before all of it is sent.
    let _ = connection.write_all(head.as_bytes()).await;
    drop(connection);
    assert_eq!(program.post("/products/1/A", "x").await.unwrap().status(), 201);
}

async fn connect(program: &Program) -> TcpStream {
    TcpStream::connect(program.base.trim_start_matches("http://"))
        .await
        .unwrap()
}

/// The most memory that the process ever held.
fn peak_kib(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

fn files(directory: &Path) -> usize {
    let entries = std::fs::read_dir(directory)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}
