//! What is shown of a list: what was typed after `/`.
//!
//! ```text
//! filter  = words, all of which must hold
//! word    = ["!"] [column ":"] value        ! turns it around
//! value   = a part of the text, or all of it with * for anything
//! since:  = 2h, 04:00, 2026-11-24    the only column that is a time
//! ```
//!
//! `state:`, `product:`, `provider:` and `obs:` of a row with many cells must hold for one and the same cell. A word
//! before a colon that is no column is told as a mistake; other words with a colon, such as `04:00`, are text.

mod column;
mod row;
mod word;

pub use column::Column;
use row::Row;

use crate::keys::Place;
use crate::model::CellRef;
use jiff::Timestamp;
use word::Word;

/// Words that must hold for a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    text: String,
    words: Vec<Word>,
    mistake: Option<String>,
}

impl Filter {
    /// What was typed for a pane: `sb2602`, `!mxt`, `state:failed product:QPO*`.
    ///
    /// A word that is a mistake is left out, and told by [`Filter::mistake`].
    pub fn new(text: &str, place: Place, now: Timestamp) -> Self {
        let text = text.trim();
        let mut filter = Self {
            text: text.to_owned(),
            ..Self::default()
        };
        for word in text.split_whitespace() {
            match Word::read(word, place, now) {
                Ok(word) => filter.words.extend(word),
                Err(mistake) => filter.mistake = filter.mistake.or(Some(mistake)),
            }
        }
        filter
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What is wrong with it, and what would be right.
    pub fn mistake(&self) -> Option<&str> {
        self.mistake.as_deref()
    }

    /// What a column must have, if the filter says so of that column in one whole value.
    pub fn value(&self, column: Column) -> Option<&str> {
        let mut words = self.words.iter();
        words.find_map(|word| word.whole(column))
    }

    /// From when on.
    pub fn since(&self) -> Option<Timestamp> {
        self.words.iter().filter_map(Word::since).max()
    }

    /// Whether a row is shown.
    pub(super) fn shows(&self, row: &impl Row) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let has_cells = row.cells().is_some();
        let of_cells = |word: &&Word| has_cells && word.is_of_a_cell();
        let mut others = self.words.iter().filter(|word| !of_cells(word));
        if !others.all(|word| word.holds_for(row)) {
            return false;
        }
        let (unwanted, wanted): (Vec<&Word>, Vec<&Word>) = self
            .words
            .iter()
            .filter(of_cells)
            .partition(|word| word.is_turned());
        let has = |test: &dyn Fn(CellRef<'_>) -> bool| row.cells().is_some_and(|mut cells| cells.any(test));
        (wanted.is_empty() || has(&|cell| wanted.iter().all(|word| word.is_of(cell))))
            && (unwanted.is_empty() || !has(&|cell| unwanted.iter().any(|word| word.is_of(cell))))
    }

    /// The text with its last word completed as far as only one way leads on; none if nothing does.
    pub fn completed(text: &str, place: Place) -> Option<String> {
        let (before, last) = text
            .rsplit_once(' ')
            .map_or(("", text), |(_, last)| text.split_at(text.len() - last.len()));
        let (turn, last) = last.strip_prefix('!').map_or(("", last), |rest| ("!", rest));
        let candidates = word::completions(last, place);
        let common = candidates.into_iter().reduce(|common, other| {
            let letters = common.chars().zip(other.chars());
            letters.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
        })?;
        (common.len() > last.len()).then(|| format!("{before}{turn}{common}"))
    }
}

#[cfg(test)]
mod tests;
