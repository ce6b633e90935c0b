//! The command line.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Decides what can be made now and by whom. So far it checks and draws graphs.
#[derive(Debug, Parser)]
#[command(name = "orchestra-conductor", version, about)]
pub(crate) struct Args {
    /// Read this graph, report all its mistakes, and leave: 0 if there are none, 64 if there are
    #[arg(long, value_name = "GRAPH")]
    pub(crate) check: PathBuf,

    /// Print the graph as a drawing instead of its summary
    #[arg(long, value_enum)]
    pub(crate) draw: Option<Drawing>,
}

/// The languages in which a graph is drawn.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Drawing {
    /// Graphviz: `| dot -Tsvg`
    Dot,
    /// Mermaid, as Markdown viewers show it
    Mermaid,
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
