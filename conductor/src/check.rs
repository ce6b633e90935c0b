//! `--check`: reads a graph, says what is wrong with it or what it holds, and leaves.

use crate::args::Drawing;
use product_graph::{MAX_GRAPH_BYTES, ProductGraph};
use service_kit::exit;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// Results go to standard output, mistakes to standard error, one a line, with the path of the file.
pub(crate) fn run(path: &Path, draw: Option<Drawing>) -> ExitCode {
    let text = match read(path) {
        Ok(text) => text,
        Err(error) => return complain(path, &format!("cannot be read: {error}")),
    };
    let graph = match ProductGraph::parse(&text) {
        Ok(graph) => graph,
        Err(mistakes) => return complain(path, &mistakes.to_string()),
    };
    let answer = match draw {
        None => format!("{}: {}\n", path.display(), graph.summary()),
        Some(Drawing::Dot) => graph.to_dot(),
        Some(Drawing::Mermaid) => graph.to_mermaid(),
    };
    match std::io::stdout().write_all(answer.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(exit::FAILURE),
    }
}

/// A file that is larger than any graph may be is not read whole.
fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?
        .take(MAX_GRAPH_BYTES as u64 + 1)
        .read_to_string(&mut text)?;
    Ok(text)
}

fn complain(path: &Path, what: &str) -> ExitCode {
    let mut lines = String::new();
    for line in what.lines() {
        let _ = writeln!(lines, "{}: {line}", path.display());
    }
    // Where standard error is closed, the exit code still tells.
    let _ = std::io::stderr().write_all(lines.as_bytes());
    ExitCode::from(exit::BAD_CONFIG)
}
