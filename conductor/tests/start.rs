//! A conductor that cannot start says why, once, and what would be right.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::process::Command;

const GRAPH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../graph.json");

/// The exit code, and the one line in which the program says why it ends; the others are the log.
fn refused(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_orchestra-conductor"))
        .args(["--graph", GRAPH])
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let why: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("orchestra-conductor: "))
        .collect();
    assert_eq!(why.len(), 1, "{said}");
    (output.status.code(), why[0].to_owned())
}

#[test]
fn an_address_of_nats_that_is_none_is_named_with_what_is_wrong() {
    let (code, said) = refused(&["--nats", "nonsense://x"]);
    assert_eq!(code, Some(64));
    assert!(said.contains("--nats: ") && said.contains("nonsense"), "{said}");
}

#[test]
fn a_ledger_that_cannot_be_made_is_named_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ledger = file.join("ledger.db");
    let (code, said) = refused(&["--ledger", ledger.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(said.contains("cannot be made"), "{said}");
    assert_eq!(said.matches("the ledger").count(), 1, "{said}");
}

#[test]
fn a_port_in_use_is_named_with_the_flag_that_moves_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let ledger = dir.path().join("ledger.db");
    let (code, said) = refused(&["--listen", &address, "--ledger", ledger.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");
    assert_eq!(said.matches("in use").count(), 1, "{said}");
}
