//! The breaker: who cannot be reached is left alone, and tried with one run now and then.
//!
//! ```text
//!            FAILURES in a row               its time has come
//!   Closed ─────────────────────▶ Open ─────────────────────────▶ Probing
//!      ▲                           │ ▲                               │ │
//!      │                           │ └── not reached: longer pause ──┘ │
//!      └──────── any answer ───────┴───────────────────────────────────┘
//! ```

use domain::RunId;
use jiff::Timestamp;
use std::time::Duration;

/// Failures to connect, in a row, that open it: one is a restart that nobody notices, three are no accident.
const FAILURES: u32 = 3;

/// The first pause: a pipeline that is started again is back after some seconds.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The longest pause, to which it doubles: one connection in that time costs nothing, and who has repaired
/// something does not wait for longer to see it go on.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The breaker of one provider.
#[derive(Debug, Clone)]
pub(super) struct Breaker(State);

#[derive(Debug, Clone)]
enum State {
    /// It is reached, or failed this often in a row.
    Closed(u32),
    /// Nothing is sent before `probe_at`.
    Open { probe_at: Timestamp, pause: Duration },
    /// One run was sent to see. Should it be taken back before it is answered, the next one is.
    Probing {
        run_id: RunId,
        sent_at: Timestamp,
        pause: Duration,
    },
}

/// A breaker that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// When one run is sent to see; none while one is.
    pub probe_at: Option<Timestamp>,
}

/// How many runs it lets pass now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lets {
    /// As many as there are.
    All,
    /// One, to see whether it is reached.
    One,
    /// Nothing.
    None,
}

impl Default for Breaker {
    fn default() -> Self {
        Self(State::Closed(0))
    }
}

impl Breaker {
    /// A call found nobody. What was called before it opened says nothing new.
    pub(super) fn failed(&mut self, now: Timestamp) {
        self.0 = match &self.0 {
            State::Closed(failures) if failures + 1 < FAILURES => State::Closed(failures + 1),
            State::Closed(_) => open(now, FIRST_PAUSE),
            State::Probing { pause, .. } => open(now, (*pause * 2).min(LONGEST_PAUSE)),
            State::Open { .. } => return,
        };
    }

    /// A call was answered.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// It said something by itself: it may be back, so the next probe is due.
    pub(super) fn spoke(&mut self, now: Timestamp) {
        if let State::Open { probe_at, .. } = &mut self.0 {
            *probe_at = now.min(*probe_at);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.0, State::Closed(_))
    }

    pub(super) fn lets(&self, now: Timestamp) -> Lets {
        match &self.0 {
            State::Closed(_) => Lets::All,
            State::Open { probe_at, .. } if *probe_at <= now => Lets::One,
            State::Open { .. } | State::Probing { .. } => Lets::None,
        }
    }

    /// This run is sent to see.
    pub(super) fn probe(&mut self, run_id: &RunId) {
        if let State::Open { probe_at, pause } = self.0 {
            self.0 = State::Probing {
                run_id: run_id.clone(),
                sent_at: probe_at,
                pause,
            };
        }
    }

    /// The run is no longer with the provider.
    pub(super) fn release(&mut self, run_id: &RunId) {
        if let State::Probing {
            run_id: probe,
            sent_at,
            pause,
        } = &self.0
            && probe == run_id
        {
            self.0 = State::Open {
                probe_at: *sent_at,
                pause: *pause,
            };
        }
    }

    /// How it is open, if it lets nothing pass now.
    pub(super) fn open(&self, now: Timestamp) -> Option<Open> {
        match &self.0 {
            State::Open { probe_at, .. } if *probe_at > now => Some(Open {
                probe_at: Some(*probe_at),
            }),
            State::Probing { .. } => Some(Open { probe_at: None }),
            State::Open { .. } | State::Closed(_) => None,
        }
    }

    /// When the next run is let pass, if that needs nothing but time.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        match &self.0 {
            State::Open { probe_at, .. } => Some(*probe_at),
            State::Closed(_) | State::Probing { .. } => None,
        }
    }
}

fn open(now: Timestamp, pause: Duration) -> State {
    State::Open {
        probe_at: now.checked_add(pause).unwrap_or(Timestamp::MAX),
        pause,
    }
}
