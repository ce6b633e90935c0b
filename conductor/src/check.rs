//! `--check`: reads a graph, says what is wrong with it or what it holds and what is odd, and leaves.

use conductor::args::Drawing;
use conductor::graph_file::GraphFile;
use service_kit::{Clock, exit};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Results go to standard output, mistakes to standard error, one a line, with the path of the file.
pub(crate) fn run(path: &Path, draw: Option<Drawing>) -> ExitCode {
    let graph = match GraphFile::read(path, Clock::start(None).now()) {
        Ok(file) => file.graph,
        Err(error) => {
            // Where standard error is closed, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "{error}");
            return ExitCode::from(exit::BAD_CONFIG);
        }
    };
    let answer = match draw {
        None => {
            let mut answer = format!("{}: {}\n", path.display(), graph.summary());
            for remark in graph.remarks() {
                answer.extend(["remark: ", &remark, "\n"]);
            }
            answer
        }
        Some(Drawing::Dot) => graph.to_dot(),
        Some(Drawing::Mermaid) => graph.to_mermaid(),
    };
    match std::io::stdout().write_all(answer.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(exit::FAILURE),
    }
}
