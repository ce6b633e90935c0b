//! Requests to a nats-server by the letters of the protocol: what an administrator does to streams and
//! consumers while the orchestra plays.

use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server answers in a millisecond, one that shares its machine with a compiler in some more.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Sends requests to `$JS.API.{subject}`, all in one go so that nobody comes between them, and gives the
/// answers in their order.
pub async fn jetstream(server: SocketAddr, requests: &[(&str, Value)]) -> Vec<Value> {
    timeout(ANSWER_WITHIN, ask(server, requests))
        .await
        .unwrap_or_else(|_| panic!("nats-server at {server} does not answer"))
        .unwrap_or_else(|error| panic!("nats-server at {server}: {error}"))
}

async fn ask(server: SocketAddr, requests: &[(&str, Value)]) -> io::Result<Vec<Value>> {
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    let connect = "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":false}\r\n".to_owned();
    let asked = requests
        .iter()
        .enumerate()
        .map(|(place, request)| lines(place, request));
    let message: String = std::iter::once(connect).chain(asked).collect();
    stream.write_all(message.as_bytes()).await?;
    let mut answers = vec![Value::Null; requests.len()];
    while answers.iter().any(Value::is_null) {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            // MSG <subject> <sid> [reply] <length>
            ["MSG", _, place, .., length] => {
                let (Ok(place), Ok(length)) = (place.parse::<usize>(), length.parse::<usize>()) else {
                    return Err(io::Error::other(line));
                };
                let mut body = vec![0; length + "\r\n".len()];
                stream.read_exact(&mut body).await?;
                answers[place] = serde_json::from_slice(&body[..length])?;
            }
            ["PING"] => stream.write_all(b"PONG\r\n").await?,
            ["-ERR", ..] => return Err(io::Error::other(line)),
            _info => {}
        }
    }
    Ok(answers)
}

/// What asks one thing and has the answer sent to its place.
fn lines(place: usize, (subject, body): &(&str, Value)) -> String {
    let inbox = format!("_INBOX.testkit.{place}");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let length = body.len();
    format!("SUB {inbox} {place}\r\nUNSUB {place} 1\r\nPUB $JS.API.{subject} {inbox} {length}\r\n{body}\r\n")
}
