//! The worst that a verb may meet: nonsense after it, nobody who reads it, a full disk, and services that answer
//! nonsense, errors, or nothing. Each is said in a sentence, and told by the exit code.

#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::thread;

/// Nobody listens there: port 1 of this machine is nobody's.
const NOBODY: [&str; 6] = [
    "--conductor",
    "http://127.0.0.1:1",
    "--sdb",
    "http://127.0.0.1:1",
    "--nats",
    "nats://127.0.0.1:1",
];

/// One of each verb that asks the conductor.
const ASKING: [&[&str]; 17] = [
    &["list"],
    &["show", "42"],
    &["show", "42", "QPO_ECL"],
    &["timeline", "42"],
    &["runs"],
    &["runs", "run_01a"],
    &["alerts"],
    &["report"],
    &["notes"],
    &["providers"],
    &["trigger", "QPO_ECL", "42"],
    &["retry", "--obs-id", "42"],
    &["cancel", "--obs-id", "42"],
    &["grace", "extend", "--obs-id", "42"],
    &["acknowledge", "--obs-id", "42"],
    &["note", "seen", "--obs-id", "42"],
    &["pause", "mxt_vhf_pipeline"],
];

fn console(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchestra-console"));
    command.args(arguments).env_remove("COLUMNS").env("USER", "ada");
    command
}

fn run(arguments: &[&str]) -> Output {
    console(arguments).stdin(Stdio::null()).output().unwrap()
}

/// Asserts that a call failed with this code, that it said so in few lines without a panic, and gives those.
#[track_caller]
fn said(ended: &Output, code: i32) -> String {
    let said = String::from_utf8(ended.stderr.clone()).unwrap();
    assert_eq!(ended.status.code(), Some(code), "{said}");
    assert!(!said.trim().is_empty() && !said.contains("panicked"), "{said}");
    assert!(said.lines().count() < 12, "{said}");
    said
}

/// A service that answers every request with these bytes.
fn service(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move |mut stream: TcpStream| {
        let mut request = [0; 8192];
        if stream.read(&mut request).is_ok() {
            stream.write_all(answer).ok();
        }
    };
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address
}

#[test]
fn nonsense_is_refused_with_what_would_be_right() {
    let long = "a".repeat(100_000);
    for (arguments, right) in [
        (&["nonsense"][..], "--help"),
        (&["show"], "<OBS_ID>"),
        (&["show", ""], "obs_id"),
        (&["show", "../../etc/passwd"], "A-Z a-z 0-9 . _ -"),
        (&["show", "sb26\n01"], "A-Z a-z 0-9 . _ -"),
        (&["show", "🚀"], "A-Z a-z 0-9 . _ -"),
        (&["show", &long], "obs_id"),
        (&["timeline", "42", "Ü"], "A-Z a-z 0-9 _ -"),
        (
            &["trigger", "QPO_ECL", "42", "--params", "{"],
            "not a JSON object",
        ),
        (&["retry"], "--obs-id"),
        (&["retry", "--obs-id", "42", "--state", "broken"], "state"),
        (&["list", "--limit", "99999999999999999999"], "--limit"),
        (&["list", "--since", "99999999999999999999h"], "2h"),
        (&["product", "42", "QPO_ECL", "--version", "-1"], "-1"),
        (&["product", "42", "QPO_ECL", "--version", "1e9"], "--version"),
        (&["note", "text"], "--obs-id"),
        (&["list", "--conductor", "http://[::1"], "http://127.0.0.1:5002"),
        (&["--speed", "2"], "--replay"),
        (&["--replay", "x", "--speed", "nan"], "0.01 to 1000"),
    ] {
        let said = said(&run(arguments), 2);
        assert!(said.contains(right), "{said}");
    }
}

#[test]
fn without_anybody_each_verb_says_who_does_not_answer() {
    for arguments in ASKING {
        let said = said(&run(&[arguments, &NOBODY].concat()), 1);
        assert!(
            said.contains("the conductor does not answer at http://127.0.0.1:1"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn what_is_no_conductor_is_told_from_one_that_fails() {
    let html = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\nconnection: close\r\n\r\n<html>\xff</html>\n";
    let empty = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let cut = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\nconnection: close\r\n\r\n{\"items\": [";
    let failed =
        b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 5\r\nconnection: close\r\n\r\noops\n";
    let other = b"SSH-2.0-OpenSSH_9.2\r\n";
    for (answer, words) in [
        (&html[..], &["no conductor", "--conductor"][..]),
        (empty, &["no conductor", "--conductor"]),
        (cut, &["broke off"]),
        (failed, &["500"]),
        (other, &["no conductor"]),
    ] {
        let address = service(answer);
        let url = format!("http://{address}");
        for arguments in ASKING {
            let said = said(
                &run(&[arguments, &NOBODY[2..], &["--conductor", &url]].concat()),
                1,
            );
            for word in words {
                assert!(said.contains(word), "{arguments:?}, {word:?}: {said}");
            }
        }
    }
}

#[test]
fn a_conductor_that_hangs_is_not_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let said = said(&run(&["list", "--conductor", &url]), 1);
    assert!(said.contains("did not answer within"), "{said}");
}

#[test]
fn a_full_disk_is_a_failure_and_says_where() {
    for arguments in [
        &["keys"][..],
        &["keys", "--json"],
        &["completions", "bash"],
        &["check", "--json", "--wait", "1ms"],
    ] {
        let mut command = console(&[arguments, &NOBODY].concat());
        let full = File::options().write(true).open("/dev/full").unwrap();
        let said = said(&command.stdout(full).output().unwrap(), 1);
        assert!(said.contains("standard output"), "{arguments:?}: {said}");
    }
}

#[test]
fn who_reads_no_more_ends_a_verb_without_a_word() {
    for arguments in [
        &["keys"][..],
        &["keys", "--json"],
        &["completions", "zsh"],
        &["--help"],
    ] {
        let mut child = console(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && said.is_empty(), "{arguments:?}: {said}");
    }
}
