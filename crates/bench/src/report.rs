//! The figures as a table on screen, and as a section of a Markdown file.

use crate::figure::{Budget, Figure};
use crate::machine;
use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use std::path::Path;

/// What is between these is replaced, the rest of the file is its authors'.
const BEGIN: &str = "<!-- figures: written by orchestra-bench, do not edit -->";
const END: &str = "<!-- end of the figures -->";

/// The head of a file that is not there yet.
const NEW_FILE: &str = "# Benchmarks\n\n";

/// A table for the screen.
pub fn table(figures: &[Figure]) -> String {
    let rows: Vec<[String; 4]> = figures.iter().map(cells).collect();
    let widest = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let [what, value, budget] = [0, 1, 2].map(widest);
    let line = |row: &[String; 4]| {
        let line = format!(
            "  {:what$}  {:>value$}  {:budget$}  {}",
            row[0], row[1], row[2], row[3]
        );
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Writes the figures of a program between the markers of a file.
///
/// # Errors
/// The file cannot be read or written.
pub fn write(path: &Path, program: &str, figures: &[Figure], failures: &[String]) -> Result<()> {
    let old = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let new = replace(&old, &markdown(program, figures, failures));
    std::fs::write(path, new).with_context(|| format!("cannot write {}", path.display()))
}

fn replace(old: &str, figures: &str) -> String {
    let section = format!("{BEGIN}\n\n{figures}\n{END}");
    match old
        .split_once(BEGIN)
        .and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)))
    {
        Some((head, tail)) => format!("{head}{section}{tail}"),
        None if old.is_empty() => format!("{NEW_FILE}{section}\n"),
        None => format!("{}\n\n{section}\n", old.trim_end()),
    }
}

fn markdown(program: &str, figures: &[Figure], failures: &[String]) -> String {
    let mut text = format!(
        "{}\n\n| what | measured | budget | floor |\n|---|--:|---|---|\n",
        machine::describe(program)
    );
    for figure in figures {
        let [what, value, budget, floor] = cells(figure);
        let _ = writeln!(text, "| {what} | {value} | {budget} | {floor} |");
    }
    for failure in failures {
        let _ = writeln!(text, "\n{failure}");
    }
    text
}

fn cells(figure: &Figure) -> [String; 4] {
    let unit = figure.unit;
    let verdict = if figure.is_missed() { "missed" } else { "kept" };
    let budget = match figure.budget {
        None => String::new(),
        Some(Budget::Below(most)) => format!("< {} {unit}: {verdict}", number(most)),
        Some(Budget::Above(least)) => format!("> {} {unit}: {verdict}", number(least)),
    };
    let floor = figure.floor.map_or_else(String::new, |floor| {
        format!("{} {unit}, {} of it", number(floor), ratio(figure.value, floor))
    });
    let worst = figure
        .worst
        .map_or_else(String::new, |worst| format!(", worst {} {unit}", number(worst)));
    [
        figure.what.clone(),
        format!("{} {unit}{worst}", number(figure.value)),
        budget,
        floor,
    ]
}

fn ratio(value: f64, floor: f64) -> String {
    format!("{:.2} x", value / floor)
}

/// Three digits that mean something.
fn number(value: f64) -> String {
    match value.abs() {
        small if small < 10.0 && small.fract() != 0.0 => format!("{value:.2}"),
        middle if middle < 100.0 && middle.fract() != 0.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_budget_and_floor() {
        let floors = [Figure::new("floor", 0.25, "ms")];
        let figures = [
            Figure::new("arrival to POST, p50", 0.5, "ms")
                .below(1.5)
                .beside(&floors, "floor"),
            Figure::new("products", 900.4, "/s").above(2500.0),
        ];
        assert_eq!(
            table(&figures),
            "  arrival to POST, p50  0.50 ms  < 1.50 ms: kept    0.25 ms, 2.00 x of it\n  \
             products               900 /s  > 2500 /s: missed"
        );
    }

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let first = replace("", "one");
        assert_eq!(first, format!("# Benchmarks\n\n{BEGIN}\n\none\n{END}\n"));
        let edited = format!("{first}\nWhat bounds it: the disk.\n");
        let second = replace(&edited, "two");
        assert_eq!(second, edited.replace("one", "two"));
        assert_eq!(replace("mine", "one"), format!("mine\n\n{BEGIN}\n\none\n{END}\n"));
    }
}
