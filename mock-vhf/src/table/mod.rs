//! The table of real bursts: one line per message, read once.

use crate::facts::{Facts, Message, MessageKind};
use std::str::FromStr;
use std::sync::LazyLock;

/// A burst and its messages in the order in which they came.
#[derive(Debug, Clone, PartialEq)]
pub struct Burst {
    /// `sbYYMMDDnn`.
    pub id: &'static str,
    /// Its messages, at least one.
    pub messages: Vec<Message>,
}

/// Every burst, in the order of reality.
pub fn bursts() -> &'static [Burst] {
    &BURSTS
}

/// The burst of this id.
pub fn burst(id: &str) -> Option<&'static Burst> {
    let index = BURSTS.binary_search_by_key(&id, |burst| burst.id).ok()?;
    BURSTS.get(index)
}

static BURSTS: LazyLock<Vec<Burst>> =
    LazyLock::new(|| parse(include_str!("bursts.txt")).expect("the built-in table is tested"));

fn parse(text: &'static str) -> Result<Vec<Burst>, String> {
    let mut bursts: Vec<Burst> = Vec::new();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'))
    {
        let (id, message) = parse_line(line).map_err(|wrong| format!("line {}: {wrong}", number + 1))?;
        match bursts.last_mut() {
            Some(burst) if burst.id == id => burst.messages.push(message),
            Some(_) | None => bursts.push(Burst {
                id,
                messages: vec![message],
            }),
        }
    }
    Ok(bursts)
}

fn parse_line(line: &'static str) -> Result<(&'static str, Message), String> {
    let columns: Vec<&'static str> = line.split_whitespace().collect();
    let [
        id,
        received,
        kind,
        t0,
        ra,
        dec,
        error,
        snr,
        timescale,
        trigger,
        slew,
    ] = columns[..]
    else {
        return Err(format!("{} columns instead of 11", columns.len()));
    };
    let facts = Facts {
        t0: value(t0)?,
        ra_deg: optional(ra)?,
        dec_deg: optional(dec)?,
        error_deg: optional(error)?,
        snr: optional(snr)?,
        timescale_s: optional(timescale)?,
        trigger: (trigger != "-").then_some(trigger),
        slew: (slew != "-").then_some(slew),
    };
    let kind = MessageKind::parse(kind).ok_or_else(|| format!("{kind:?} is no message"))?;
    Ok((
        id,
        Message {
            received_at: value(received)?,
            kind,
            facts,
        },
    ))
}

fn optional<T: FromStr>(column: &str) -> Result<Option<T>, String> {
    if column == "-" {
        Ok(None)
    } else {
        value(column).map(Some)
    }
}

fn value<T: FromStr>(column: &str) -> Result<T, String> {
    column.parse().map_err(|_| format!("{column:?} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_is_sound() {
        let bursts = parse(include_str!("bursts.txt")).unwrap();
        assert_eq!(bursts.len(), 50);
        assert!(bursts.is_sorted_by(|a, b| a.id < b.id), "binary search needs it");
        for burst in &bursts {
            assert!(burst.id.parse::<domain::ObsId>().is_ok());
            assert!(
                burst.messages.is_sorted_by_key(|message| message.received_at),
                "{}",
                burst.id
            );
            for message in &burst.messages {
                assert_eq!(MessageKind::parse(&message.kind.to_string()), Some(message.kind));
                assert!(message.facts.t0 <= message.received_at, "{}", burst.id);
                assert_eq!(message.facts.ra_deg.is_some(), message.facts.error_deg.is_some());
            }
        }
    }

    #[test]
    fn what_real_data_does_is_in_it() {
        let kinds = |id| {
            burst(id)
                .unwrap()
                .messages
                .iter()
                .map(|m| m.kind.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(kinds("sb26022501"), ["ecl-alert", "slewing", "mxt-position-q1"]);
        assert_eq!(
            kinds("sb26020303"),
            ["ecl-retraction"],
            "a retraction of what never came"
        );
        let same_second = &burst("sb26030408").unwrap().messages;
        assert_eq!(same_second[0].received_at, same_second[1].received_at);
        let sentinel = &burst("sb26042101").unwrap().messages[0].facts;
        assert_eq!(sentinel.error_deg, Some(-1.0));
        assert!(burst("sb99999999").is_none());
    }

    #[test]
    fn a_bad_line_is_named() {
        assert_eq!(parse("a b").unwrap_err(), "line 1: 2 columns instead of 11");
        let line = "sb1 2026-01-01T00:00:00Z ecl-alarm 2026-01-01T00:00:00Z - - - - - - -";
        assert_eq!(parse(line).unwrap_err(), "line 1: \"ecl-alarm\" is no message");
    }
}
