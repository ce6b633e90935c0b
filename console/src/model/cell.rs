//! What is kept of a cell: a row of 64 bytes.

use super::texts::{TextId, Texts};
use api::conductor::{Cell, Eta};
use domain::{Attempt, CellActivity, CellState, Version};
use jiff::{SignedDuration, Timestamp};

/// No version, and no span of time.
const NO_VERSION: u64 = u64::MAX;
const NO_SPAN: u32 = u32::MAX;
/// No progress is known; else it is in steps of half a percent.
const NO_PROGRESS: u8 = u8::MAX;
const STEPS: f64 = 200.0;

/// What is kept of a cell. Times but the first are spans since it, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) rev: u64,
    /// Milliseconds since 1970.
    since: i64,
    version: u64,
    /// The sequence of the model when it changed last.
    pub(super) changed: u64,
    run_id: TextId,
    reason: TextId,
    trigger: TextId,
    retry_in: u32,
    eta_p50: u32,
    eta_p95: u32,
    attempt: u16,
    attempts: u16,
    progress: u8,
    pub(super) state: CellState,
    pub(super) is_late: bool,
    pub(super) is_degraded: bool,
}

const _: () = assert!(
    size_of::<Row>() <= 64,
    "a row is 64 bytes at most: there are 120 000 of them"
);

impl Default for Row {
    fn default() -> Self {
        Self {
            rev: 0,
            since: 0,
            version: NO_VERSION,
            changed: 0,
            run_id: TextId::NONE,
            reason: TextId::NONE,
            trigger: TextId::NONE,
            retry_in: NO_SPAN,
            eta_p50: NO_SPAN,
            eta_p95: NO_SPAN,
            attempt: 0,
            attempts: 0,
            progress: NO_PROGRESS,
            state: CellState::NotExpected,
            is_late: false,
            is_degraded: false,
        }
    }
}

/// What both ways of bringing a cell say of it.
pub(super) struct News<'n> {
    pub(super) rev: u64,
    pub(super) state: CellState,
    pub(super) since: Timestamp,
    pub(super) version: Option<Version>,
    pub(super) run_id: Option<&'n str>,
    pub(super) reason: Option<&'n str>,
    pub(super) trigger: Option<&'n str>,
    pub(super) retry_at: Option<Timestamp>,
    pub(super) attempt: Option<Attempt>,
    pub(super) attempts: Option<u32>,
    pub(super) is_late: bool,
    pub(super) eta: Option<Eta>,
    pub(super) fingerprint: Option<&'n str>,
    pub(super) is_degraded: bool,
}

impl News<'_> {
    /// That there is no such cell.
    pub(super) fn nothing() -> Self {
        Self {
            rev: 0,
            state: CellState::NotExpected,
            since: Timestamp::UNIX_EPOCH,
            version: None,
            run_id: None,
            reason: None,
            trigger: None,
            retry_at: None,
            attempt: None,
            attempts: None,
            is_late: false,
            eta: None,
            fingerprint: None,
            is_degraded: false,
        }
    }
}

impl<'n> From<&'n CellActivity> for News<'n> {
    fn from(said: &'n CellActivity) -> Self {
        Self {
            rev: said.rev,
            state: said.state,
            since: said.since,
            version: said.version,
            run_id: said.run_id.as_ref().map(domain::RunId::as_str),
            reason: said.reason.as_deref(),
            trigger: said.trigger.as_deref(),
            retry_at: said.retry_at,
            attempt: said.attempt,
            attempts: said.attempts,
            is_late: false,
            eta: None,
            fingerprint: said.fingerprint.as_deref(),
            is_degraded: !said.missing.is_empty(),
        }
    }
}

impl<'n> From<&'n Cell> for News<'n> {
    fn from(cell: &'n Cell) -> Self {
        Self {
            rev: cell.rev,
            state: cell.state,
            since: cell.since,
            version: cell.version,
            run_id: cell.run_id.as_ref().map(domain::RunId::as_str),
            reason: cell.reason.as_deref(),
            trigger: cell.trigger.as_deref(),
            retry_at: cell.retry_at,
            attempt: cell.attempt,
            attempts: cell.attempts,
            is_late: cell.late,
            eta: cell.eta,
            fingerprint: cell.fingerprint.as_deref(),
            is_degraded: !cell.missing.is_empty(),
        }
    }
}

impl Row {
    /// Writes news over what was known, and says whether anything is different.
    pub(super) fn write(&mut self, news: &News<'_>, texts: &mut Texts) -> bool {
        let before = *self;
        texts.replace(&mut self.reason, news.reason);
        texts.replace(&mut self.trigger, news.trigger);
        let is_other_run = texts.replace(&mut self.run_id, news.run_id);
        let attempt = news.attempt.map_or(0, |attempt| saturated(attempt.0));
        if is_other_run || attempt != self.attempt || news.state != self.state {
            self.progress = NO_PROGRESS;
        }
        let span = |at: Option<Timestamp>| at.map_or(NO_SPAN, |at| span(news.since, at));
        *self = Self {
            rev: news.rev,
            state: news.state,
            since: news.since.as_millisecond(),
            version: news.version.map_or(NO_VERSION, |version| version.0),
            retry_in: span(news.retry_at),
            eta_p50: span(news.eta.map(|eta| eta.p50)),
            eta_p95: span(news.eta.map(|eta| eta.p95)),
            attempt,
            attempts: news.attempts.map_or(0, saturated),
            is_late: news.is_late,
            // What is made anew, or is to be, has a sign that says more.
            is_degraded: news.is_degraded && news.state == CellState::Done,
            ..*self
        };
        *self != before
    }

    /// Notes how far a run is, if it is the cell's; it never goes back, however the words of it come.
    pub(super) fn goes_on(&mut self, run_id: &str, attempt: Attempt, progress: f64, texts: &Texts) -> bool {
        let is_its = texts.get(self.run_id) == Some(run_id) && self.attempt == saturated(attempt.0);
        if !is_its || !self.state.is_active() {
            return false;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped just before"
        )]
        let steps = (progress.clamp(0.0, 1.0) * STEPS) as u8;
        let is_further = self.progress == NO_PROGRESS || steps > self.progress;
        if is_further {
            self.progress = steps;
        }
        is_further
    }

    /// Lets go of what it holds.
    pub(super) fn release(&self, texts: &mut Texts) {
        for id in [self.run_id, self.reason, self.trigger] {
            texts.release(id);
        }
    }

    pub(super) fn since(&self) -> Timestamp {
        Timestamp::from_millisecond(self.since).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(super) fn run_id(&self) -> TextId {
        self.run_id
    }

    pub(super) fn reason(&self) -> TextId {
        self.reason
    }

    pub(super) fn trigger(&self) -> TextId {
        self.trigger
    }

    pub(super) fn attempt(&self) -> Option<u16> {
        Some(self.attempt).filter(|attempt| *attempt > 0)
    }

    pub(super) fn attempts(&self) -> Option<u16> {
        Some(self.attempts).filter(|attempts| *attempts > 0)
    }

    pub(super) fn version(&self) -> Option<u64> {
        Some(self.version).filter(|version| *version != NO_VERSION)
    }

    pub(super) fn retry_at(&self) -> Option<Timestamp> {
        self.after(self.retry_in)
    }

    pub(super) fn eta(&self) -> Option<Eta> {
        Some(Eta {
            p50: self.after(self.eta_p50)?,
            p95: self.after(self.eta_p95)?,
        })
    }

    /// How far its run is, 0 to 1.
    pub(super) fn progress(&self) -> Option<f64> {
        (self.progress != NO_PROGRESS).then(|| f64::from(self.progress) / STEPS)
    }

    fn after(&self, span: u32) -> Option<Timestamp> {
        let span = (span != NO_SPAN).then_some(span)?;
        self.since()
            .checked_add(SignedDuration::from_millis(span.into()))
            .ok()
    }

    /// Whether somebody should look at it.
    pub(super) fn is_problem(&self) -> bool {
        matches!(self.state, CellState::Failed | CellState::Quarantined)
    }

    /// Whether it is with its provider for longer than so many milliseconds, or was told to be for too long.
    pub(super) fn has_become_late(&self, now: Timestamp, p95_ms: u64) -> bool {
        let elapsed = || now.as_millisecond().saturating_sub(self.since);
        self.is_running() && (self.is_late || u64::try_from(elapsed()).is_ok_and(|elapsed| elapsed > p95_ms))
    }

    /// Whether it is with its provider.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.state, CellState::Requested | CellState::Running)
    }
}

fn saturated(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

fn span(since: Timestamp, at: Timestamp) -> u32 {
    let span = at.as_millisecond().saturating_sub(since.as_millisecond()).max(0);
    u32::try_from(span).unwrap_or(NO_SPAN - 1)
}
