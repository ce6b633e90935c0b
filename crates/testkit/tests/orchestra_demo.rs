//! `just demo`, as it is typed: an orchestra of its own, a burst, a table; and again.

#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;
use testkit::{bin, closure, graph, repository_root};

/// The inputs of the burst, a bright one that all instruments saw.
const INPUTS: [&str; 7] = [
    "EclTmVhfAlert",
    "EclTmVhfHPLcurve",
    "EclTmVhfSubImage",
    "SvoTmVhfAttOrb",
    "SvoTmVhfSlew",
    "MxtTmVhfPosition",
    "MxtTmVhfPhotons",
];

async fn demo(var: &Path, more: &[&str]) -> Output {
    let output = tokio::process::Command::new(bin("stage"))
        .arg("demo")
        .arg("--root")
        .arg(repository_root())
        .arg("--var")
        .arg(var)
        .args(["--speed", "1000000"])
        .args(more)
        .output();
    output.await.unwrap()
}

#[tokio::test]
async fn a_demo_ends_with_a_table_and_runs_again() {
    let folder = tempfile::tempdir().unwrap();
    let made = closure(&graph(), &BTreeSet::from(INPUTS.map(str::to_owned))).len();
    for _ in 0..2 {
        let more = ["--burst", "sb26022501", "--pipeline-args"];
        let pipelines = "--min-delay 0s --max-delay 0s --failure-rate 0";
        let output = demo(folder.path(), &[&more[..], &[pipelines]].concat()).await;
        let says = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{says}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(says.contains("1 bursts, "), "{says}");
        let line = says
            .lines()
            .find(|line| line.starts_with("sb26022501"))
            .expect(&says);
        let cells: Vec<&str> = line.split_whitespace().collect();
        // Inputs, made, failed, blocked; then the attempts, as many as products if no input came twice.
        assert_eq!(cells[1..5], ["7", &made.to_string(), "0", "0"], "{says}");
        assert!(
            cells[5].parse::<usize>().unwrap() >= made && cells[7] == "s",
            "{says}"
        );
    }
}

#[tokio::test]
async fn a_burst_that_nobody_saw_ends_the_demo_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(folder.path(), &["--burst", "sb99010101"]).await;
    assert_eq!(output.status.code(), Some(1));
    let says = String::from_utf8_lossy(&output.stderr);
    assert!(says.contains("sb99010101"), "{says}");
}
