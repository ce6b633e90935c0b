//! A stored product that is open: which version, and its content once it is here.

use super::App;
use crate::model::{Answer, Body, CellId, Question};
use crate::ui::product::ProductView;
use api::sdb::ProductRecord;
use domain::Version;

/// From so many columns on its record stands beside it from the start.
const WITH_RECORD: u16 = 124;

/// A stored product, opened.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Which.
    pub cell: CellId,
    /// Which version; the latest until somebody chooses.
    version: Option<Version>,
    view: Option<ProductView>,
    is_cut: bool,
}

/// What there is to show of a product.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// Its content, and whether that is only the beginning.
    Content(&'a ProductView, bool),
    /// Its bytes are on their way.
    Fetching(&'a ProductRecord),
    /// The SDB is asked for what it has.
    Asking,
    /// The SDB has none.
    Nothing,
    /// It cannot be had, for this reason.
    Failed(&'a str),
}

impl Stored {
    /// A product, with this version or the latest.
    pub fn new(cell: CellId, version: Option<Version>) -> Self {
        Self {
            cell,
            version,
            view: None,
            is_cut: false,
        }
    }

    pub(super) fn view_mut(&mut self) -> Option<&mut ProductView> {
        self.view.as_mut()
    }
}

impl App {
    /// What the SDB has of the open product, the newest first; nothing before it has answered.
    pub fn versions(&self) -> Option<&[ProductRecord]> {
        let question = Question::Versions(self.stored()?.cell.clone());
        let (_, Answer::Versions(_, records)) = self.live().details().answer(&question)? else {
            return None;
        };
        Some(records)
    }

    /// The record of the version that is open, and its place from the newest.
    pub fn record(&self) -> Option<(usize, &ProductRecord)> {
        let version = self.stored()?.version;
        let mut records = self.versions()?.iter().enumerate();
        records.find(|(_, record)| version.is_none_or(|version| record.version == version))
    }

    /// What there is to show of the open product.
    pub fn shown(&self) -> Shown<'_> {
        let Some(stored) = self.stored() else {
            return Shown::Nothing;
        };
        let versions = Question::Versions(stored.cell.clone());
        let Some((_, record)) = self.record() else {
            return match (self.none(&versions), self.versions()) {
                (Some(why), _) => Shown::Failed(why),
                (None, Some(_)) => Shown::Nothing,
                (None, None) => Shown::Asking,
            };
        };
        if let Some(view) = &stored.view {
            return Shown::Content(view, stored.is_cut);
        }
        let bytes = Question::Bytes(stored.cell.clone(), Some(record.version));
        self.none(&bytes).map_or(Shown::Fetching(record), Shown::Failed)
    }

    /// What is to be asked for the open product: which versions there are, then the bytes of one.
    pub(super) fn wanted_of_product(&self) -> Vec<Question> {
        let Some(stored) = self.stored() else {
            return vec![];
        };
        let versions = Question::Versions(stored.cell.clone());
        let bytes = self
            .record()
            .filter(|_| stored.view.is_none())
            .map(|(_, record)| Question::Bytes(stored.cell.clone(), Some(record.version)));
        [versions].into_iter().chain(bytes).collect()
    }

    /// Makes a picture of the bytes once they are here. It is kept: it knows how far it is scrolled.
    pub(super) fn read_product(&mut self) {
        let Some((_, record)) = self.record() else { return };
        let record = record.clone();
        let has_record = self.size.width >= WITH_RECORD;
        let Some(stored) = self.stored() else { return };
        let is_here = |view: &ProductView| *view.record() == record;
        if stored.view.as_ref().is_some_and(is_here) {
            return;
        }
        let question = Question::Bytes(stored.cell.clone(), Some(record.version));
        let shows_record = stored.view.as_ref().map_or(has_record, ProductView::shows_record);
        let Some((_, Answer::Bytes(_, _, body))) = self.live.details().answer(&question) else {
            return;
        };
        let Body { bytes, is_cut, .. } = body;
        let mut view = ProductView::new(record, bytes);
        if shows_record {
            view.toggle_record();
        }
        let is_cut = *is_cut;
        if let Some(stored) = self.stored_mut() {
            // From now on it is this one, also if a newer one comes.
            stored.version = Some(view.record().version);
            stored.view = Some(view);
            stored.is_cut = is_cut;
        }
    }

    /// Goes to another version, so many places older.
    pub(super) fn step_version(&mut self, older: isize) -> Result<(), &'static str> {
        let (Some((place, _)), Some(records)) = (self.record(), self.versions()) else {
            return Err("the SDB has not said which versions there are");
        };
        let to = place.checked_add_signed(older).and_then(|to| records.get(to));
        let Some(version) = to.map(|record| record.version) else {
            return Err(if older > 0 {
                "there is no older version"
            } else {
                "there is no newer version"
            });
        };
        if let Some(stored) = self.stored_mut() {
            stored.version = Some(version);
            stored.view = None;
        }
        Ok(())
    }
}
