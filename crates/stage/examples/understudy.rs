//! A stand-in for the services in the tests of the stage: it takes their flags, says that it is ready, and
//! misbehaves as the variable `UNDERSTUDY` says. The tests call it by the name of the service that it plays.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

fn option(flag: &str) -> Option<String> {
    let mut arguments = std::env::args();
    arguments.find(|argument| argument == flag)?;
    arguments.next()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let role = std::env::var("UNDERSTUDY").unwrap_or_default();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "as {role:?} with {:?}",
        std::env::args().skip(1).collect::<Vec<_>>()
    )?;
    let mut terminate = signal(SignalKind::terminate())?;
    if role == "dies early" {
        writeln!(std::io::stderr(), "the ledger is from another world")?;
        std::process::exit(64);
    }
    let address: SocketAddr = option("--listen").expect("--listen").parse().expect("an address");
    let listener = TcpListener::bind(address).await?;
    let ready = PathBuf::from(option("--ready-file").expect("--ready-file"));
    std::fs::write(&ready, format!("{{\"listen\":\"{}\"}}\n", listener.local_addr()?))?;
    // What a program starts itself must not outlive it either.
    let mut child = (role == "has a child")
        .then(|| std::process::Command::new("sleep").arg("1000").spawn())
        .transpose()?;
    if let Some(child) = &mut child {
        writeln!(out, "child {}", child.id())?;
    }
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (mut socket, _) = accepted?;
                let mut request = [0; 1024];
                let read = socket.read(&mut request).await?;
                let path = String::from_utf8_lossy(&request[..read]);
                if path.starts_with("GET /die") {
                    writeln!(out, "farewell")?;
                    std::process::exit(3);
                }
                let status = if role == "never ready" { "503 Service Unavailable" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 7\r\n\r\nno disk");
                socket.write_all(answer.as_bytes()).await?;
            }
            _ = terminate.recv() => {
                writeln!(out, "asked to end")?;
                if role != "stays" {
                    return Ok(());
                }
            }
        }
    }
}
