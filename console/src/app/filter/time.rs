//! `since:`: how long ago, a time of day, a day, or a time.

use jiff::{SignedDuration, Timestamp};

/// When a text means, in UTC; a time of day is the last one that there was.
pub(super) fn read(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let upper = text.to_uppercase();
    ago(text, now)
        .or_else(|| of_day(text, now))
        .or_else(|| day(text))
        .or_else(|| upper.parse().ok())
        .ok_or_else(|| format!("{text:?} is no time, such as 2h, 04:00, 2026-11-24 or 2026-11-24T04:00Z"))
}

fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let passed = humantime::parse_duration(text).ok()?;
    now.checked_sub(SignedDuration::try_from(passed).ok()?).ok()
}

fn of_day(text: &str, now: Timestamp) -> Option<Timestamp> {
    let time = match text.len() {
        4 | 5 => format!("{text:0>5}:00"),
        _ => text.to_owned(),
    };
    if time.len() != "04:00:00".len() {
        return None;
    }
    let at: Timestamp = format!("{}T{time}Z", now.strftime("%Y-%m-%d")).parse().ok()?;
    if at <= now {
        return Some(at);
    }
    at.checked_sub(SignedDuration::from_hours(24)).ok()
}

fn day(text: &str) -> Option<Timestamp> {
    format!("{text}T00:00:00Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_any_usual_way() {
        let now = "2026-11-24T04:12:30Z".parse().unwrap();
        for (text, at) in [
            ("2h", "2026-11-24T02:12:30Z"),
            ("90m", "2026-11-24T02:42:30Z"),
            ("04:00", "2026-11-24T04:00:00Z"),
            ("4:00", "2026-11-24T04:00:00Z"),
            ("04:00:30", "2026-11-24T04:00:30Z"),
            ("21:30", "2026-11-23T21:30:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23t21:00z", "2026-11-23T21:00:00Z"),
            ("2026-11-23T22:00:00+02:00", "2026-11-23T20:00:00Z"),
        ] {
            assert_eq!(read(text, now), Ok(at.parse().unwrap()), "{text}");
        }
        for text in ["", "soon", "25:00", "2026-13-01", "12"] {
            assert!(read(text, now).is_err(), "{text}");
        }
    }
}
