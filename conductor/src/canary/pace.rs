//! How often the canary is sent.

use std::str::FromStr;
use std::time::Duration;

/// The shortest pause: rounds are numbered by the second.
const SHORTEST: Duration = Duration::from_secs(1);

/// The longest: what breaks is to be known within the hour.
const LONGEST: Duration = Duration::from_hours(1);

/// How long a round may take: an idle orchestra needs milliseconds, a busy one seconds.
const LIMIT: Duration = Duration::from_secs(30);

/// `--canary`: how often, if at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(Option<Duration>);

impl Pace {
    /// From one round to the next; none if it is off.
    pub fn every(self) -> Option<Duration> {
        self.0
    }
}

/// How long a round may take where one is sent so often: it is over before the next begins.
pub(super) fn limit(every: Duration) -> Duration {
    LIMIT.min(every / 2)
}

impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let every = humantime::parse_duration(text)
            .map_err(|error| format!("{error}; right is off, or a duration such as 1m"))?;
        if (SHORTEST..=LONGEST).contains(&every) {
            return Ok(Self(Some(every)));
        }
        Err("it is sent every 1s to 1h, or never: off".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_off_or_a_duration() {
        let pace = |text: &str| text.parse::<Pace>().map(Pace::every);
        assert_eq!(pace("off"), Ok(None));
        assert_eq!(pace("1m"), Ok(Some(Duration::from_mins(1))));
        for wrong in ["", "on", "0s", "999ms", "2h", "-1s"] {
            assert!(pace(wrong).unwrap_err().contains("off"), "{wrong}");
        }
    }

    #[test]
    fn a_round_is_over_before_the_next() {
        assert_eq!(limit(Duration::from_hours(1)), LIMIT);
        assert_eq!(limit(Duration::from_secs(2)), Duration::from_secs(1));
    }
}
