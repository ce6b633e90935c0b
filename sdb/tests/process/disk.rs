//! A full disk: refused with 507, said so, and well again without a restart.

use crate::program::{DEADLINE, Launch, NO_NATS, data, noise};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Runs a command in a mount namespace of its own, where `$1` is a file system of 8 MiB.
const SMALL_DISK: &str = "mount -t tmpfs -o size=8m tmpfs \"$1\" && shift && exec \"$@\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_507_and_heals_without_a_restart() {
    let (guard, _) = data();
    let mount = guard.path().join("disk");
    std::fs::create_dir(&mount).unwrap();
    if !mountable(&mount) {
        eprintln!("skipped: no mount namespace can be made here (unshare --user --map-root-user --mount)");
        return;
    }
    let directory = mount.join("sdb");
    // Launch puts the ready file beside the data, which only the program's namespace can see.
    let ready = guard.path().join("ready");
    let program = Launch::wrapped(small_disk(&mount), &directory, NO_NATS)
        .ready_file(&ready)
        .start()
        .await;
    let inside =
        PathBuf::from(format!("/proc/{}/root", program.pid())).join(mount.strip_prefix("/").unwrap());

    let mut stored = BTreeMap::new();
    let small = noise(1, 4096);
    assert_eq!(
        program
            .post("/products/1/A", small.clone())
            .await
            .unwrap()
            .status(),
        201
    );
    stored.insert("/products/1/A".to_owned(), small);
    fill(&inside.join("ballast"));

    for length in [40_000, 300_000] {
        let refused = program.post("/products/2/A", noise(2, length)).await.unwrap();
        assert_eq!(refused.status(), 507, "{length} bytes");
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "insufficient-storage");
    }
    let ready = async || program.get("/health/ready").await.status().as_u16();
    testkit::eventually(DEADLINE, async || ready().await == 503).await;
    program.audit(&stored, &BTreeMap::new()).await;

    std::fs::remove_file(inside.join("ballast")).unwrap();
    testkit::eventually(DEADLINE, async || ready().await == 200).await;
    let large = noise(3, 300_000);
    assert_eq!(
        program
            .post("/products/3/A", large.clone())
            .await
            .unwrap()
            .status(),
        201
    );
    stored.insert("/products/3/A".to_owned(), large);
    program.audit(&stored, &BTreeMap::new()).await;
}

/// Writes until there is no space left.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    for block in [vec![0; 64 * 1024], vec![0; 512]] {
        while file.write_all(&block).is_ok() {}
    }
}

fn small_disk(mount: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            SMALL_DISK,
            "sh",
        ])
        .arg(mount);
    command
}

fn mountable(mount: &Path) -> bool {
    let mut probe = small_disk(mount);
    probe.arg("true").stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
