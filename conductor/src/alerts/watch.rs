//! The watch: hears what happens, keeps the book, and calls.

use super::cells::is_settled;
use super::lookout::{Reports, Told};
use super::window::Window;
use super::{Alert, Book, Cells, Entry, FailureChange, Fingerprint, Standing};
use crate::herald::Herald;
use crate::in_force::Graphs;
use crate::ledger::{AlertBatch, Ledger, LedgerError, Recalled};
use crate::notify::Bell;
use domain::CellState;
use jiff::Timestamp;
use service_kit::{Clock, in_full};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Batches that wait for a ledger that refuses them, two seconds apart at the least. With more, what happens is heard
/// again once it takes them.
const MAX_UNSTORED: usize = 1_000;

/// Between two attempts to reach a ledger that does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// Cells that are written in one transaction: the writer waits for milliseconds at most.
const PER_TRANSACTION: usize = 500;

/// The longest sleep; what is due later is looked at again then.
const LONGEST_SLEEP: Duration = Duration::from_hours(1);

/// Who watches, and with what.
#[derive(Debug)]
pub(crate) struct Watch {
    /// What happens.
    pub(crate) reports: Reports,
    /// Which products are to come in time.
    pub(crate) graphs: Graphs,
    /// Where it is remembered what was called for.
    pub(crate) ledger: Ledger,
    /// Who says it on `activity.conductor`.
    pub(crate) herald: Herald,
    /// Who calls.
    pub(crate) bells: Vec<Bell>,
    /// What time it is.
    pub(crate) clock: Clock,
}

/// What is to be said, and to be stored.
#[derive(Debug)]
struct News {
    entries: Vec<Entry>,
    notices: Vec<(&'static str, api::conductor::Notice)>,
    batches: VecDeque<AlertBatch>,
}

/// What the watch has in memory.
#[derive(Debug, Default)]
struct Notes {
    book: Book,
    cells: Cells,
    /// What else was said to stand, or not to, since the last call.
    standings: BTreeMap<Fingerprint, Standing>,
    /// Cells that fail for another cause than the ledger says.
    failures: Vec<FailureChange>,
    window: Window,
}

impl Watch {
    /// Watches until the stop.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut in_force = self.graphs.watch();
        let Some(mut notes) = self.insist(&stop, || self.begin()).await else {
            return Ok(());
        };
        loop {
            let sleep = self.sleep(&notes);
            let mut is_to_begin = false;
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                told = self.reports.told.recv() => match told {
                    Some(told) => notes.hear(told, self.clock.now()),
                    None => return Ok(()),
                },
                // What is overdue by another graph is another matter.
                changed = in_force.changed() => {
                    changed?;
                    is_to_begin = true;
                }
                () = tokio::time::sleep(sleep) => {}
            }
            if self.reports.have_missed() {
                tracing::warn!("the watch could not hear all that happened: it is read from the ledger");
                is_to_begin = true;
            }
            if is_to_begin {
                let Some(again) = self.insist(&stop, || self.begin()).await else {
                    return Ok(());
                };
                notes = again;
            }
            let now = self.clock.now();
            if notes.cells.wake(now) {
                notes.window.touch(now);
            }
            if notes.is_due(now) && self.look(&mut notes, now, &stop).await.is_none() {
                return Ok(());
            }
        }
    }

    /// Takes up where the ledger stands. What was called for before is in the book, so it calls for nothing
    /// again; what began or ended meanwhile does.
    async fn begin(&self) -> Result<Notes, LedgerError> {
        let now = self.clock.now();
        let open = self.ledger.standing_alerts().await?;
        let acknowledgements = self.ledger.acknowledgements(now).await?;
        let mut notes = Notes::default();
        let mut known = BTreeMap::new();
        for Recalled { target, cause, state } in self.ledger.failures().await? {
            if is_settled(state) {
                notes.failures.push(FailureChange { target, cause: None });
            } else if state == CellState::Failed {
                known.insert(target, cause);
            } else {
                let title = title(&open, &cause);
                notes.cells.recall(target, cause, title);
            }
        }
        let (cells, failures) = (&mut notes.cells, &mut notes.failures);
        let see = |sight| {
            let is_news = |change: &FailureChange| known.get(&change.target) != change.cause.as_ref();
            failures.extend(cells.see(sight).filter(is_news));
        };
        let graph = self.graphs.get().graph;
        self.ledger.troubled(&graph.graph, see).await?;
        for alert in open.iter().filter(|alert| alert.fingerprint.is_of_cells()) {
            notes.cells.stir(alert.fingerprint.clone());
        }
        notes.book = Book::restore(open, &acknowledgements);
        notes.window.touch(now);
        Ok(notes)
    }

    /// Looks at what may stand otherwise than before, stores what is new of it, and only then says it; none at
    /// the stop. If the ledger does not take it, it is said before: that may be what a human is called for.
    async fn look(&mut self, notes: &mut Notes, now: Timestamp, stop: &CancellationToken) -> Option<()> {
        let mut news = self.news(notes, now);
        while let Some(batch) = news.batches.pop_front() {
            if self.ledger.store_alerts(&batch).await.is_err() {
                self.say_unstored(&news, now);
                news.batches.push_front(batch);
                return self.insist_on(notes, news.batches, stop).await;
            }
        }
        self.show(&news.entries, now);
        if !news.notices.is_empty() {
            self.bells.iter().for_each(Bell::ring);
        }
        gauge(notes);
        Some(())
    }

    /// Stores in order what the ledger refused. What is new meanwhile does not wait for it: it is said at once, and
    /// stored behind it. None at the stop.
    async fn insist_on(
        &mut self,
        notes: &mut Notes,
        mut batches: VecDeque<AlertBatch>,
        stop: &CancellationToken,
    ) -> Option<()> {
        while let Some(batch) = batches.front() {
            let Err(error) = self.ledger.store_alerts(batch).await else {
                batches.pop_front();
                continue;
            };
            let reason = in_full(&error);
            tracing::error!(
                reason,
                "the ledger does not take what is called for; it is said all the same"
            );
            self.hear_for(PAUSE, notes, stop).await?;
            let now = self.clock.now();
            if notes.cells.wake(now) {
                notes.window.touch(now);
            }
            if notes.is_due(now) && batches.len() < MAX_UNSTORED {
                let news = self.news(notes, now);
                self.say_unstored(&news, now);
                batches.extend(news.batches);
            }
        }
        self.bells.iter().for_each(Bell::ring);
        gauge(notes);
        Some(())
    }

    /// Hears what is said for so long; none at the stop.
    async fn hear_for(&mut self, time: Duration, notes: &mut Notes, stop: &CancellationToken) -> Option<()> {
        let over = tokio::time::sleep(time);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = stop.cancelled() => return None,
                () = &mut over => return Some(()),
                told = self.reports.told.recv() => notes.hear(told?, self.clock.now()),
            }
        }
    }

    /// What is new, and how it is stored.
    fn news(&self, notes: &mut Notes, now: Timestamp) -> News {
        let entries = notes.entries(now);
        let notices = self.notices(&entries, now);
        let mut failures = std::mem::take(&mut notes.failures);
        let mut batches = VecDeque::new();
        while !failures.is_empty() {
            batches.push_back(AlertBatch {
                failures: failures.split_off(failures.len().saturating_sub(PER_TRANSACTION)),
                ..AlertBatch::default()
            });
        }
        if !entries.is_empty() {
            batches.push_back(AlertBatch {
                alerts: entries.iter().map(|entry| entry.alert.clone()).collect(),
                notices: notices.clone(),
                ..AlertBatch::default()
            });
        }
        News {
            entries,
            notices,
            batches,
        }
    }

    /// Says what the ledger has not taken yet.
    fn say_unstored(&self, news: &News, now: Timestamp) {
        self.show(&news.entries, now);
        for bell in &self.bells {
            let of_bell = news.notices.iter().filter(|(name, _)| *name == bell.name());
            bell.ring_for(of_bell.map(|(_, notice)| notice.clone()));
        }
    }

    fn show(&self, entries: &[Entry], now: Timestamp) {
        for entry in entries {
            if let Some(state) = entry.show {
                self.herald.alert(now, &entry.alert, state);
            }
        }
    }

    fn notices(&self, entries: &[Entry], now: Timestamp) -> Vec<(&'static str, api::conductor::Notice)> {
        let calls = entries
            .iter()
            .filter_map(|entry| Some((&entry.alert, entry.call?)));
        calls
            .flat_map(|(alert, state)| {
                let notice = alert.notice(state, now);
                self.bells.iter().map(move |bell| (bell.name(), notice.clone()))
            })
            .collect()
    }

    fn sleep(&self, notes: &Notes) -> Duration {
        let now = self.clock.now();
        notes.next().map_or(LONGEST_SLEEP, |at| {
            Duration::try_from(at.duration_since(now))
                .unwrap_or(Duration::ZERO)
                .min(LONGEST_SLEEP)
        })
    }

    /// Tries until the ledger answers; none at the stop.
    async fn insist<T, F>(&self, stop: &CancellationToken, attempt: impl Fn() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, LedgerError>>,
    {
        loop {
            match attempt().await {
                Ok(answer) => return Some(answer),
                Err(error) => {
                    let reason = in_full(&error);
                    tracing::error!(
                        reason,
                        "the ledger does not answer; nobody is called until it does"
                    );
                }
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}

fn gauge(notes: &Notes) {
    metrics::gauge!("conductor_open_alerts")
        .set(u32::try_from(notes.book.open()).map_or(f64::MAX, f64::from));
}

fn title(open: &[Alert], fingerprint: &Fingerprint) -> String {
    let alert = open.iter().find(|alert| alert.fingerprint == *fingerprint);
    alert.map_or_else(String::new, |alert| alert.title.clone())
}

impl Notes {
    fn hear(&mut self, told: Told, now: Timestamp) {
        match told {
            Told::Cells(sights) => {
                for sight in sights {
                    self.failures.extend(self.cells.see(sight));
                }
                if self.cells.is_stirred() {
                    self.window.touch(now);
                }
            }
            Told::Stands(condition) => {
                let fingerprint = condition.fingerprint.clone();
                self.standings.insert(fingerprint, Standing::Stands(condition));
                self.window.touch(now);
            }
            Told::Over(fingerprint) => {
                // Most of what is looked at is well all the time.
                let stands = self.book.stands_now(&fingerprint);
                if stands || self.standings.contains_key(&fingerprint) {
                    self.standings
                        .insert(fingerprint.clone(), Standing::Over(fingerprint));
                    self.window.touch(now);
                }
            }
            Told::Acknowledged(acknowledgements) => {
                for acknowledgement in &acknowledgements {
                    self.book.acknowledge(acknowledgement);
                }
            }
        }
    }

    /// What is new, entered into the book.
    fn entries(&mut self, now: Timestamp) -> Vec<Entry> {
        self.window.close();
        let others = std::mem::take(&mut self.standings).into_values();
        let standings: Vec<Standing> = self.cells.stirred(now).into_iter().chain(others).collect();
        let mut entries = self.book.expire(now);
        for standing in standings {
            entries.extend(match standing {
                Standing::Stands(condition) => self.book.stands(now, condition),
                Standing::Over(fingerprint) => self.book.over(now, &fingerprint),
            });
        }
        entries
    }

    /// When something is to be done if nothing happens.
    fn next(&self) -> Option<Timestamp> {
        let times = [self.window.ends(), self.cells.next(), self.book.next()];
        times.into_iter().flatten().min()
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let ends = [self.window.ends(), self.book.next()];
        ends.into_iter().flatten().any(|at| at <= now)
    }
}
