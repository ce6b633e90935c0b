//! What the kernel was asked for: before each 201, whatever holds the bytes was synced.

use crate::program::{DEADLINE, Launch, NO_NATS, data, noise};
use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Command, Stdio},
};

const IMPORTS: u64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_each_201_what_holds_the_bytes_was_synced() {
    if !traceable() {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    }
    let (guard, directory) = data();
    let trace = guard.path().join("trace");
    let mut strace = Command::new("strace");
    // -D: the tracer is a grandchild, so that the program itself is ours to stop.
    strace.args([
        "-D",
        "-f",
        "-y",
        "-s",
        "32",
        "-e",
        "trace=fsync,fdatasync,write,writev,pwrite64,sendto,sendmsg",
    ]);
    strace.arg("-o").arg(&trace);
    let mut program = Launch::wrapped(strace, &directory, NO_NATS).start().await;
    let lengths = [100, 200_000];
    for number in 1..=IMPORTS {
        for length in lengths {
            let answer = program
                .post(&format!("/products/{number}/A"), noise(number, length))
                .await
                .unwrap();
            assert_eq!(answer.status(), 201);
        }
    }
    program.signal(rustix::process::Signal::TERM);
    program.ended().await;
    let traced = testkit::eventually_some(DEADLINE, async || {
        let traced = std::fs::read_to_string(&trace).unwrap();
        traced.contains("+++ exited with 0 +++").then_some(traced)
    });
    judge(&traced.await);
}

/// What the files that hold the bytes are like, call by call.
#[derive(Debug, Default)]
struct Files {
    /// Written and not synced since.
    dirty: BTreeSet<String>,
    /// Syncs that have not returned, by thread.
    syncing: BTreeMap<String, String>,
    log_syncs: u64,
    blob_syncs: u64,
}

/// Walks through the calls in order: no 201 may be sent while a file that was written is not synced.
fn judge(trace: &str) {
    let mut files = Files::default();
    let mut answers = 0;
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        files.observe(thread, call);
        // An answer counts from where its call begins.
        if call.contains("HTTP/1.1 201") {
            answers += 1;
            assert!(
                files.dirty.is_empty(),
                "answer {answers} was sent while these were not synced: {:?}",
                files.dirty
            );
            assert!(
                files.log_syncs >= answers,
                "answer {answers} came after {} syncs of the log",
                files.log_syncs
            );
        }
    }
    assert_eq!(answers, 2 * IMPORTS, "the trace does not show every answer");
    assert!(files.blob_syncs >= IMPORTS, "{} syncs of blobs", files.blob_syncs);
}

impl Files {
    fn observe(&mut self, thread: &str, call: &str) {
        if call.starts_with("<... f") && call.contains("sync resumed>") {
            if let Some(file) = self.syncing.remove(thread).filter(|_| call.ends_with("= 0")) {
                self.synced(&file);
            }
            return;
        }
        let Some((name, arguments)) = call.split_once('(') else {
            return;
        };
        // -y shows a descriptor as 9</path/of/the/file>.
        let Some((file, _)) = arguments
            .split_once('<')
            .and_then(|(_, rest)| rest.split_once('>'))
        else {
            return;
        };
        if !file.ends_with("-wal") && !file.contains("/blobs/") {
            return;
        }
        match name {
            // A write that another thread's call interrupts in the trace has begun all the same.
            "write" | "writev" | "pwrite64" => {
                self.dirty.insert(file.to_owned());
            }
            "fsync" | "fdatasync" if call.ends_with("= 0") => self.synced(file),
            "fsync" | "fdatasync" if call.ends_with("<unfinished ...>") => {
                self.syncing.insert(thread.to_owned(), file.to_owned());
            }
            _ => {}
        }
    }

    fn synced(&mut self, file: &str) {
        self.dirty.remove(file);
        if file.ends_with("-wal") {
            self.log_syncs += 1;
        } else {
            self.blob_syncs += 1;
        }
    }
}

#[test]
fn an_answer_before_its_sync_is_found_out() {
    let write = "7 pwrite64(9</d/catalogue.sqlite-wal>, \"..\"..., 4096, 0) = 4096\n";
    let answer = "8 writev(12<TCP:[1]>, [{iov_base=\"HTTP/1.1 201 Created\\r\\n\"...}], 2) = 300\n";
    let sync = "7 fdatasync(9</d/catalogue.sqlite-wal>) = 0\n";
    let blob = "7 fsync(10</d/blobs/1/x>) = 0\n";
    let (begun, ended) = (
        "7 fdatasync(9</d/catalogue.sqlite-wal> <unfinished ...>\n",
        "7 <... fdatasync resumed>) = 0\n",
    );
    let good = [write, sync, blob, answer].concat().repeat(10);
    judge(&good);
    judge(&[write, begun, ended, blob, answer].concat().repeat(10));
    for bad in [[write, answer, sync, blob], [write, begun, answer, ended]] {
        let trace = bad.concat().repeat(10);
        assert!(std::panic::catch_unwind(|| judge(&trace)).is_err(), "{trace}");
    }
}

fn traceable() -> bool {
    let mut probe = Command::new("strace");
    probe.args(["-o", "/dev/null", "true"]).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
