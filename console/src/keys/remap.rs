//! The file of an operator who wants other keys.
//!
//! ```toml
//! [keys]
//! retry = "F5"
//! find = ["o", "C-f"]
//! ```
//!
//! An entry that is named has only the keys given there. All mistakes are told at once, each with its line.

use super::keymap::Keymap;
use super::{Keys, REGISTRY};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with the file of keys.
#[derive(Debug, thiserror::Error)]
pub enum RemapError {
    /// It cannot be read.
    #[error("{}: {source}", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It does not say what it should.
    #[error("{}", Lines(.file, .mistakes))]
    Wrong {
        /// Which file.
        file: PathBuf,
        /// The lines, from 1, and what is wrong there.
        mistakes: Vec<(usize, String)>,
    },
}

struct Lines<'a>(&'a Path, &'a [(usize, String)]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (line, mistake)) in self.1.iter().enumerate() {
            let end = if index + 1 < self.1.len() { "\n" } else { "" };
            write!(f, "{}:{line}: {mistake}{end}", self.0.display())?;
        }
        Ok(())
    }
}

impl Keymap {
    /// The keys as a file wants them.
    ///
    /// # Errors
    /// The file cannot be read, or names what is not there, or gives one key two meanings.
    pub fn from_file(file: &Path) -> Result<Self, RemapError> {
        let text = std::fs::read_to_string(file).map_err(|source| RemapError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|mistakes| RemapError::Wrong {
            file: file.to_owned(),
            mistakes,
        })
    }

    fn parse(text: &str) -> Result<Self, Vec<(usize, String)>> {
        let mut reader = Reader::new(text);
        match DeTable::parse(text) {
            Ok(document) => reader.document(document.get_ref()),
            Err(error) => reader.mistake(error.span().unwrap_or_default(), error.message()),
        }
        if reader.mistakes.is_empty() {
            reader.check_conflicts();
        }
        if reader.mistakes.is_empty() {
            Ok(reader.keymap)
        } else {
            Err(reader.mistakes)
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    keymap: Keymap,
    /// Where each remapped entry is in the file.
    at: Vec<Option<Range<usize>>>,
    mistakes: Vec<(usize, String)>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            keymap: Keymap::default(),
            at: vec![None; REGISTRY.len()],
            mistakes: Vec::new(),
        }
    }

    fn mistake(&mut self, at: Range<usize>, what: impl Into<String>) {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        self.mistakes.push((line, what.into()));
    }

    fn document(&mut self, document: &DeTable<'_>) {
        for (section, value) in document {
            let name = section.get_ref();
            if name != "keys" {
                self.mistake(section.span(), format!("{name:?} is unknown here; write [keys]"));
            } else if let DeValue::Table(keys) = value.get_ref() {
                for (name, value) in keys {
                    self.remap(name.get_ref(), name.span(), value);
                }
            } else {
                self.mistake(value.span(), "keys is a table: [keys]");
            }
        }
    }

    fn remap(&mut self, name: &str, at: Range<usize>, value: &Spanned<DeValue<'_>>) {
        let Some(index) = REGISTRY.iter().position(|entry| entry.name == name) else {
            self.mistake(
                at,
                format!("{name:?} is no action; orchestra-console keys lists them"),
            );
            return;
        };
        let before = self.mistakes.len();
        let keys: Vec<Keys> = if let DeValue::Array(values) = value.get_ref() {
            values.iter().filter_map(|value| self.keys(value)).collect()
        } else {
            self.keys(value).into_iter().collect()
        };
        if keys.is_empty() && self.mistakes.len() == before {
            self.mistake(value.span(), format!("{name:?} would have no key left"));
        }
        self.keymap.set(index, keys);
        self.at[index] = Some(at);
    }

    fn keys(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Keys> {
        let DeValue::String(text) = value.get_ref() else {
            self.mistake(value.span(), "a key is a text (\"r\"), or a list of texts");
            return None;
        };
        text.parse()
            .map_err(|error: super::ChordError| self.mistake(value.span(), error.to_string()))
            .ok()
    }

    fn check_conflicts(&mut self) {
        for conflict in self.keymap.conflicts() {
            let (index, other) = match (&self.at[conflict.second], &self.at[conflict.first]) {
                (Some(_), _) | (None, None) => (conflict.second, conflict.first),
                (None, Some(_)) => (conflict.first, conflict.second),
            };
            let at = self.at[index].clone().unwrap_or_default();
            let what = format!(
                "{} is the key of {:?} already, at {}",
                conflict.keys, REGISTRY[other].name, REGISTRY[other].at
            );
            self.mistake(at, what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Chord, Found, Place};
    use super::*;

    fn mistakes(text: &str) -> Vec<(usize, String)> {
        Keymap::parse(text).unwrap_err()
    }

    #[test]
    fn a_remapped_key_does_what_the_old_one_did() {
        let keymap = Keymap::parse("# mine\n[keys]\nretry = 'F5'\nfind = ['o', 'C-f']\n").unwrap();
        let found = |key: &str| keymap.find(Place::Matrix, None, key.parse::<Chord>().unwrap());
        assert!(matches!(found("F5"), Found::Entry(entry) if entry.name == "retry"));
        assert!(matches!(found("r"), Found::Nothing));
        assert!(matches!(found("C-f"), Found::Entry(entry) if entry.name == "find"));
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let told = mistakes("[keys]\nretry = 'Foo'\nretyr = 'x'\nfind = 3\nmark = []\n[colours]\n");
        let lines: Vec<usize> = told.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines.len(), 5, "{told:?}");
        for line in 2..=6 {
            assert!(lines.contains(&line), "{told:?}");
        }
        let conflict = mistakes("[keys]\n\nretry = 'j'\n");
        assert_eq!(conflict.len(), 1);
        assert!(
            conflict[0].0 == 3 && conflict[0].1.contains("\"down\""),
            "{conflict:?}"
        );
        assert_eq!(mistakes("[keys]\nretry = \n")[0].0, 2);
    }

    #[test]
    fn the_file_is_named() {
        let error = Keymap::from_file(Path::new("/does/not/exist.toml")).unwrap_err();
        assert!(error.to_string().starts_with("/does/not/exist.toml: "), "{error}");
        let wrong = RemapError::Wrong {
            file: "k.toml".into(),
            mistakes: vec![(2, "a".to_owned()), (3, "b".to_owned())],
        };
        assert_eq!(wrong.to_string(), "k.toml:2: a\nk.toml:3: b");
    }
}
