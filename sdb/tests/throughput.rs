//! How fast the program is: `cargo test -p sdb --release --test throughput -- --ignored --nocapture`.
//!
//! Real processes over loopback: this one drives, the program stores with every sync that it promises.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]
#![expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]

use futures_util::future::join_all;
use std::{
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

const CLIENTS: usize = 16;
const PAYLOAD: usize = 4096;
const SPAN: Duration = Duration::from_secs(10);

struct Sdb {
    child: Child,
    base: String,
    _directory: tempfile::TempDir,
}

impl Drop for Sdb {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sdb {
    async fn start(nats: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ready = directory.path().join("ready");
        let child = Command::new(env!("CARGO_BIN_EXE_orchestra-sdb"))
            .args(["--listen", "127.0.0.1:0", "--nats", nats, "--data-dir"])
            .arg(directory.path().join("sdb"))
            .env("ORCHESTRA_READY_FILE", &ready)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said =
            testkit::eventually_some(Duration::from_secs(30), async || std::fs::read(&ready).ok()).await;
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        Self {
            child,
            base: format!("http://{}", said["listen"].as_str().unwrap()),
            _directory: directory,
        }
    }

    /// Seconds of processor time so far, and KiB resident.
    async fn cost(&self, client: &reqwest::Client) -> (f64, f64) {
        let text = client
            .get(format!("{}/metrics", self.base))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().parse::<f64>().unwrap()
        };
        (
            value("process_cpu_seconds_total "),
            value("process_resident_memory_bytes ") / 1024.0,
        )
    }
}

/// Calls from all clients, again and again for a while; prints the rate, the latency and the program's cost.
async fn measure<F: Future<Output = ()>>(
    what: &str,
    sdb: &Sdb,
    client: &reqwest::Client,
    call: impl Fn(u64) -> F,
) {
    let (cpu_before, _) = sdb.cost(client).await;
    let number = AtomicU64::new(1);
    let started = Instant::now();
    let clients = (0..CLIENTS).map(|_| async {
        let mut latencies = Vec::new();
        while started.elapsed() < SPAN {
            let began = Instant::now();
            call(number.fetch_add(1, Ordering::Relaxed)).await;
            latencies.push(began.elapsed());
        }
        latencies
    });
    let mut latencies = join_all(clients).await.concat();
    let seconds = started.elapsed().as_secs_f64();
    let (cpu, resident) = sdb.cost(client).await;
    latencies.sort_unstable();
    let count = latencies.len();
    println!(
        "{what}: {:.0}/s with {CLIENTS} clients; p50 {:?}, p99 {:?}; program: {:.0} us CPU each, {:.1} MiB resident",
        count as f64 / seconds,
        latencies[count / 2],
        latencies[count * 99 / 100],
        (cpu - cpu_before) * 1e6 / count as f64,
        resident / 1024.0,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of half a minute, meaningful in a release build on a calm machine"]
async fn imports_and_exports_per_second() {
    let nats = testkit::Nats::start().await;
    let sdb = Sdb::start(&nats.url()).await;
    let client = reqwest::Client::new();
    let payload = vec![7_u8; PAYLOAD];
    measure(
        "import of 4 KiB, durable and announced",
        &sdb,
        &client,
        |number| {
            let request = client
                .post(format!("{}/products/{number}/QPO_ECL", sdb.base))
                .body(payload.clone());
            async {
                let response = request.send().await.unwrap();
                assert_eq!(response.status(), 201);
                response.bytes().await.unwrap();
            }
        },
    )
    .await;
    measure("export of 4 KiB", &sdb, &client, |number| {
        let request = client.get(format!("{}/products/{}/QPO_ECL", sdb.base, number % 5000 + 1));
        async {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 200);
            response.bytes().await.unwrap();
        }
    })
    .await;
}
