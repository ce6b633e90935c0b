//! A TCP proxy that cuts and stalls.

use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Read at a time, in bytes.
const CHUNK: usize = 16 * 1024;

/// What the proxy does with what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Everything passes.
    Pass,
    /// Connections stay open and nothing passes, as when the other side hangs.
    Stall,
    /// Connections are closed, new ones too, as when the other side is dead.
    Cut,
}

/// Stands between a client and `target`; ends with its value.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    mode: watch::Sender<Mode>,
    /// Owned for its drop, which ends the proxy.
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Listens on a free port of 127.0.0.1 and passes everything on to `target`.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port can be bound");
        let addr = listener.local_addr().expect("a bound socket has an address");
        let (mode, watched) = watch::channel(Mode::Pass);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target, watched));
        Self {
            addr,
            mode,
            _tasks: tasks,
        }
    }

    /// Where to connect to instead of the target.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Closes all connections and every new one, until [`Proxy::resume`].
    pub fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }

    /// Keeps all connections open and lets nothing pass, until [`Proxy::resume`].
    pub fn stall(&self) {
        self.mode.send_replace(Mode::Stall);
    }

    /// Lets everything pass again, what was held included.
    pub fn resume(&self) {
        self.mode.send_replace(Mode::Pass);
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, mode: watch::Receiver<Mode>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                if *mode.borrow() != Mode::Cut {
                    connections.spawn(connect(client, target, mode.clone()));
                }
            }
            // Keeps the set from growing with each connection that has ended.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connect(client: TcpStream, target: SocketAddr, mode: watch::Receiver<Mode>) {
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    // The end of either direction ends both: a half-open connection is not among the faults made here.
    tokio::select! {
        () = pass(client_read, server_write, mode.clone()) => {}
        () = pass(server_read, client_write, mode.clone()) => {}
        () = cut(mode) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut mode: watch::Receiver<Mode>) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let Ok(read) = from.read(&mut chunk).await else {
            return;
        };
        if read == 0 || mode.wait_for(|mode| *mode == Mode::Pass).await.is_err() {
            return;
        }
        if to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
    }
}

async fn cut(mut mode: watch::Receiver<Mode>) {
    mode.wait_for(|mode| *mode == Mode::Cut).await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    /// A server that sends back what it is sent.
    async fn echo() -> (SocketAddr, JoinSet<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(async move {
                    let (mut read, mut write) = stream.into_split();
                    tokio::io::copy(&mut read, &mut write).await.ok();
                });
            }
        });
        (addr, tasks)
    }

    #[tokio::test]
    async fn it_passes_stalls_and_cuts() {
        let (target, _echo) = echo().await;
        let proxy = Proxy::start(target).await;
        let mut stream = TcpStream::connect(proxy.addr()).await.unwrap();
        let mut word = [0; 4];

        stream.write_all(b"pass").await.unwrap();
        stream.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"pass");

        proxy.stall();
        stream.write_all(b"held").await.unwrap();
        let held = timeout(Duration::from_millis(100), stream.read_exact(&mut word)).await;
        assert!(held.is_err(), "nothing passes a stalled proxy");
        proxy.resume();
        stream.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"held");

        proxy.cut();
        assert!(
            matches!(stream.read(&mut word).await, Ok(0) | Err(_)),
            "a cut connection is closed"
        );
        let mut refused = TcpStream::connect(proxy.addr()).await.unwrap();
        assert!(
            matches!(refused.read(&mut word).await, Ok(0) | Err(_)),
            "a new connection is closed"
        );
    }
}
