//! Which key runs what: the registry's keys, or those an operator wants instead.

use super::{Chord, Entry, Keys, PREFIXES, Place, REGISTRY};
use crate::app::Action;

/// The keys of every entry, in the order of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(Vec<Vec<Keys>>);

/// What a key means at a place.
#[derive(Debug, Clone, Copy)]
pub enum Found {
    /// It runs this.
    Entry(&'static Entry),
    /// It begins something.
    Prefix(Chord),
    /// It runs this, but not here.
    Elsewhere(&'static Entry),
    /// Nothing.
    Nothing,
}

/// Two entries want the same key at the same place, or one wants a key that begins the other's.
#[derive(Debug, Clone, Copy)]
pub struct Conflict {
    /// The key.
    pub keys: Keys,
    /// Who wants it.
    pub first: usize,
    /// Who wants it as well.
    pub second: usize,
}

impl Default for Keymap {
    fn default() -> Self {
        Self(REGISTRY.iter().map(Entry::default_keys).collect())
    }
}

impl Keymap {
    /// Gives the entry at this index of the registry other keys.
    pub(super) fn set(&mut self, index: usize, keys: Vec<Keys>) {
        self.0[index] = keys;
    }

    /// Every entry with its keys.
    pub fn entries(&self) -> impl Iterator<Item = (&'static Entry, &[Keys])> {
        REGISTRY.iter().zip(self.0.iter().map(Vec::as_slice))
    }

    /// What a key means here, after a prefix or without one.
    pub fn find(&self, place: Place, prefix: Option<Chord>, chord: Chord) -> Found {
        let mut elsewhere = None;
        for (entry, keys) in self.entries() {
            for keys in keys {
                let here = entry.at.holds(place);
                if keys.prefix == prefix && keys.last == chord {
                    if here {
                        return Found::Entry(entry);
                    }
                    elsewhere.get_or_insert(entry);
                } else if prefix.is_none() && keys.prefix == Some(chord) && here {
                    return Found::Prefix(chord);
                }
            }
        }
        elsewhere.map_or(Found::Nothing, Found::Elsewhere)
    }

    /// What can follow a prefix here.
    pub fn after(&self, place: Place, prefix: Chord) -> impl Iterator<Item = (Chord, &'static Entry)> {
        let holds = move |entry: &Entry| entry.at.holds(place);
        self.entries()
            .filter(move |(entry, _)| holds(entry))
            .flat_map(|(entry, keys)| keys.iter().map(move |keys| (*keys, entry)))
            .filter(move |(keys, _)| keys.prefix == Some(prefix))
            .map(|(keys, entry)| (keys.last, entry))
    }

    /// What a prefix begins, in words.
    pub fn begins(&self, prefix: Chord) -> &'static str {
        let name = prefix.to_string();
        let named = PREFIXES.iter().find(|(key, _)| *key == name);
        named.map_or("more..", |(_, words)| words)
    }

    /// The key that is shown for an action.
    pub fn shown(&self, action: Action) -> Option<Keys> {
        let mut entries = self.entries();
        let (_, keys) = entries.find(|(entry, _)| entry.action == action)?;
        keys.first().copied()
    }

    /// Every conflict.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let all: Vec<(usize, Keys)> = self
            .0
            .iter()
            .enumerate()
            .flat_map(|(index, keys)| keys.iter().map(move |keys| (index, *keys)))
            .collect();
        let mut conflicts = Vec::new();
        for (at, (first, one)) in all.iter().enumerate() {
            for (second, other) in &all[at + 1..] {
                if REGISTRY[*first].at.overlaps(REGISTRY[*second].at) && collide(*one, *other) {
                    conflicts.push(Conflict {
                        keys: *other,
                        first: *first,
                        second: *second,
                    });
                }
            }
        }
        conflicts
    }
}

fn collide(one: Keys, other: Keys) -> bool {
    one == other
        || (one.prefix.is_none() && other.prefix == Some(one.last))
        || (other.prefix.is_none() && one.prefix == Some(other.last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_key_means_one_thing_wherever_it_means_something() {
        let keymap = Keymap::default();
        let conflicts = keymap.conflicts();
        let told: Vec<String> = conflicts
            .iter()
            .map(|found| {
                let name = |index: usize| REGISTRY[index].name;
                format!(
                    "{} of {} and {}",
                    found.keys,
                    name(found.first),
                    name(found.second)
                )
            })
            .collect();
        assert_eq!(told, [""; 0]);
    }

    #[test]
    fn every_entry_has_a_key_and_a_name_and_an_action_of_its_own() {
        let names: Vec<&str> = REGISTRY
            .iter()
            .flat_map(|entry| entry.aliases.iter().chain([&entry.name]))
            .copied()
            .collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for entry in REGISTRY {
            assert!(!entry.default_keys().is_empty(), "{}", entry.name);
            assert!(entry.text.starts_with(char::is_uppercase), "{}", entry.name);
            let same = REGISTRY.iter().filter(|other| other.action == entry.action);
            assert_eq!(same.count(), 1, "{}", entry.name);
        }
    }

    #[test]
    fn a_key_is_found_where_it_holds_and_named_where_it_does_not() {
        let keymap = Keymap::default();
        let chord = |text: &str| text.parse::<Chord>().unwrap();
        let found =
            |place, prefix: Option<&str>, key: &str| keymap.find(place, prefix.map(chord), chord(key));
        assert!(matches!(found(Place::Matrix, None, "r"), Found::Entry(entry) if entry.name == "retry"));
        assert!(matches!(found(Place::Matrix, None, "R"), Found::Prefix(_)));
        assert!(
            matches!(found(Place::Matrix, Some("R"), "o"), Found::Entry(entry) if entry.name == "retry-observation")
        );
        assert!(
            matches!(found(Place::Events, None, "x"), Found::Elsewhere(entry) if entry.name == "problems")
        );
        assert!(matches!(found(Place::Events, None, "J"), Found::Nothing));
        assert_eq!(keymap.after(Place::Matrix, chord("s")).count(), 4);
        assert_eq!(keymap.after(Place::Events, chord("s")).count(), 0);
    }
}
