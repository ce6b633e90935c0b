//! Segments that follow each other without a gap.

use api::conductor::{Segment, SegmentKind};
use conductor_core::HeldTime;
use domain::Attempt;
use jiff::Timestamp;

/// A waterfall under way: it only ever goes on from where it is, and never beyond its end. So whatever times it
/// is told, of whatever clocks, its segments sum to the whole.
#[derive(Debug)]
pub(super) struct Waterfall {
    at: Timestamp,
    end: Timestamp,
    /// Times that were spent held, in order, whatever else is said of them.
    held: Vec<HeldTime>,
    segments: Vec<Segment>,
}

impl Waterfall {
    pub(super) fn new(from: Timestamp, end: Timestamp) -> Self {
        Self {
            at: from,
            end: end.max(from),
            held: Vec::new(),
            segments: Vec::new(),
        }
    }

    /// How far it is.
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// From here on, these times were spent held.
    pub(super) fn hold(&mut self, held: &[HeldTime]) {
        self.held = held.to_vec();
    }

    /// Until then, time was spent with this; a time that is behind spends none.
    pub(super) fn reach(&mut self, kind: SegmentKind, until: Timestamp, attempt: Option<Attempt>) {
        while let Some(held) = self.held.first().copied().filter(|held| held.since < until) {
            self.held.remove(0);
            self.spend(kind, held.since, attempt);
            self.spend(SegmentKind::Held, held.until, None);
        }
        self.spend(kind, until, attempt);
    }

    fn spend(&mut self, kind: SegmentKind, until: Timestamp, attempt: Option<Attempt>) {
        let until = until.min(self.end);
        if until <= self.at {
            return;
        }
        self.segments.push(Segment {
            kind,
            from: self.at,
            until,
            attempt,
        });
        self.at = until;
    }

    /// The rest was spent with this.
    pub(super) fn finish(mut self, kind: SegmentKind, attempt: Option<Attempt>) -> Vec<Segment> {
        let end = self.end;
        self.reach(kind, end, attempt);
        self.segments
    }
}
