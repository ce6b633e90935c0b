//! A running `orchestra-sdb`, and what its clients know of it.

use reqwest::{Client, Response};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

/// Starting takes some ten milliseconds; the machine may be compiling.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// An address at which nobody listens: port 1 is reserved and needs root.
pub(crate) const NO_NATS: &str = "nats://127.0.0.1:1";

pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) base: String,
    pub(crate) client: Client,
}

/// How a program is started.
pub(crate) struct Launch {
    command: Command,
    directory: PathBuf,
    ready: PathBuf,
}

impl Launch {
    /// `orchestra-sdb` with its data in `directory`.
    pub(crate) fn new(directory: &Path, nats: &str) -> Self {
        Self::under(Command::new(env!("CARGO_BIN_EXE_orchestra-sdb")), directory, nats)
    }

    /// The same as the last arguments of another command, as strace takes them.
    pub(crate) fn wrapped(mut wrapper: Command, directory: &Path, nats: &str) -> Self {
        wrapper.arg(env!("CARGO_BIN_EXE_orchestra-sdb"));
        Self::under(wrapper, directory, nats)
    }

    fn under(mut command: Command, directory: &Path, nats: &str) -> Self {
        let ready = directory.with_extension("ready");
        command
            .args(["--listen", "127.0.0.1:0", "--nats", nats, "--data-dir"])
            .arg(directory)
            .env("ORCHESTRA_READY_FILE", &ready)
            .stdin(Stdio::null());
        Self {
            command,
            directory: directory.to_owned(),
            ready,
        }
    }

    /// Says that it is ready somewhere else than beside the data.
    pub(crate) fn ready_file(mut self, path: &Path) -> Self {
        self.command.env("ORCHESTRA_READY_FILE", path);
        path.clone_into(&mut self.ready);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Starts it and waits until it is ready.
    pub(crate) async fn start(mut self) -> Program {
        let _ = std::fs::remove_file(&self.ready);
        let mut child = self.command.spawn().expect("the program starts");
        let ready = testkit::eventually_some(DEADLINE, async || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the program on {} ended with {status}", self.directory.display());
            }
            std::fs::read(&self.ready).ok()
        })
        .await;
        let ready: Value = serde_json::from_slice(&ready).unwrap();
        let base = format!("http://{}", ready["listen"].as_str().unwrap());
        Program {
            child,
            base,
            client: Client::new(),
        }
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> std::process::Output {
        self.command.output().expect("the program starts")
    }
}

impl Program {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> reqwest::Result<Response> {
        self.client.post(self.url(path)).body(body).send().await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    /// Every item of a list or of the feed.
    pub(crate) async fn all(&self, path: &str, cursor: &str) -> Vec<Value> {
        let (mut items, mut next) = (Vec::new(), String::new());
        loop {
            let page = self.json(&format!("{path}?limit=1000{next}")).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            if page["next"].is_null() {
                return items;
            }
            // A list's cursor is a text, the feed's a number.
            next = match page["next"].as_str() {
                Some(text) => format!("&{cursor}={text}"),
                None => format!("&{cursor}={}", page["next"]),
            };
        }
    }

    /// Asserts that records and feed are one and the same, that every record's bytes have its checksum,
    /// that exactly those are there that may be, and that everything is that must. Keys are product paths,
    /// values the bytes.
    pub(crate) async fn audit(&self, must: &BTreeMap<String, Vec<u8>>, may: &BTreeMap<String, Vec<u8>>) {
        let records = self.all("/products", "cursor").await;
        let feed = self.all("/events", "after").await;
        let numbers: Vec<u64> = feed.iter().map(|item| item["n"].as_u64().unwrap()).collect();
        assert_eq!(
            numbers,
            (1..=feed.len() as u64).collect::<Vec<_>>(),
            "the feed has gaps"
        );
        let announced: Vec<&Value> = feed.iter().map(|item| &item["href"]).collect();
        let mut missing = must.clone();
        for record in &records {
            let path = format!(
                "/products/{}/{}",
                record["obs_id"],
                record["product"].as_str().unwrap()
            );
            let bytes = must.get(&path).or_else(|| may.get(&path));
            let bytes = bytes.unwrap_or_else(|| panic!("{path} is visible and was never sent"));
            let export = self.get(&format!("{path}?version={}", record["version"])).await;
            assert_eq!(export.status(), 200, "{path}");
            assert!(
                export.bytes().await.unwrap() == bytes.as_slice(),
                "{path} has other bytes"
            );
            assert!(announced.contains(&&record["href"]), "{path} is not in the feed");
            missing.remove(&path);
        }
        assert!(missing.is_empty(), "answered 201 and lost: {:?}", missing.keys());
        assert!(feed.len() >= records.len());
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        testkit::eventually_some(DEADLINE, async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only if it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory for a program's data, inside of one that is removed with the test.
pub(crate) fn data() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("sdb");
    (directory, data)
}

/// How often a loop of kills goes round: `ORCHESTRA_CYCLES`, few where nobody asks for more.
pub(crate) fn cycles() -> usize {
    std::env::var("ORCHESTRA_CYCLES").map_or(5, |text| text.parse().expect("ORCHESTRA_CYCLES is a number"))
}

/// Bytes that differ from one seed to the next.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}
