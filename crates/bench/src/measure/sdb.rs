//! The SDB alone: durable imports and exports from 16 clients, and one product of a GiB.

use super::PEERS_GRAPH;
use crate::args::Args;
use crate::figure::{Figure, rate};
use crate::orchestra::Orchestra;
use crate::usage;
use crate::wire::Wire;
use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use stage::{NATS, SDB};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The work of the budget (DESIGN, section 6).
const CLIENTS: usize = 16;
const PAYLOAD_BYTES: usize = 4096;
const LARGE_BYTES: u64 = 1 << 30;
const BUDGET_IMPORTS: f64 = 2000.0;
const BUDGET_EXPORTS: f64 = 10_000.0;
const BUDGET_LARGE_MIB: f64 = 64.0;

/// How long each of the two loads lasts.
const LOAD: Duration = Duration::from_secs(5);

/// A piece of the large product.
const CHUNK_BYTES: usize = 1 << 20;

pub(super) async fn measure(args: &Args) -> Result<Vec<Figure>> {
    let mut orchestra = Orchestra::prepare(args, PEERS_GRAPH, |cast| cast)?;
    orchestra.start(NATS).await?;
    orchestra.start(SDB).await?;
    let (sdb, pid) = (orchestra.sdb(), orchestra.pid(SDB)?);
    let load = if args.quick { LOAD / 10 } else { LOAD };

    let before = usage::cpu(pid)?;
    let began = Instant::now();
    let imported = try_join_all((0..CLIENTS).map(|client| imports(sdb, client, load))).await?;
    let (imports, import_time) = (imported.iter().sum::<usize>(), began.elapsed());
    let import_cpu = usage::cpu(pid)?.saturating_sub(before);

    let before = usage::cpu(pid)?;
    let began = Instant::now();
    let exported = try_join_all(
        imported
            .iter()
            .enumerate()
            .map(|(client, count)| exports(sdb, client, *count, load)),
    );
    let (exports, export_time) = (exported.await?.into_iter().sum::<usize>(), began.elapsed());
    let export_cpu = usage::cpu(pid)?.saturating_sub(before);

    let mut figures = vec![
        Figure::new(
            "SDB: durable imports of 4 KiB, 16 clients",
            rate(imports, import_time),
            "/s",
        )
        .above(BUDGET_IMPORTS),
        Figure::new("SDB: CPU per import", 1000.0 / rate(imports, import_cpu), "ms"),
        Figure::new(
            "SDB: exports of 4 KiB, 16 clients",
            rate(exports, export_time),
            "/s",
        )
        .above(BUDGET_EXPORTS),
        Figure::new("SDB: CPU per export", 1000.0 / rate(exports, export_cpu), "ms"),
    ];
    figures.extend(large(args, sdb, pid).await?);
    orchestra.check_alive()?;
    orchestra.stop_all().await;
    Ok(figures)
}

/// One client: imports different bytes, one after the other, each answered 201.
async fn imports(sdb: SocketAddr, client: usize, load: Duration) -> Result<usize> {
    let mut wire = Wire::connect(sdb).await?;
    let end = Instant::now() + load;
    let mut count = 0;
    while Instant::now() < end {
        let (status, answer) = wire
            .post(&path(client, count), "", &payload(client, count))
            .await?;
        ensure!(
            status == 201,
            "the SDB answered {status}: {}",
            String::from_utf8_lossy(&answer)
        );
        count += 1;
    }
    Ok(count)
}

/// One client: exports what it has imported, over and over, and compares each byte.
async fn exports(sdb: SocketAddr, client: usize, imported: usize, load: Duration) -> Result<usize> {
    let mut wire = Wire::connect(sdb).await?;
    let end = Instant::now() + load;
    let mut count = 0;
    while Instant::now() < end {
        let at = count % imported;
        let (status, bytes) = wire.get(&path(client, at)).await?;
        ensure!(status == 200, "the SDB answered {status} to an export");
        // What is compared costs the machine less than what is exported, but not nothing.
        ensure!(
            count >= imported || bytes == payload(client, at),
            "an export differs from its import"
        );
        count += 1;
    }
    Ok(count)
}

/// A thousand products of an observation, then the next.
fn path(client: usize, at: usize) -> String {
    format!("/products/bench-{client}-{}/P{}", at / 1000, at % 1000)
}

fn payload(client: usize, at: usize) -> Vec<u8> {
    let mut bytes = vec![0; PAYLOAD_BYTES];
    SmallRng::seed_from_u64((client * 1_000_000 + at) as u64).fill_bytes(&mut bytes);
    bytes
}

/// Streams one large product in and out again.
async fn large(args: &Args, sdb: SocketAddr, pid: u32) -> Result<Vec<Figure>> {
    let size = if args.quick { LARGE_BYTES / 64 } else { LARGE_BYTES };
    let mut chunk = vec![0; CHUNK_BYTES];
    SmallRng::seed_from_u64(1).fill_bytes(&mut chunk);
    let chunks = || (0..size / CHUNK_BYTES as u64).map(|_| chunk.as_slice());
    let digest = chunks().fold(Sha256::new(), Sha256::chain_update).finalize();
    let mut wire = Wire::connect(sdb).await?;

    usage::reset_peak(pid)?;
    let began = Instant::now();
    let (status, answer) = wire
        .post_streamed("/products/bench-large/LARGE", size, chunks())
        .await?;
    let import_time = began.elapsed();
    ensure!(
        status == 201,
        "the SDB answered {status}: {}",
        String::from_utf8_lossy(&answer)
    );
    let record: Value = serde_json::from_slice(&answer)?;
    let hex = domain::Sha256::from_bytes(digest.into()).to_string();
    ensure!(
        record["sha256"] == hex,
        "the record has another checksum: {record}"
    );
    let import_peak = usage::peak_mib(pid)?;

    usage::reset_peak(pid)?;
    let began = Instant::now();
    let mut hash = Sha256::new();
    let head = wire
        .get_streamed("/products/bench-large/LARGE", |bytes| hash.update(bytes))
        .await?;
    let export_time = began.elapsed();
    ensure!(
        head.status == 200 && head.length == size,
        "the large export is {head:?}"
    );
    ensure!(
        hash.finalize() == digest,
        "the large export differs from its import"
    );
    let export_peak = usage::peak_mib(pid)?;

    let mib = usize::try_from(size >> 20)?;
    let about = format!("SDB: one product of {mib} MiB");
    Ok(vec![
        Figure::new(format!("{about}, import"), rate(mib, import_time), "MiB/s"),
        Figure::new(format!("{about}, peak memory of the import"), import_peak, "MiB")
            .below(BUDGET_LARGE_MIB),
        Figure::new(format!("{about}, export"), rate(mib, export_time), "MiB/s"),
        Figure::new(format!("{about}, peak memory of the export"), export_peak, "MiB")
            .below(BUDGET_LARGE_MIB),
    ])
}
