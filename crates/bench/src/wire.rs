//! The least HTTP/1.1 client that a load generator needs: one connection, kept alive, no copies.
//!
//! What drives the SDB runs on the same two cores as the SDB, so it must cost little: a general client
//! would take a third of the machine. It reads answers with a `Content-Length` only.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The largest head of an answer: that of a record, with room.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// What is read at once: above any socket's usual buffer.
const READ_BYTES: usize = 256 * 1024;

/// One connection.
#[derive(Debug)]
pub(crate) struct Wire {
    host: SocketAddr,
    stream: TcpStream,
    /// What was read and not used yet.
    ahead: Vec<u8>,
}

/// The head of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) length: u64,
}

impl Wire {
    /// Connects, without delay for small packets.
    pub(crate) async fn connect(host: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(host)
            .await
            .with_context(|| format!("cannot connect to {host}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            host,
            stream,
            ahead: Vec::with_capacity(MAX_HEAD_BYTES),
        })
    }

    /// POSTs a body and reads the whole answer.
    pub(crate) async fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> Result<(u16, Vec<u8>)> {
        let mut request = self.request("POST", path, headers, body.len() as u64);
        request.extend_from_slice(body);
        self.stream.write_all(&request).await?;
        self.whole().await
    }

    /// POSTs a body that is made chunk by chunk.
    pub(crate) async fn post_streamed<'a>(
        &mut self,
        path: &str,
        length: u64,
        chunks: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(u16, Vec<u8>)> {
        let request = self.request("POST", path, "", length);
        self.stream.write_all(&request).await?;
        for chunk in chunks {
            self.stream.write_all(chunk).await?;
        }
        self.whole().await
    }

    /// GETs, and reads the whole answer.
    pub(crate) async fn get(&mut self, path: &str) -> Result<(u16, Vec<u8>)> {
        let request = self.request("GET", path, "", 0);
        self.stream.write_all(&request).await?;
        self.whole().await
    }

    /// GETs, and gives the body away as it comes.
    pub(crate) async fn get_streamed(&mut self, path: &str, mut chunk: impl FnMut(&[u8])) -> Result<Head> {
        let request = self.request("GET", path, "", 0);
        self.stream.write_all(&request).await?;
        let head = self.head().await?;
        let mut left = head.length;
        while left > 0 {
            if self.ahead.is_empty() {
                self.fill().await?;
            }
            let take = self.ahead.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            chunk(&self.ahead[..take]);
            self.ahead.drain(..take);
            left -= take as u64;
        }
        Ok(head)
    }

    fn request(&self, method: &str, path: &str, headers: &str, length: u64) -> Vec<u8> {
        let host = self.host;
        let length = if method == "GET" {
            String::new()
        } else {
            format!("content-length: {length}\r\n")
        };
        format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}{length}\r\n").into_bytes()
    }

    async fn whole(&mut self) -> Result<(u16, Vec<u8>)> {
        let head = self.head().await?;
        let length = usize::try_from(head.length)?;
        while self.ahead.len() < length {
            self.fill().await?;
        }
        let rest = self.ahead.split_off(length);
        Ok((head.status, std::mem::replace(&mut self.ahead, rest)))
    }

    async fn head(&mut self) -> Result<Head> {
        loop {
            if let Some(end) = self.ahead.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = parse(std::str::from_utf8(&self.ahead[..end])?)?;
                self.ahead.drain(..end + 4);
                return Ok(head);
            }
            ensure!(
                self.ahead.len() < MAX_HEAD_BYTES,
                "an answer without end of its head"
            );
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<()> {
        self.ahead.reserve(READ_BYTES);
        let read = self.stream.read_buf(&mut self.ahead).await?;
        ensure!(read > 0, "{} closed the connection", self.host);
        Ok(())
    }
}

fn parse(head: &str) -> Result<Head> {
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
    let status = status.ok_or_else(|| anyhow!("no answer of HTTP: {head:?}"))?;
    let length = head.lines().skip(1).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    let Some(length) = length else {
        bail!("an answer without Content-Length, which this client does not read: {head:?}");
    };
    Ok(Head { status, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_its_status_and_length() {
        let head = parse("HTTP/1.1 201 Created\r\nX: y\r\nContent-LENGTH: 12").unwrap();
        assert_eq!(
            head,
            Head {
                status: 201,
                length: 12
            }
        );
        assert!(parse("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked").is_err());
        assert!(parse("nonsense").is_err());
    }
}
