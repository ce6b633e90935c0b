//! `list`, as it is printed.

use std::process::{Command, Stdio};

#[test]
fn the_bursts_fit_a_terminal_of_80_columns() {
    let mut out = Vec::new();
    mock_vhf::verbs::list(false, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count(), 51);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(
        text.contains("sb26022501  2026-02-25 08:52:07        7     1h25m  ECLAIRs, MXT\n"),
        "{text}"
    );
    assert!(
        text.contains("sb26020303  2026-02-03 14:27:11        0         -  ECLAIRs, retracted\n"),
        "{text}"
    );
}

#[test]
fn json_is_for_programs_and_a_broken_pipe_is_no_panic() {
    let mut out = Vec::new();
    mock_vhf::verbs::list(true, &mut out).unwrap();
    let bursts: Vec<api::vhf::Burst> = serde_json::from_slice(&out).unwrap();
    assert_eq!(bursts.iter().map(|burst| burst.packets).sum::<u64>(), 200);

    let mut child = Command::new(env!("CARGO_BIN_EXE_orchestra-mock-vhf"))
        .args(["list", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert!(!String::from_utf8(ended.stderr).unwrap().contains("panicked"));
}
