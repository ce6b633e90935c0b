//! The keys of one JSON object: known, unknown, repeated, commentary.

use crate::json::Json;
use crate::mistake::{Mistakes, quoted};
use crate::path::Path;

/// An object whose keys were checked, without its commentary.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    path: Path,
    entries: Vec<(&'a str, &'a Json)>,
}

/// Whether a key starts with `_`, and so is for human readers only.
pub(super) fn is_commentary(key: &str) -> bool {
    key.starts_with('_')
}

impl<'a> Fields<'a> {
    /// Opens an object whose keys are names: any key is known.
    pub(super) fn of_names(json: &'a Json, path: &Path, mistakes: &mut Mistakes) -> Option<Self> {
        let Json::Object(entries) = json else {
            mistakes.report(path, format!("{} where an object belongs", json.kind()));
            return None;
        };
        let spoken = entries.iter().filter(|(key, _)| !is_commentary(key));
        let entries: Vec<_> = spoken.map(|(key, value)| (key.as_str(), value)).collect();
        report_repeats(&entries, path, mistakes);
        Some(Self {
            path: path.clone(),
            entries,
        })
    }

    /// Opens an object with a closed set of keys.
    pub(super) fn of(json: &'a Json, path: &Path, known: &[&str], mistakes: &mut Mistakes) -> Option<Self> {
        let fields = Self::of_names(json, path, mistakes)?;
        for (key, _) in &fields.entries {
            if !known.contains(key) {
                let meant = mistakes.did_you_mean(key, known.iter().copied());
                let right = if meant.is_empty() {
                    format!("; known here: {}", known.join(", "))
                } else {
                    meant
                };
                mistakes.report(&path.key(key), format!("unknown key {}{right}", quoted(key)));
            }
        }
        Some(fields)
    }

    /// Every entry with its place, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Json, Path)> + '_ {
        self.entries
            .iter()
            .map(|(key, value)| (*key, *value, self.path.key(key)))
    }

    /// Every value of a key: more than one where it is repeated.
    pub(super) fn all(&self, wanted: &str) -> impl Iterator<Item = (&'a Json, Path)> {
        self.iter()
            .filter(move |(key, ..)| *key == wanted)
            .map(|(_, value, path)| (value, path))
    }

    /// Reads the value of a key; `None` if it is not there or is wrong, which is then reported.
    pub(super) fn read<T>(
        &self,
        key: &str,
        mistakes: &mut Mistakes,
        read: impl FnOnce(&'a Json, &Path, &mut Mistakes) -> Option<T>,
    ) -> Option<T> {
        let (value, path) = self.all(key).next()?;
        read(value, &path, mistakes)
    }

    /// Reads the value of a key into its place; leaves the default there if it is absent or wrong.
    pub(super) fn read_into<T>(
        &self,
        key: &str,
        target: &mut T,
        mistakes: &mut Mistakes,
        read: impl FnOnce(&'a Json, &Path, &mut Mistakes) -> Option<T>,
    ) {
        if let Some(value) = self.read(key, mistakes, read) {
            *target = value;
        }
    }

    /// Reports a key that must be there and is not.
    pub(super) fn require(&self, key: &str, right: &str, mistakes: &mut Mistakes) -> bool {
        let is_there = self.entries.iter().any(|(present, _)| *present == key);
        if !is_there {
            mistakes.report(&self.path, format!("{key:?} is missing; {right}"));
        }
        is_there
    }
}

fn report_repeats(entries: &[(&str, &Json)], path: &Path, mistakes: &mut Mistakes) {
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    for same in keys.chunk_by(|a, b| a == b).filter(|same| same.len() > 1) {
        let times = if same.len() == 2 {
            "twice".to_owned()
        } else {
            format!("{} times", same.len())
        };
        mistakes.report(
            &path.key(same[0]),
            format!("declared {times}: this key is repeated; keep one"),
        );
    }
}
