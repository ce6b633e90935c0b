//! A full disk: refused with 507, said so, and well again without a restart.

use crate::program::{DEADLINE, Launch, NO_NATS, data, noise};
use std::collections::BTreeMap;
use std::process::Command;
use testkit::SmallDisk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_507_and_heals_without_a_restart() {
    for disk in SmallDisk::all() {
        full_and_well_again(disk).await;
    }
}

async fn full_and_well_again(disk: SmallDisk) {
    let (guard, _) = data();
    let folder = guard.path().join("disk");
    std::fs::create_dir(&folder).unwrap();
    let before = disk.before(&folder);
    let mut command = Command::new(&before[0]);
    command.args(&before[1..]);
    // Launch puts the ready file beside the data, which only the program may see.
    let program = Launch::wrapped(command, &folder.join("sdb"), NO_NATS)
        .ready_file(&guard.path().join("ready"))
        .start()
        .await;

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
    disk.fill(program.pid(), &folder);

    // Neither the rows of a small product nor the bytes of a large one find room.
    for length in [40_000, 300_000] {
        let refused = program.post("/products/2/A", noise(2, length)).await.unwrap();
        assert_eq!(refused.status(), 507, "{disk:?}, {length} bytes");
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "insufficient-storage");
    }
    let ready = async || program.get("/health/ready").await.status().as_u16();
    testkit::eventually(DEADLINE, async || ready().await == 503).await;
    program.audit(&stored, &BTreeMap::new()).await;

    disk.clear(program.pid(), &folder);
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
