//! `orchestra-conductor --check` as a user calls it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

fn conductor(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orchestra-conductor"))
        .args(args)
        .output()
        .unwrap()
}

fn check(graph: &str) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("graph.json");
    std::fs::write(&path, graph).unwrap();
    let output = conductor(&["--check", path.to_str().unwrap()]);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_graph_of_group_1_is_sound() {
    let graph = concat!(env!("CARGO_MANIFEST_DIR"), "/../graph.json");
    let output = conductor(&["--check", graph]);
    assert_eq!(output.status.code(), Some(0));
    let summary = String::from_utf8(output.stdout).unwrap();
    assert!(
        summary.contains("15 inputs, 40 products, 9 providers"),
        "{summary}"
    );
    assert_eq!(summary.lines().count(), 1, "nothing is odd about it: {summary}");
}

#[test]
fn what_is_odd_about_a_sound_graph_is_remarked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("graph.json");
    let graph = r#"{"inputs": ["A", "B"], "products": {
        "X": {"m_input": ["A"], "provider": "p", "url": "http://p:5000/p", "backoff": "20m"}}}"#;
    std::fs::write(&path, graph).unwrap();
    let output = conductor(&["--check", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    let remarks: Vec<&str> = said.lines().skip(1).collect();
    assert_eq!(
        remarks,
        [
            "remark: input B is used by no product",
            "remark: the backoff of X is cut from 20m to 5m"
        ]
    );
}

#[test]
fn five_mistakes_are_five_lines_with_their_paths_and_exit_code_64() {
    let (code, errors) = check(
        r#"{"inputs": ["A", "A"],
            "products": {
              "X": {"m_input": [], "provider": "p", "url": "http://p:5000/p"},
              "Y": {"m_input": ["B"], "provider": "p", "url": "nowhere"},
              "Z": {"m_input": ["A"], "provider": "p", "url": "http://p:5000/p", "timout": "5m"}}}"#,
    );
    assert_eq!(code, Some(64));
    for part in [
        "$.inputs[1]",
        "$.products.X.m_input",
        "$.products.Y.m_input[0]",
        "$.products.Y.url",
        "timout",
    ] {
        assert!(errors.contains(part), "no word of {part} in:\n{errors}");
    }
}

#[test]
fn what_is_no_json_and_what_is_not_there_are_said_plainly() {
    let (code, errors) = check("{\"inputs\": [");
    assert_eq!(code, Some(64));
    assert!(errors.contains("line 1"), "{errors}");
    let output = conductor(&["--check", "/nowhere/graph.json"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("cannot be read")
    );
}

#[test]
fn a_graph_is_drawn() {
    let graph = concat!(env!("CARGO_MANIFEST_DIR"), "/../graph.json");
    for (language, start) in [("dot", "digraph"), ("mermaid", "flowchart")] {
        let output = conductor(&["--check", graph, "--draw", language]);
        let drawing = String::from_utf8(output.stdout).unwrap();
        assert!(
            drawing.contains(start) && drawing.contains("QPO_ECL"),
            "{drawing}"
        );
    }
}
