//! A publish as any NATS client makes it, by the letters of the protocol: no header, no acknowledgement.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server on this machine answers in a millisecond, one that shares it with a compiler in some more.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Publishes one message with plain core NATS, and waits until the server has read it.
pub async fn plain_publish(server: SocketAddr, subject: &str, body: &[u8]) {
    timeout(ANSWER_WITHIN, publish(server, subject, body))
        .await
        .unwrap_or_else(|_| panic!("nats-server at {server} does not answer"))
        .unwrap_or_else(|error| panic!("cannot publish on {subject} at {server}: {error}"));
}

async fn publish(server: SocketAddr, subject: &str, body: &[u8]) -> std::io::Result<()> {
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    let connect = "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":false}\r\n";
    let publish = format!("PUB {subject} {}\r\n", body.len());
    let message = [connect.as_bytes(), publish.as_bytes(), body, b"\r\nPING\r\n"].concat();
    stream.write_all(&message).await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            // The answer to our PING comes after all that we sent before it.
            "PONG" => return Ok(()),
            "PING" => stream.write_all(b"PONG\r\n").await?,
            error if error.starts_with("-ERR") => return Err(std::io::Error::other(error.to_owned())),
            _info => {}
        }
    }
}
