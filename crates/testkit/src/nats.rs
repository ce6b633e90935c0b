//! A real nats-server on a free port, with a store of its own.

use crate::bin::{repository_root, tool};
use crate::port::free_port;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// The oldest server that the orchestra works with.
const MIN_VERSION: (u64, u64) = (2, 11);
/// Starting takes 10 to 60 ms on an idle machine; tests share theirs with a compiler.
const START_DEADLINE: Duration = Duration::from_secs(20);
/// Between two looks for the ports file.
const POLL: Duration = Duration::from_millis(5);
/// A port that looked free may be taken before the server binds it.
const START_ATTEMPTS: usize = 5;
/// How much of the server's log a failure shows, in bytes.
const LOG_TAIL: usize = 2_000;

/// How a test's server differs from the usual one.
#[derive(Debug, Clone)]
pub struct NatsConfig {
    /// Whether it has `JetStream`; yes unless a test is about its absence.
    pub jetstream: bool,
    /// More lines for its configuration file.
    pub extra: String,
}

impl Default for NatsConfig {
    fn default() -> Self {
        Self {
            jetstream: true,
            extra: String::new(),
        }
    }
}

/// A running (or killed) nats-server of one test; dropping it kills the server and removes its store.
#[derive(Debug)]
pub struct Nats {
    folder: TempDir,
    config: NatsConfig,
    port: u16,
    child: Option<Child>,
}

impl Nats {
    /// Starts a server with `JetStream` and waits until it takes connections.
    pub async fn start() -> Self {
        Self::start_with(NatsConfig::default()).await
    }

    /// Starts a server that differs from the usual one.
    pub async fn start_with(config: NatsConfig) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("orchestra-nats-")
            .tempdir()
            .expect("a temporary folder can be made");
        let mut nats = Self {
            folder,
            config,
            port: 0,
            child: None,
        };
        let mut failure = String::new();
        for _ in 0..START_ATTEMPTS {
            nats.port = free_port();
            match nats.launch().await {
                Ok(()) => return nats,
                Err(why) => failure = why,
            }
        }
        panic!("{failure}");
    }

    /// Its address for clients, `nats://127.0.0.1:12345`; the same after a restart.
    pub fn url(&self) -> String {
        format!("nats://{}", self.addr())
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The server's process, if it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Whether the process is alive.
    pub fn is_running(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Kills the server as `kill -9` does; its store stays for [`Nats::restart`].
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Both fail only if it has already ended.
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Kills the server if it runs, starts it again on the same port and store, and waits until it
    /// takes connections.
    pub async fn restart(&mut self) {
        self.kill();
        if let Err(why) = self.launch().await {
            panic!("{why}");
        }
    }

    /// Forgets everything stored, as a lost disk would; only while the server is killed.
    pub fn wipe(&mut self) {
        assert!(
            self.child.is_none(),
            "the store of a running server cannot be wiped: kill it first"
        );
        let store = self.folder.path().join("store");
        if store.exists() {
            fs::remove_dir_all(&store).expect("the server's store can be removed");
        }
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    async fn launch(&mut self) -> Result<(), String> {
        let server = nats_server();
        let path = self.folder.path();
        let config = path.join("nats.conf");
        fs::write(&config, self.config_text()).expect("the server's configuration can be written");
        let mut child = Command::new(&server)
            .arg("--config")
            .arg(&config)
            .arg("--ports_file_dir")
            .arg(path)
            .arg("--log")
            .arg(path.join("log"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", server.display()))?;
        let name = server
            .file_name()
            .expect("a program has a name")
            .to_string_lossy();
        let ports = path.join(format!("{name}_{}.ports", child.id()));
        let ready = await_ports(&ports, &mut child).await;
        fs::remove_file(&ports).ok();
        match ready {
            Ok(()) => {
                self.child = Some(child);
                Ok(())
            }
            Err(why) => {
                child.kill().ok();
                child.wait().ok();
                let log = self.log();
                let tail = log.get(log.len().saturating_sub(LOG_TAIL)..).unwrap_or(&log);
                Err(format!(
                    "nats-server on port {}: {why}; its log:\n{tail}",
                    self.port
                ))
            }
        }
    }

    fn config_text(&self) -> String {
        let mut text = format!("listen: \"127.0.0.1:{}\"\nwrite_deadline: \"2s\"\n", self.port);
        if self.config.jetstream {
            let store = self.folder.path().join("store");
            // The limits are promises, not reservations on the disk: large enough for the streams of
            // the orchestra wherever the temporary folder lies.
            let limits = "max_memory_store: 256MB, max_file_store: 64GB";
            writeln!(
                text,
                "jetstream {{ store_dir: \"{}\", {limits} }}",
                store.display()
            )
            .expect("a text can be written to");
        }
        text.push_str(&self.config.extra);
        text
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits for the file in which the server says that it listens.
async fn await_ports(ports: &Path, child: &mut Child) -> Result<(), String> {
    let end = Instant::now() + START_DEADLINE;
    loop {
        // The file may be half written.
        let said = fs::read(ports)
            .ok()
            .and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
        if said.is_some_and(|said| said["nats"][0].is_string()) {
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("it ended at once with {status}"));
        }
        if Instant::now() > end {
            return Err(format!("not ready after {START_DEADLINE:?}"));
        }
        sleep(POLL).await;
    }
}

fn nats_server() -> PathBuf {
    tool("nats-server", is_new_enough).unwrap_or_else(|| {
        panic!(
            "no nats-server {}.{} or later on the PATH or in {}; `./just test` installs one there",
            MIN_VERSION.0,
            MIN_VERSION.1,
            repository_root().join(".tools/bin").display()
        )
    })
}

fn is_new_enough(server: &Path) -> bool {
    let Ok(output) = Command::new(server).arg("--version").output() else {
        return false;
    };
    // nats-server: v2.15.1
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.rsplit('v').next().unwrap_or_default();
    let mut numbers = version
        .split('.')
        .map_while(|part| part.trim().parse::<u64>().ok());
    let major = numbers.next().unwrap_or(0);
    let minor = numbers.next().unwrap_or(0);
    (major, minor) >= MIN_VERSION
}
