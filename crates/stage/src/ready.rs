//! Seeing that a program is ready.

use crate::program::{Program, Readiness};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;

/// Between two looks at a program that is not ready.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How long one look may take: an answer from this machine comes in a millisecond, or the program is busy.
const LOOK_WITHIN: Duration = Duration::from_secs(2);

/// The greeting of a nats-server is below 1 KiB.
const MAX_GREETING_BYTES: u64 = 16 * 1024;

/// How much of an answer a reason repeats.
const EXCERPT_CHARS: usize = 300;

/// Looks until the program is ready; each look that failed leaves its reason in `reason`.
pub(crate) async fn wait(program: &Program, ready_file: &Path, reason: &mut String) {
    let http = reqwest::Client::new();
    loop {
        let look = async {
            match program.readiness {
                Readiness::Nats => greets(program.listen).await,
                Readiness::Service => is_ready(&http, program.listen, ready_file).await,
            }
        };
        match tokio::time::timeout(LOOK_WITHIN, look).await {
            Ok(Ok(())) => return,
            Ok(Err(why)) => *reason = why,
            Err(_) => "it does not answer".clone_into(reason),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn greets(address: SocketAddr) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Info {
        #[serde(default)]
        jetstream: bool,
    }
    let socket = TcpStream::connect(address)
        .await
        .map_err(|_| "it does not listen yet".to_owned())?;
    let mut greeting = String::new();
    BufReader::new(socket.take(MAX_GREETING_BYTES))
        .read_line(&mut greeting)
        .await
        .map_err(|error| error.to_string())?;
    let info: Info = greeting
        .strip_prefix("INFO ")
        .and_then(|json| serde_json::from_str(json).ok())
        .ok_or("it does not greet like a nats-server")?;
    if info.jetstream {
        Ok(())
    } else {
        Err("its JetStream is not up".to_owned())
    }
}

async fn is_ready(http: &reqwest::Client, address: SocketAddr, ready_file: &Path) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Ready {
        listen: SocketAddr,
    }
    // The file is from this very start, so it is not some other program that answers below.
    let text = tokio::fs::read(ready_file)
        .await
        .map_err(|_| "it has not said that it listens".to_owned())?;
    let ready: Ready = serde_json::from_slice(&text)
        .map_err(|error| format!("{} is not as agreed: {error}", ready_file.display()))?;
    if ready.listen != address {
        return Err(format!("it listens on {} instead of {address}", ready.listen));
    }
    let answer = http
        .get(format!("http://{address}/health/ready"))
        .send()
        .await
        .map_err(|_| "it does not answer on /health/ready".to_owned())?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let body = answer.text().await.unwrap_or_default();
    let excerpt: String = body.chars().take(EXCERPT_CHARS).collect();
    Err(format!("/health/ready answers {status}: {excerpt}"))
}
