//! The command line.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Measures the goals of the console.
#[derive(Debug, Parser)]
#[command(name = "bench-console", about)]
pub(crate) struct Args {
    /// Measure only these sections
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SECTION")]
    pub(crate) only: Vec<Section>,

    /// Small numbers: shows that everything works, measures nothing worth keeping
    #[arg(long)]
    pub(crate) quick: bool,

    /// Write the figures into this Markdown file, between its two markers, or make one
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// How many observations the section `million` has
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(crate) observations: usize,

    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// A group of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// One frame
    Frames,
    /// The start, and what a quiet night costs
    Calm,
    /// What is lost, and told
    Losses,
    /// More than anybody can read
    Flood,
    /// A large ledger
    Million,
}

impl Section {
    /// What is measured, for the heading.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Frames => "how long a frame of 2000 observations of 60 products takes, and placing a graph",
            Self::Calm => "the start, and what the screen costs while little happens",
            Self::Losses => {
                "how soon a lost connection is told, and made up for; who is left by the terminal leaves"
            }
            Self::Flood => "keys, losses and memory while 5000 events a second come",
            Self::Million => "keys while the conductor's ledger is large",
        }
    }
}

impl std::fmt::Display for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self
            .to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned());
        f.pad(&name)
    }
}

impl Args {
    /// The sections to measure, always in the same order.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let all = Section::value_variants().iter().copied();
        all.filter(|section| self.only.is_empty() || self.only.contains(section))
            .collect()
    }

    /// A number, or a tenth of it and at least one where all is to be quick.
    pub(crate) fn scaled(&self, number: usize) -> usize {
        if self.quick { (number / 10).max(1) } else { number }
    }

    /// A time, or a tenth of it where all is to be quick.
    pub(crate) fn window(&self, time: Duration) -> Duration {
        if self.quick { time / 10 } else { time }
    }
}
