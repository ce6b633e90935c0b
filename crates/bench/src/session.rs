//! A run of a bench: its sections one after the other, said as they are measured, and reported in the end.

use crate::figure::Figure;
use crate::report;
use anyhow::{Context as _, Result};
use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// What was measured so far, and which sections could not be.
#[derive(Debug)]
pub struct Session {
    program: &'static str,
    /// What a figure keeps or misses: `budgets`, `goals`.
    limits: &'static str,
    figures: Vec<Figure>,
    failures: Vec<String>,
}

impl Session {
    /// Of a program, as it is called, whose figures are held against `limits`.
    pub fn new(program: &'static str, limits: &'static str) -> Self {
        Self {
            program,
            limits,
            figures: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// The figures of the sections before.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// Says that a section begins, and what it is about.
    ///
    /// # Errors
    /// Standard output is closed; so with the others.
    pub fn begin(&self, section: impl Display, about: &str) -> Result<()> {
        say(&format!("\n{section}: {about}"))
    }

    /// Takes the figures of a section. One that could not be measured is reported and does not stop the others.
    pub fn take(&mut self, section: impl Display, measured: Result<Vec<Figure>>) -> Result<()> {
        match measured.with_context(|| format!("{section} could not be measured")) {
            Ok(measured) => {
                say(&report::table(&measured))?;
                self.figures.extend(measured);
            }
            Err(error) => {
                say(&format!("  {error:#}"))?;
                self.failures.push(format!("{error:#}"));
            }
        }
        Ok(())
    }

    /// Writes the report, if one is wanted, and says how all went: a failure if a section could not be measured.
    pub fn end(self, report: Option<&Path>) -> Result<ExitCode> {
        if let Some(path) = report {
            report::write(path, self.program, &self.figures, &self.failures)?;
            say(&format!("\nwritten to {}", path.display()))?;
        }
        let missed = self.figures.iter().filter(|figure| figure.is_missed()).count();
        say(&format!(
            "\n{} figures, {missed} {} missed, {} sections failed",
            self.figures.len(),
            self.limits,
            self.failures.len()
        ))?;
        Ok(if self.failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Results go to standard output.
fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("standard output is closed")
}
