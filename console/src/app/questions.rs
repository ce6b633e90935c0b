//! What the open view wants to know beyond the model: asked once, and again when something has changed.

use super::{App, Layer};
use crate::keys::{Page, Place};
use crate::model::{Answer, CellId, Mark, Question};
use domain::RunState;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// What changes all the time is not asked for all the time.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);
/// Long lists, and what is written for them, are read less often.
const LONG_AGAIN: SignedDuration = SignedDuration::from_secs(5);
/// Who could not answer is left alone for so long.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5);

/// What was asked, when, and what was known then.
#[derive(Debug, Clone, Default)]
pub(super) struct Curious(HashMap<Question, (Timestamp, Mark)>);

impl App {
    /// What is to be asked now. Each is told once: who cannot ask it calls [`App::unasked`].
    pub fn questions(&mut self) -> Vec<Question> {
        let wanted = self.wanted();
        let (now, mark) = (self.now, self.live.mark());
        let due: Vec<Question> = wanted
            .iter()
            .filter(|question| self.is_due(question))
            .cloned()
            .collect();
        self.curious.0.retain(|question, _| wanted.contains(question));
        for question in &due {
            self.curious.0.insert(question.clone(), (now, mark));
        }
        due
    }

    /// Notes that a question could not be asked.
    pub fn unasked(&mut self, question: &Question) {
        self.curious.0.remove(question);
    }

    fn wanted(&self) -> Vec<Question> {
        let mut wanted = Vec::new();
        if let Some(opened) = self.opened() {
            wanted.push(Question::Cell(opened.cell()));
            wanted.push(Question::Timeline(opened.obs_id.clone()));
            if self.pane(Place::Detail).is_some() {
                wanted.extend(self.stored_versions(&opened.cell()));
                wanted.extend(self.job(&opened.cell()));
            }
        }
        match self.place().page() {
            Some(Page::Alerts) => wanted.push(Question::Alerts),
            Some(Page::Runs) => wanted.push(Question::Runs(self.wanted_runs())),
            Some(Page::Report) => wanted.extend(self.pages.report.since.map(Question::Report)),
            Some(Page::Product) => wanted.extend(self.wanted_of_product()),
            Some(Page::Providers) | None => {}
        }
        if let Some(Layer::Why(cell, _)) = &self.layer {
            wanted.push(Question::Cell(cell.clone()));
        }
        if let Some(Layer::Form(form)) = &self.layer {
            let cell = form.cell(self.live.graph()).map(Question::Cell);
            wanted.extend(cell.into_iter().chain(form.question()));
        }
        wanted
    }

    /// What the SDB has of a cell: asked if it is a product of which there ever was a version.
    pub fn stored_versions(&self, cell: &CellId) -> Option<Question> {
        let found = self.live.cell(cell)?;
        let is_made = found.node().is_none_or(|node| !node.is_input());
        (is_made && found.version().is_some()).then(|| Question::Versions(cell.clone()))
    }

    /// What the pipeline says of the latest run of a cell, unless that was made: then its product says all.
    pub fn job(&self, cell: &CellId) -> Option<Question> {
        let (_, Answer::Cell(view)) = self.live.details().answer(&Question::Cell(cell.clone()))? else {
            return None;
        };
        let run = view.runs.first().filter(|run| !run.attempts.is_empty())?;
        let url = self.live.graph()?.node(&cell.product)?.url.as_ref()?;
        (run.state != RunState::Succeeded)
            .then(|| Question::Job(cell.clone(), url.clone(), run.run_id.clone()))
    }

    fn is_due(&self, question: &Question) -> bool {
        let Some((asked, mark)) = self.curious.0.get(question) else {
            return true;
        };
        let passed = self.now.duration_since(*asked);
        let answer = self.live.details().answer(question).map(|(_, answer)| answer);
        if matches!(answer, Some(Answer::None(..))) {
            return passed >= PATIENCE;
        }
        passed >= again(question) && self.has_news(question, *mark)
    }

    fn has_news(&self, question: &Question, mark: Mark) -> bool {
        match question {
            Question::Alerts | Question::Runs(_) | Question::Report(_) => self.live.mark() > mark,
            // A version never changes, without a number it is the latest one; an offer changes with its pipeline.
            Question::Bytes(_, Some(_)) | Question::Offers(_) => false,
            Question::Cell(cell)
            | Question::Versions(cell)
            | Question::Bytes(cell, None)
            | Question::Job(cell, ..) => {
                let cell = self.live.cell(cell);
                cell.is_some_and(|cell| cell.changed_since(mark))
            }
            Question::Timeline(obs_id) => {
                let observation = self.live.observation(obs_id);
                observation.is_some_and(|observation| observation.changed_since(mark))
            }
        }
    }
}

fn again(question: &Question) -> SignedDuration {
    match question {
        Question::Runs(_) | Question::Report(_) => LONG_AGAIN,
        Question::Cell(_)
        | Question::Timeline(_)
        | Question::Versions(_)
        | Question::Bytes(..)
        | Question::Offers(_)
        | Question::Job(..)
        | Question::Alerts => AGAIN,
    }
}
