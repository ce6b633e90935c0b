//! HTTP by its letters: for requests that no client would send, and bodies that break off.

use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// An answer comes in milliseconds, 10 MB through a debug build and beside a compiler in some seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status; 0 where the connection was closed without an answer.
    pub status: u16,
    /// The body as a text.
    pub body: String,
}

impl Answer {
    /// The `code` of a problem; empty for anything else.
    pub fn code(&self) -> String {
        let problem: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        problem["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Sends one request on a connection of its own, and reads the answer to its end. `path` goes out as it is.
///
/// # Errors
/// Nobody listens, or there is no end of the answer in time. A service that closes before it has read all of
/// the request is no error: what it said before that is the answer.
pub async fn exchange(
    base: &Url,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let head = head(base, method, path, headers, body.len());
    let exchange = async {
        let stream = connect(base).await?;
        talk(stream, &[head.as_bytes(), body].concat()).await
    };
    timeout(ANSWER_WITHIN, exchange).await?
}

/// Announces a body of `length` bytes, sends only `part` of it and says no more, as a client whose machine
/// dies; gives the answer, if one comes before the connection is closed.
///
/// # Errors
/// As [`exchange`].
pub async fn break_off(base: &Url, path: &str, length: usize, part: &[u8]) -> io::Result<Answer> {
    let head = head(base, "POST", path, &[], length);
    let exchange = async {
        let mut stream = connect(base).await?;
        stream.write_all(&[head.as_bytes(), part].concat()).await?;
        stream.shutdown().await?;
        read(stream).await
    };
    timeout(ANSWER_WITHIN, exchange).await?
}

fn head(base: &Url, method: &str, path: &str, headers: &[(&str, &str)], length: usize) -> String {
    let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n{}\r\n",
        base.authority(),
        lines.collect::<String>()
    )
}

async fn connect(base: &Url) -> io::Result<TcpStream> {
    let address = base.socket_addrs(|| None)?;
    TcpStream::connect(&*address).await
}

/// Writes and reads at once: who refuses a large request answers before all of it is sent.
async fn talk(stream: TcpStream, request: &[u8]) -> io::Result<Answer> {
    let (mut from, mut to) = stream.into_split();
    let writing = async move {
        // A broken pipe is the other's right; its answer says why.
        let _ = to.write_all(request).await;
        to
    };
    let mut bytes = Vec::new();
    // The writing half lives until all is read: closing it would look like breaking off.
    let (_to, _) = tokio::join!(writing, from.read_to_end(&mut bytes));
    Ok(parse(&bytes))
}

async fn read(mut stream: TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0);
    Answer {
        status,
        body: body.to_owned(),
    }
}
