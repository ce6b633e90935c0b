//! A product that is being looked at: its record, its content, and how it is shown.

use super::content::Content;
use api::sdb::ProductRecord;

/// Steps through bytes go by so many, in rows of 16 as in rows of 8.
const BYTES_PER_STEP: usize = 16;

/// What an operator has open.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductView {
    record: ProductRecord,
    content: Content,
    /// How many steps of bytes come before the first that is shown.
    offset: usize,
    record_shown: bool,
    ecliptic_shown: bool,
}

impl ProductView {
    /// A product by its record and its bytes, or as many of them as [`MAX_BODY`](crate::model::MAX_BODY).
    pub fn new(record: ProductRecord, bytes: &[u8]) -> Self {
        let content = Content::read(bytes, &record.content_type, record.size);
        Self {
            record,
            content,
            offset: 0,
            record_shown: false,
            ecliptic_shown: false,
        }
    }

    /// What the SDB says of it.
    pub fn record(&self) -> &ProductRecord {
        &self.record
    }

    /// What it is.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// For the title of a pane: `QPO_ECL of sb26022501, version 2: position`.
    pub fn title(&self) -> String {
        let ProductRecord {
            product,
            obs_id,
            version,
            retracted,
            ..
        } = &self.record;
        let retracted = if retracted.is_some() { ", RETRACTED" } else { "" };
        format!(
            "{product} of {obs_id}, version {version}{retracted}: {}",
            self.content.name()
        )
    }

    /// Whether the record is shown, too.
    pub fn shows_record(&self) -> bool {
        self.record_shown
    }

    /// Whether the map has the ecliptic.
    pub fn shows_ecliptic(&self) -> bool {
        self.ecliptic_shown
    }

    /// The first byte that is shown.
    pub(super) fn offset(&self) -> usize {
        self.offset * BYTES_PER_STEP
    }

    /// Shows the record, or not any more.
    pub fn toggle_record(&mut self) {
        self.record_shown = !self.record_shown;
    }

    /// Shows the ecliptic, or not any more.
    pub fn toggle_ecliptic(&mut self) {
        self.ecliptic_shown = !self.ecliptic_shown;
    }

    /// Goes so many lines down, or up, in what has lines.
    pub fn step(&mut self, lines: isize) {
        match &mut self.content {
            Content::Json(tree) => tree.step(lines),
            Content::Hex(hex) => {
                let last = hex.head.len().div_ceil(BYTES_PER_STEP).saturating_sub(1);
                self.offset = self.offset.saturating_add_signed(lines).min(last);
            }
            Content::LightCurve(_) | Content::Spectrum(_) | Content::Position(_) => {}
        }
    }

    /// Folds or opens what is under the cursor.
    pub fn toggle(&mut self) {
        if let Content::Json(tree) = &mut self.content {
            tree.toggle();
        }
    }

    /// Folds or opens everything.
    pub fn open_all(&mut self, open: bool) {
        if let Content::Json(tree) = &mut self.content {
            tree.open_all(open);
        }
    }
}
