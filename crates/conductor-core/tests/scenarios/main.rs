//! The decider, told in scenarios: each `.txt` here is a graph, what happens, and what the decider does about
//! it. `README.md` beside them explains the language. `UPDATE_SCENARIOS=1` writes what really happens.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod language;
mod ledger;
mod play;
mod recipes;
mod tell;
mod words;

use datatest_stable::Result;
use language::{INDENT, Line, Scenario};
use play::Player;
use std::fs;
use std::path::Path;

/// What a scenario says, beside what happens.
struct Told {
    /// The file with what happens.
    written: String,
    /// Where that is not what the file says.
    differences: String,
}

fn happens(path: &Path) -> Result<()> {
    let file = path.display();
    let text = fs::read_to_string(path)?;
    let told = tell(&text, &format!("{file}:"))?;
    if told.differences.is_empty() {
        return Ok(());
    }
    if std::env::var_os("UPDATE_SCENARIOS").is_some() {
        fs::write(path, told.written)?;
        return Ok(());
    }
    let hint = "what happens (+) is not what is written (-); UPDATE_SCENARIOS=1 writes it";
    Err(format!("{hint}\n{}", told.differences).into())
}

/// A file that is wrong is refused with its line and what would be right: its first comment says how.
fn is_refused(path: &Path) -> Result<()> {
    let text = fs::read_to_string(path)?;
    let wanted = text.lines().next().unwrap_or_default().trim_start_matches("# ");
    match tell(&text, "line ") {
        Err(error) if error.lines().next() == Some(wanted) => Ok(()),
        Err(error) => Err(format!("refused otherwise: {error}").into()),
        Ok(_) => Err("it is taken as right".into()),
    }
}

/// Every scenario that is named exists.
fn names_scenarios(path: &Path) -> Result<()> {
    let text = fs::read_to_string(path)?;
    let named = text
        .split('`')
        .filter(|word| Path::new(word).extension().is_some_and(|end| end == "txt"));
    let missing: Vec<&str> = named
        .filter(|name| !path.with_file_name(name).is_file())
        .collect();
    if text.contains(".txt`") && missing.is_empty() {
        return Ok(());
    }
    Err(format!("there is no {missing:?}").into())
}

/// Plays a scenario. An error begins with `place` and the number of its line.
fn tell(text: &str, place: &str) -> std::result::Result<Told, String> {
    let scenario = Scenario::parse(text).map_err(|error| format!("{place}{error}"))?;
    let mut player = Player::new(&scenario);
    let (mut written, mut differences) = (String::new(), String::new());
    for (index, line) in scenario.lines.iter().enumerate() {
        match line {
            Line::Text(text) => written.extend([text, "\n"]),
            Line::Event { text, at, act } => {
                let number = index + 1;
                let happened = player.play(*at, act);
                let actual = happened.map_err(|error| format!("{place}{number}: `{text}`: {error}"))?;
                written.extend([text, "\n", &lines(INDENT, &actual)]);
                let expected = scenario.expected_after(index);
                if expected != actual {
                    let (missing, extra) = (lines("  - ", &expected), lines("  + ", &actual));
                    let after = format!("{place}{number}: after `{text}`\n");
                    differences.extend([after, missing, extra]);
                }
            }
            Line::Expected(_) => {}
        }
    }
    Ok(Told { written, differences })
}

fn lines(before: &str, lines: &[String]) -> String {
    lines.iter().flat_map(|line| [before, line, "\n"]).collect()
}

datatest_stable::harness! {
    { test = happens, root = "tests/scenarios", pattern = r"^[^/]*\.txt$" },
    { test = names_scenarios, root = "tests/scenarios", pattern = r"^README\.md$" },
    { test = is_refused, root = "tests/scenarios/wrong", pattern = r"^.*\.txt$" },
}
