//! A time as a person says it: so long ago, a time of day, a day, or all of it.
//!
//! It is the same after a flag and in a filter, and all is UTC.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::str::FromStr;

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long ago: `2h`.
    Ago(SignedDuration),
    /// At this time of day, the last one that there was: `04:00`.
    OfDay(Time),
    /// At this time: `2026-11-24`, `2026-11-24T04:00Z`.
    At(Timestamp),
}

/// A text that says no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time: write 2h, 04:00, 2026-11-24 or 2026-11-24T04:00Z")]
pub struct NoTime(String);

impl Since {
    /// The time, as of now; the first that there is if it is longer ago than that.
    pub fn at(self, now: Timestamp) -> Timestamp {
        let before = |at: Timestamp, passed| at.checked_sub(passed).unwrap_or(Timestamp::MIN);
        match self {
            Self::Ago(passed) => before(now, passed),
            Self::OfDay(time) => {
                let today = TimeZone::UTC.to_datetime(now).date().to_datetime(time);
                match TimeZone::UTC.to_timestamp(today) {
                    Ok(at) if at <= now => at,
                    Ok(at) => before(at, SignedDuration::from_hours(24)),
                    Err(_) => Timestamp::MIN,
                }
            }
            Self::At(at) => at,
        }
    }
}

impl FromStr for Since {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let time = || text.to_uppercase().parse().ok();
        ago(text)
            .map(Self::Ago)
            .or_else(|| of_day(text).map(Self::OfDay))
            .or_else(|| day(text).or_else(time).map(Self::At))
            .ok_or_else(|| NoTime(text.to_owned()))
    }
}

fn ago(text: &str) -> Option<SignedDuration> {
    let passed = humantime::parse_duration(text).ok()?;
    SignedDuration::try_from(passed).ok()
}

/// `4:00`, `04:00` and `04:00:30`, and not the basic forms of ISO 8601: `12` is a number, and no noon.
fn of_day(text: &str) -> Option<Time> {
    let formats = ["%H:%M", "%H:%M:%S"];
    formats
        .into_iter()
        .find_map(|format| Time::strptime(format, text).ok())
}

fn day(text: &str) -> Option<Timestamp> {
    let day = Date::strptime("%Y-%m-%d", text).ok()?;
    TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())).ok()
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
            ("04:12:30", "2026-11-24T04:12:30Z"),
            ("04:12:31", "2026-11-23T04:12:31Z"),
            ("21:30", "2026-11-23T21:30:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23t21:00z", "2026-11-23T21:00:00Z"),
            ("2026-11-23T22:00:00+02:00", "2026-11-23T20:00:00Z"),
        ] {
            let since: Since = text.parse().unwrap();
            assert_eq!(since.at(now), at.parse().unwrap(), "{text}");
        }
        let ages: Since = "99999y".parse().unwrap();
        assert_eq!(ages.at(now), Timestamp::MIN);
    }

    #[test]
    fn what_is_no_time_is_told_with_what_is_one() {
        for text in ["", "soon", "25:00", "2026-13-01", "12", "0400"] {
            let wrong = text.parse::<Since>().unwrap_err().to_string();
            let told = format!("{text:?} is no time: write 2h, 04:00, 2026-11-24 or 2026-11-24T04:00Z");
            assert_eq!(wrong, told);
        }
    }
}
