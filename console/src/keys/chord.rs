//! A key with its modifiers, and one or two of them in a row.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;
use std::str::FromStr;

/// One key: `r`, `R`, `C-d`, `S-Tab`, `Enter`, `F4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// What runs an action: a key, or a prefix and a key (`g a`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Keys {
    /// The first of two.
    pub prefix: Option<Chord>,
    /// The only one, or the second.
    pub last: Chord,
}

/// A key as boxes and lists understand it, wherever the registry has no say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Take it.
    Enter,
    /// Leave it.
    Esc,
    /// To the next field.
    Tab,
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Anything else: a letter, perhaps.
    Other,
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key, such as r, R, C-d, S-Tab, Enter, F4 or g a")]
pub struct ChordError(String);

/// The keys that have names.
const NAMED: &[(&str, KeyCode)] = &[
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Space", KeyCode::Char(' ')),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PageUp", KeyCode::PageUp),
    ("PageDown", KeyCode::PageDown),
];

impl Chord {
    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            modifiers: KeyModifiers::NONE,
        }
    }

    /// What it means in a box or a list.
    pub fn stroke(self) -> Stroke {
        let strokes = [
            (KeyCode::Enter, Stroke::Enter),
            (KeyCode::Esc, Stroke::Esc),
            (KeyCode::Tab, Stroke::Tab),
            (KeyCode::Up, Stroke::Up),
            (KeyCode::Down, Stroke::Down),
            (KeyCode::PageUp, Stroke::PageUp),
            (KeyCode::PageDown, Stroke::PageDown),
        ];
        let found = strokes.into_iter().find(|(code, _)| *code == self.code);
        found.map_or(Stroke::Other, |(_, stroke)| stroke)
    }

    /// The letter, if it is one without Control and Alt.
    pub fn letter(self) -> Option<char> {
        self.code.as_char().filter(|_| self.modifiers.is_empty())
    }

    /// Whether it is this letter with Control.
    pub fn is_control(self, letter: char) -> bool {
        self.code == KeyCode::Char(letter) && self.modifiers == KeyModifiers::CONTROL
    }

    /// The event that a terminal would send, for a replay.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }
}

impl From<KeyEvent> for Chord {
    /// Terminals differ: a capital comes with Shift or without, and Shift-Tab has a code of its own.
    fn from(event: KeyEvent) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        let modifiers = event.modifiers.intersection(known);
        if event.code == KeyCode::BackTab {
            return Self {
                code: KeyCode::Tab,
                modifiers: modifiers.union(KeyModifiers::SHIFT),
            };
        }
        let is_letter = event.code.as_char().is_some();
        let shift = if is_letter {
            KeyModifiers::SHIFT
        } else {
            KeyModifiers::NONE
        };
        Self {
            code: event.code,
            modifiers: modifiers.difference(shift),
        }
    }
}

impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        for (mark, modifier) in [
            ("C-", KeyModifiers::CONTROL),
            ("A-", KeyModifiers::ALT),
            ("S-", KeyModifiers::SHIFT),
        ] {
            if let Some(after) = rest.strip_prefix(mark).filter(|after| !after.is_empty()) {
                modifiers |= modifier;
                rest = after;
            }
        }
        let code = code(rest).ok_or_else(|| ChordError(text.to_owned()))?;
        Ok(KeyEvent::new(code, modifiers).into())
    }
}

fn code(text: &str) -> Option<KeyCode> {
    let mut letters = text.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return (!letter.is_whitespace() && !letter.is_control()).then_some(KeyCode::Char(letter));
    }
    let number = text.strip_prefix('F').and_then(|number| number.parse().ok());
    if let Some(number) = number.filter(|number| (1..=12).contains(number)) {
        return Some(KeyCode::F(number));
    }
    NAMED
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, code)| *code)
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (mark, modifier) in [
            ("C-", KeyModifiers::CONTROL),
            ("A-", KeyModifiers::ALT),
            ("S-", KeyModifiers::SHIFT),
        ] {
            if self.modifiers.contains(modifier) {
                f.write_str(mark)?;
            }
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        if let Some(letter) = self.code.as_char() {
            write!(f, "{letter}")
        } else {
            write!(f, "{}", self.code)
        }
    }
}

impl FromStr for Keys {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let mut chords = text.split_whitespace().map(str::parse);
        match (chords.next(), chords.next(), chords.next()) {
            (Some(last), None, None) => Ok(Self {
                prefix: None,
                last: last?,
            }),
            (Some(prefix), Some(last), None) => Ok(Self {
                prefix: Some(prefix?),
                last: last?,
            }),
            _ => Err(ChordError(text.to_owned())),
        }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix {
            // As people say it: gg, Ro; only named keys need a space between.
            Some(prefix) if prefix.letter().is_some() && self.last.letter().is_some() => {
                write!(f, "{prefix}{}", self.last)
            }
            Some(prefix) => write!(f, "{prefix} {}", self.last),
            None => self.last.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_they_are_read() {
        for text in [
            "r", "R", "C-d", "S-Tab", "Enter", "F4", "Space", "C-Space", "A-x", "-", "C-c C-c",
        ] {
            let keys: Keys = text.parse().unwrap();
            assert_eq!(keys.to_string(), text);
        }
        assert_eq!("g a".parse::<Keys>().unwrap().to_string(), "ga");
        for text in ["", "C-", "Foo", "F13", "a b c", "ab"] {
            assert!(text.parse::<Keys>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_terminals_send_is_one_key() {
        let sent = |code, modifiers| Chord::from(KeyEvent::new(code, modifiers)).to_string();
        assert_eq!(sent(KeyCode::Char('R'), KeyModifiers::SHIFT), "R");
        assert_eq!(sent(KeyCode::Char('R'), KeyModifiers::NONE), "R");
        assert_eq!(sent(KeyCode::BackTab, KeyModifiers::SHIFT), "S-Tab");
        assert_eq!(sent(KeyCode::BackTab, KeyModifiers::NONE), "S-Tab");
    }
}
