//! One replay: its steps, where it is in them, and when the next is due.

use crate::journal::{JournalError, ReplayEntry};
use crate::script::{Step, steps};
use crate::table::{self, Burst};
use api::vhf::{self, ReplayRequest, ReplayState};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Between two bursts, if nobody says.
const DEFAULT_GAP: Duration = Duration::from_secs(2);

/// A pause of more than a day is a mistake.
const MAX_GAP: Duration = Duration::from_hours(24);

/// The slowest: four hours of a burst become a week and a half. The fastest makes no delay at all.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.016..=1e9;

/// Why a replay is not taken up.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Neither, or both.
    #[error("either \"burst\" names one burst or \"all\" is true")]
    Which,
    /// No such burst.
    #[error("{0:?} is no burst of the table; `orchestra-mock-vhf list` and GET /bursts show them")]
    UnknownBurst(String),
    /// Not a sensible number.
    #[error("speed {speed} is not between {} and {}", SPEEDS.start(), SPEEDS.end())]
    Speed {
        /// What was asked for.
        speed: f64,
    },
    /// No duration, or a long one.
    #[error("gap {0:?} is no duration up to one day, such as \"2s\" or \"250ms\"")]
    Gap(String),
    /// No such replay.
    #[error("there is no replay {0}")]
    Unknown(u64),
    /// Others must end first.
    #[error("{0} replays run already; one of them must end or be stopped first")]
    TooMany(usize),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Checks a request and gives the replay its number.
pub(super) fn accept(
    replay: u64,
    at: Timestamp,
    request: &ReplayRequest,
) -> Result<ReplayEntry, ReplayError> {
    let bursts = match (&request.burst, request.all) {
        (Some(id), false) if table::burst(id).is_some() => vec![id.clone()],
        (Some(id), false) => return Err(ReplayError::UnknownBurst(id.clone())),
        (None, true) => table::bursts().iter().map(|burst| burst.id.to_owned()).collect(),
        (Some(_), true) | (None, false) => return Err(ReplayError::Which),
    };
    let speed = request.speed.unwrap_or(1.0);
    if !SPEEDS.contains(&speed) {
        return Err(ReplayError::Speed { speed });
    }
    let gap = match &request.gap {
        None => DEFAULT_GAP,
        Some(text) => humantime::parse_duration(text)
            .ok()
            .filter(|gap| *gap <= MAX_GAP)
            .ok_or_else(|| ReplayError::Gap(text.clone()))?,
    };
    let gap_ms = u64::try_from(gap.as_millis()).unwrap_or(u64::MAX);
    Ok(ReplayEntry {
        replay,
        bursts,
        speed,
        gap_ms,
        at,
    })
}

/// A replay at work, or ended.
#[derive(Debug)]
pub(super) struct Replay {
    entry: ReplayEntry,
    steps: Vec<Planned>,
    announced: usize,
    /// When the step that comes next is due.
    due_at: Timestamp,
    last_at: Option<Timestamp>,
    stopped_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Planned {
    burst: &'static Burst,
    step: Step,
    /// After the step before it, as replayed.
    delay: SignedDuration,
}

/// A step that is due.
#[derive(Debug)]
pub(super) struct Due<'a> {
    pub(super) replay: u64,
    pub(super) burst: &'static Burst,
    pub(super) step: &'a Step,
}

impl Replay {
    pub(super) fn new(entry: ReplayEntry) -> Self {
        let steps = plan(&entry);
        let due_at = entry.at;
        Self {
            entry,
            steps,
            announced: 0,
            due_at,
            last_at: None,
            stopped_at: None,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.stopped_at.is_none() && self.announced < self.steps.len()
    }

    /// The steps that are due: the next one, and those that follow without delay or are late as well.
    pub(super) fn due(&self, now: Timestamp) -> impl Iterator<Item = Due<'_>> {
        let mut at = self.due_at;
        let mut first = true;
        self.steps[self.announced..]
            .iter()
            .take_while(move |planned| {
                if !std::mem::take(&mut first) {
                    at = later(at, planned.delay);
                }
                at <= now
            })
            .map(|planned| Due {
                replay: self.entry.replay,
                burst: planned.burst,
                step: &planned.step,
            })
    }

    pub(super) fn due_at(&self) -> Timestamp {
        self.due_at
    }

    /// A step was announced; the next one keeps its distance to when this one was planned, so that small
    /// delays do not add up, or to when it was announced, if that was much later (after a restart).
    pub(super) fn announced(&mut self, at: Timestamp) {
        /// Later than this is a restart, not a busy machine.
        const LATE: SignedDuration = SignedDuration::from_millis(500);
        let planned = if at.duration_since(self.due_at) > LATE {
            at
        } else {
            self.due_at
        };
        self.announced += 1;
        self.last_at = Some(at);
        self.due_at = self
            .steps
            .get(self.announced)
            .map_or(planned, |next| later(planned, next.delay));
    }

    pub(super) fn stopped(&mut self, at: Timestamp) {
        self.stopped_at = Some(at);
    }

    pub(super) fn view(&self) -> vhf::Replay {
        let next = self.steps.get(self.announced).or(self.steps.last());
        let done = self.announced == self.steps.len();
        vhf::Replay {
            id: self.entry.replay,
            state: match (self.stopped_at, done) {
                (Some(_), _) => ReplayState::Stopped,
                (None, true) => ReplayState::Done,
                (None, false) => ReplayState::Running,
            },
            bursts: self.entry.bursts.clone(),
            speed: self.entry.speed,
            gap: humantime::format_duration(Duration::from_millis(self.entry.gap_ms)).to_string(),
            announced: self.announced as u64,
            total: self.steps.len() as u64,
            burst: next.map(|planned| planned.burst.id.to_owned()),
            requested_at: self.entry.at,
            ended_at: self.stopped_at.or(if done { self.last_at } else { None }),
        }
    }
}

fn plan(entry: &ReplayEntry) -> Vec<Planned> {
    let gap = SignedDuration::from_millis(i64::try_from(entry.gap_ms).unwrap_or(i64::MAX));
    let mut planned: Vec<Planned> = Vec::new();
    // A burst that a later table does not have any more is left out.
    for burst in entry.bursts.iter().filter_map(|id| table::burst(id)) {
        let pause = if planned.is_empty() {
            SignedDuration::ZERO
        } else {
            gap
        };
        for (index, step) in steps(burst).into_iter().enumerate() {
            let within = SignedDuration::try_from_secs_f64(step.delay.as_secs_f64() / entry.speed);
            let delay = if index == 0 {
                pause
            } else {
                within.unwrap_or(SignedDuration::MAX)
            };
            planned.push(Planned { burst, step, delay });
        }
    }
    planned
}

fn later(at: Timestamp, delay: SignedDuration) -> Timestamp {
    at.checked_add(delay).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp::UNIX_EPOCH;

    fn request(json: &str) -> Result<ReplayEntry, ReplayError> {
        accept(1, T0, &serde_json::from_str(json).unwrap())
    }

    fn seconds(seconds: f64) -> Timestamp {
        later(T0, SignedDuration::try_from_secs_f64(seconds).unwrap())
    }

    #[test]
    fn each_mistake_of_a_request_is_named() {
        let wrong = |json| request(json).unwrap_err().to_string();
        assert!(wrong("{}").starts_with("either"));
        assert!(wrong(r#"{"all":true,"burst":"sb26022501"}"#).starts_with("either"));
        assert!(wrong(r#"{"burst":"sb1"}"#).contains("\"sb1\" is no burst"));
        assert!(wrong(r#"{"all":true,"speed":0}"#).contains("speed 0"));
        assert!(wrong(r#"{"all":true,"gap":"soon"}"#).contains("gap \"soon\""));
        let all = request(r#"{"all":true}"#).unwrap();
        assert_eq!((all.bursts.len(), all.speed, all.gap_ms), (50, 1.0, 2000));
    }

    #[test]
    fn delays_are_divided_by_the_speed_and_bursts_are_apart() {
        let mut replay = Replay::new(request(r#"{"all":true,"speed":100,"gap":"3s"}"#).unwrap());
        let first = replay.due(T0).map(|due| due.burst.id).collect::<Vec<_>>();
        assert_eq!(first, ["sb25020504", "sb25020504"]);
        replay.announced(T0);
        replay.announced(T0);
        assert_eq!(replay.due(seconds(2.9)).count(), 0);
        assert_eq!(
            (replay.due(seconds(3.0)).count(), replay.due_at()),
            (3, seconds(3.0))
        );

        let mut one = Replay::new(request(r#"{"burst":"sb26022501","speed":100}"#).unwrap());
        for _ in 0..4 {
            one.announced(T0);
        }
        assert_eq!(
            (one.due_at(), one.view().burst.as_deref()),
            (seconds(1.3), Some("sb26022501"))
        );
    }

    #[test]
    fn after_a_long_silence_it_goes_on_where_it_was_and_does_not_hurry() {
        let mut one = Replay::new(request(r#"{"burst":"sb26022501","speed":100}"#).unwrap());
        for _ in 0..4 {
            one.announced(T0);
        }
        one.announced(seconds(600.0));
        assert_eq!(one.due_at(), seconds(600.0 + 49.89));
    }

    #[test]
    fn an_end_is_an_end() {
        let mut one = Replay::new(request(r#"{"burst":"sb26020303"}"#).unwrap());
        assert!(one.is_running());
        one.announced(T0);
        assert_eq!(
            (one.is_running(), one.view().state, one.view().ended_at),
            (false, ReplayState::Done, Some(T0))
        );
        let mut stopped = Replay::new(request(r#"{"all":true}"#).unwrap());
        stopped.stopped(T0);
        assert_eq!(
            (stopped.is_running(), stopped.view().state),
            (false, ReplayState::Stopped)
        );
    }
}
