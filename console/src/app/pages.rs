//! What has a page of its own: providers, runs, alerts, the report of the shift.

use super::filter::Column;
use super::{App, Rows};
use crate::keys::Page;
use crate::model::{Answer, Question, WantedRuns};
use api::conductor::{AlertView, RunView};
use domain::{ObsId, ProviderName, RunId};
use jiff::{SignedDuration, Timestamp};

/// Runs that are read at first, and more whenever the cursor comes near the end.
const RUNS: u32 = 200;
/// The most that the conductor gives at once; who looks for older ones filters.
const MOST_RUNS: u32 = 1000;
/// So near the end more is read.
const NEAR: usize = 20;
/// A shift.
const SHIFT: i64 = 8;
/// From a look back over an hour to one over a week.
const HOURS: [i64; 8] = [1, 2, 4, SHIFT, 12, 24, 48, 168];

/// The pages.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// Who makes products.
    pub providers: Rows<ProviderName>,
    /// What calls for a human, by fingerprint.
    pub alerts: Rows<String>,
    /// The ledger.
    pub runs: Runs,
    /// The hand-over.
    pub report: Report,
}

/// The ledger of runs.
#[derive(Debug, Clone)]
pub struct Runs {
    /// The rows.
    pub rows: Rows<RunId>,
    limit: u32,
}

/// The hand-over of a shift.
#[derive(Debug, Clone)]
pub struct Report {
    /// How many hours it looks back.
    pub hours: i64,
    /// When that was, as it was opened; none before.
    pub since: Option<Timestamp>,
    /// The first line that is shown.
    pub top: usize,
}

impl Default for Runs {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            limit: RUNS,
        }
    }
}

impl Default for Report {
    fn default() -> Self {
        Self {
            hours: SHIFT,
            since: None,
            top: 0,
        }
    }
}

impl Report {
    /// Looks back from now on.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.since = now.checked_sub(SignedDuration::from_hours(self.hours)).ok();
        self.top = 0;
    }

    /// Looks back over a longer or a shorter time.
    pub(super) fn reach(&mut self, now: Timestamp, by: isize) {
        let place = HOURS.iter().position(|hours| *hours == self.hours).unwrap_or(0);
        self.hours = HOURS[place.saturating_add_signed(by).min(HOURS.len() - 1)];
        self.begin(now);
    }

    pub(super) fn step(&mut self, by: isize) {
        self.top = self.top.saturating_add_signed(by);
    }
}

impl App {
    /// Offers the page that is open what it should show now.
    pub(super) fn offer_page(&mut self) {
        let height = self.height(self.place());
        match self.place().page() {
            Some(Page::Providers) => {
                let filter = &self.pages.providers.filter;
                let board = self.model().providers();
                let shown = board.iter().filter(|view| filter.shows(*view));
                let shown = shown.map(|view| view.provider.clone()).collect();
                let total = board.len();
                self.pages.providers.offer(shown, total, height);
            }
            Some(Page::Alerts) => {
                let filter = &self.pages.alerts.filter;
                let alerts = self.alerts();
                let shown = alerts.iter().filter(|alert| filter.shows(*alert));
                let shown = shown.map(|alert| alert.fingerprint.clone()).collect();
                let total = alerts.len();
                self.pages.alerts.offer(shown, total, height);
            }
            Some(Page::Runs) => self.offer_runs(height),
            Some(Page::Report | Page::Product) | None => {}
        }
    }

    fn offer_runs(&mut self, height: usize) {
        let filter = &self.pages.runs.rows.filter;
        let (runs, has_more) = self.runs();
        let shown = runs.iter().filter(|run| filter.shows(*run));
        let shown: Vec<RunId> = shown.map(|run| run.run_id.clone()).collect();
        let total = runs.len();
        let page = &mut self.pages.runs;
        page.rows.offer(shown, total, height);
        let last = page.rows.list.rows().len();
        let is_near = page.rows.list.index().is_none_or(|index| index + NEAR >= last);
        let is_read = u32::try_from(total).is_ok_and(|total| total >= page.limit);
        if is_near && has_more && is_read {
            page.limit = (page.limit + RUNS).min(MOST_RUNS);
        }
    }

    /// The runs that are wanted: what the filter says of state, provider and time is left to the conductor, so that it
    /// finds also what is not among the newest.
    pub fn wanted_runs(&self) -> WantedRuns {
        let filter = &self.pages.runs.rows.filter;
        let is_known = |provider: &ProviderName| self.live().providers().get(provider).is_some();
        WantedRuns {
            state: filter
                .value(Column::State)
                .and_then(|state| serde_json::from_value(serde_json::Value::from(state)).ok()),
            provider: filter
                .value(Column::Provider)
                .and_then(|name| name.parse().ok())
                .filter(is_known),
            since: filter.since(),
            limit: self.pages.runs.limit,
        }
    }

    /// The runs as far as they are read, the newest first, and whether there are more.
    pub fn runs(&self) -> (&[RunView], bool) {
        let wanted = self.wanted_runs();
        let all = WantedRuns {
            state: None,
            provider: None,
            since: None,
            limit: wanted.limit,
        };
        // Until the answer is there, what was read before it.
        let limits = (1..=wanted.limit / RUNS).rev().map(|pages| pages * RUNS);
        let asked = limits.flat_map(|limit| {
            [&wanted, &all].map(|wanted| WantedRuns {
                limit,
                ..wanted.clone()
            })
        });
        let details = self.live().details();
        for wanted in asked {
            if let Some((_, Answer::Runs(_, runs, has_more))) = details.answer(&Question::Runs(wanted)) {
                return (runs, *has_more);
            }
        }
        (&[], false)
    }

    /// Why there are no runs to show, if the conductor could not say.
    pub fn runs_failed(&self) -> Option<&str> {
        self.none(&Question::Runs(self.wanted_runs()))
    }

    /// Whether the page that is open awaits its first answer.
    pub fn awaits(&self, question: &Question) -> bool {
        self.live().details().answer(question).is_none()
    }

    /// Why a question has no answer.
    pub fn none(&self, question: &Question) -> Option<&str> {
        let (_, Answer::None(_, why)) = self.live().details().answer(question)? else {
            return None;
        };
        Some(why)
    }

    /// The run under the cursor.
    pub fn focused_run(&self) -> Option<&RunView> {
        let run_id = self.pages.runs.rows.list.cursor()?;
        self.runs().0.iter().find(|run| run.run_id == *run_id)
    }

    /// What the conductor says of alerts; before it has, what was heard.
    pub fn alerts(&self) -> Vec<AlertView> {
        if let Some((_, Answer::Alerts(alerts))) = self.live().details().answer(&Question::Alerts) {
            return alerts.clone();
        }
        let heard = self.live().alerts().newest_first().into_iter();
        let view = |(since, alert): (Timestamp, &domain::AlertActivity)| AlertView {
            fingerprint: alert.fingerprint.clone(),
            severity: alert.severity,
            title: alert.title.clone(),
            since,
            cleared_at: None,
            count: alert.targets.len().try_into().unwrap_or(u64::MAX),
            targets: alert.targets.clone(),
            acknowledged: None,
        };
        heard.map(view).collect()
    }

    /// The alert under the cursor.
    pub fn focused_alert(&self) -> Option<AlertView> {
        let fingerprint = self.pages.alerts.list.cursor()?;
        self.alerts()
            .into_iter()
            .find(|alert| alert.fingerprint == *fingerprint)
    }

    /// Targets are written for people, such as `QPO_VT of 42`: the observation is the last word that is one here.
    pub(super) fn alert_target(&self) -> Option<ObsId> {
        let alert = self.focused_alert()?;
        let targets = alert.targets.iter();
        let words = targets.flat_map(|target| target.split([' ', '/']).rev());
        let mut ids = words.filter_map(|word| word.parse::<ObsId>().ok());
        ids.find(|obs_id| self.live().observation(obs_id).is_some())
    }

    /// The report, or why there is none; nothing while it is asked for.
    pub fn hand_over(&self) -> Option<Result<&str, &str>> {
        let question = Question::Report(self.pages.report.since?);
        if let Some((_, Answer::Report(_, text))) = self.live().details().answer(&question) {
            return Some(Ok(text));
        }
        self.none(&question).map(Err)
    }
}
