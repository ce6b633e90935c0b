//! The observation that a product belongs to.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

/// The largest integer that every JSON reader keeps exactly: 2^53 - 1 (RFC 8259, section 6).
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The longest textual `obs_id`, in characters.
const MAX_CHARS: usize = 64;

/// An observation: an integer 0..2^53-1, or a text `[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}`.
///
/// Text that is the canonical decimal form of such an integer *is* that integer: `42`, `"42"` and
/// `/products/42` are one observation. `"007"` stays a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = serde_json::Value))]
pub struct ObsId(Inner);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Inner {
    Integer(u64),
    Text(SmolStr),
}

/// Why a value is no `obs_id`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObsIdError {
    /// Nothing between the quotes.
    #[error("obs_id is empty; it is an integer 0..2^53-1 or 1 to 64 of A-Z a-z 0-9 . _ - (no dot first)")]
    Empty,
    /// More than 64 characters.
    #[error("obs_id has {0} characters; at most 64 are allowed")]
    TooLong(usize),
    /// A character outside of the alphabet.
    #[error("{0:?} is not allowed in an obs_id; it takes A-Z a-z 0-9 . _ -")]
    Character(char),
    /// A dot in front would make hidden files and `..`.
    #[error("an obs_id does not start with a dot")]
    LeadingDot,
    /// A number that JSON readers would round.
    #[error("obs_id {0} is outside of 0..2^53-1")]
    OutOfRange(String),
}

impl ObsId {
    /// Whether the observation is reserved for the orchestra itself (its text starts with `_`).
    pub fn is_reserved(&self) -> bool {
        matches!(&self.0, Inner::Text(text) if text.starts_with('_'))
    }

    /// Whether it is the canary's: the conductor's own run through the whole loop, of which no list tells.
    pub fn is_canary(&self) -> bool {
        matches!(&self.0, Inner::Text(text) if text == crate::CANARY)
    }
}

impl std::str::FromStr for ObsId {
    type Err = ObsIdError;

    fn from_str(text: &str) -> Result<Self, ObsIdError> {
        if text.is_empty() {
            return Err(ObsIdError::Empty);
        }
        if let Some(integer) = canonical_integer(text) {
            return Ok(Self(Inner::Integer(integer)));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if let Some(wrong) = text.chars().find(|c| !allowed(*c)) {
            return Err(ObsIdError::Character(wrong));
        }
        if text.len() > MAX_CHARS {
            return Err(ObsIdError::TooLong(text.len()));
        }
        if text.starts_with('.') {
            return Err(ObsIdError::LeadingDot);
        }
        Ok(Self(Inner::Text(SmolStr::new(text))))
    }
}

fn canonical_integer(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if !canonical {
        return None;
    }
    text.parse().ok().filter(|integer| *integer <= MAX_INTEGER)
}

impl TryFrom<u64> for ObsId {
    type Error = ObsIdError;

    fn try_from(integer: u64) -> Result<Self, ObsIdError> {
        if integer > MAX_INTEGER {
            return Err(ObsIdError::OutOfRange(integer.to_string()));
        }
        Ok(Self(Inner::Integer(integer)))
    }
}

impl std::fmt::Display for ObsId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Inner::Integer(integer) => f.pad(&integer.to_string()),
            Inner::Text(text) => f.pad(text),
        }
    }
}

impl Serialize for ObsId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Inner::Integer(integer) => serializer.serialize_u64(*integer),
            Inner::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for ObsId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObsIdVisitor)
    }
}

struct ObsIdVisitor;

impl serde::de::Visitor<'_> for ObsIdVisitor {
    type Value = ObsId;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an obs_id, an integer 0..2^53-1 or a text")
    }

    fn visit_u64<E: serde::de::Error>(self, integer: u64) -> Result<ObsId, E> {
        ObsId::try_from(integer).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, integer: i64) -> Result<ObsId, E> {
        match u64::try_from(integer) {
            Ok(integer) => self.visit_u64(integer),
            Err(_) => Err(E::custom(ObsIdError::OutOfRange(integer.to_string()))),
        }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ObsId, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<ObsId, ObsIdError> {
        text.parse()
    }

    #[test]
    fn a_canonical_number_is_that_integer_however_it_is_written() {
        let from_text = parse("42").unwrap();
        assert_eq!(serde_json::from_str::<ObsId>("42").unwrap(), from_text);
        assert_eq!(serde_json::from_str::<ObsId>("\"42\"").unwrap(), from_text);
        assert_eq!(serde_json::to_string(&from_text).unwrap(), "42");
    }

    #[test]
    fn what_is_not_canonical_stays_a_text() {
        for text in ["007", "sb26022501", "a.b", "9007199254740992", "_canary"] {
            assert_eq!(
                serde_json::to_string(&parse(text).unwrap()).unwrap(),
                format!("\"{text}\"")
            );
        }
    }

    #[test]
    fn absurd_values_are_refused_with_the_reason() {
        assert_eq!(parse(""), Err(ObsIdError::Empty));
        assert_eq!(parse("../../etc"), Err(ObsIdError::Character('/')));
        assert_eq!(parse(".."), Err(ObsIdError::LeadingDot));
        assert_eq!(parse("obs é"), Err(ObsIdError::Character(' ')));
        assert_eq!(parse(&"x".repeat(65)), Err(ObsIdError::TooLong(65)));
        for json in ["-1", "1.5", "9007199254740992", "null", "[1]", "\"\""] {
            assert!(serde_json::from_str::<ObsId>(json).is_err(), "{json} was taken");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(text in "[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}") {
            let obs_id = parse(&text).unwrap();
            prop_assert_eq!(parse(&obs_id.to_string()).unwrap(), obs_id.clone());
            let json = serde_json::to_string(&obs_id).unwrap();
            prop_assert_eq!(serde_json::from_str::<ObsId>(&json).unwrap(), obs_id);
        }
    }
}
