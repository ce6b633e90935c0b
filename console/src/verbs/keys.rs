//! `keys`: what the keys of the screen do, from the registry that the screen itself uses.

use crate::args::Remap;
use crate::keys::{Entry, Group, Keymap, Keys};
use crate::output::Output;
use crate::table::{Ink, Table};
use serde::Serialize;
use std::process::ExitCode;

pub(super) fn run(remap: &Remap, output: &mut Output) -> anyhow::Result<ExitCode> {
    let keymap = remap.keymap()?;
    if output.json {
        output.document(&keymap.entries().map(documented).collect::<Vec<_>>())?;
    } else {
        output.table(&table(&keymap))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One entry, for a program.
#[derive(Debug, Serialize)]
struct Documented {
    name: &'static str,
    aliases: &'static [&'static str],
    keys: Vec<String>,
    group: &'static str,
    at: String,
    danger: &'static str,
    text: &'static str,
}

fn documented((entry, keys): (&'static Entry, &[Keys])) -> Documented {
    Documented {
        name: entry.name,
        aliases: entry.aliases,
        keys: keys.iter().map(Keys::to_string).collect(),
        group: entry.group.title(),
        at: entry.at.to_string(),
        danger: entry.danger.name(),
        text: entry.text,
    }
}

fn table(keymap: &Keymap) -> Table {
    let mut table = Table::new(["KEYS", "NAME", "WHERE", "WHAT"]);
    for group in Group::ALL {
        for (entry, keys) in keymap.entries().filter(|(entry, _)| entry.group == group) {
            let keys: Vec<String> = keys.iter().map(Keys::to_string).collect();
            table.row([
                (keys.join(" "), Ink::Busy),
                (entry.name.to_owned(), Ink::Plain),
                (entry.at.to_string(), Ink::Dim),
                (entry.text.to_owned(), Ink::Plain),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::REGISTRY;

    #[test]
    fn every_action_is_in_the_table_with_its_keys() {
        let table = table(&Keymap::default()).drawn(None, false);
        for entry in REGISTRY {
            let row = table.lines().find(|line| line.ends_with(entry.text)).unwrap();
            let key = entry.default_keys()[0].to_string();
            assert!(row.starts_with(&key) && row.contains(entry.name), "{row}");
        }
    }
}
