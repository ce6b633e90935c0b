//! A line of parts of which the least important go first when there is no room.

use crate::ui::Look;
use crate::ui::glyphs::Sign;
use crate::ui::theme::Role;
use ratatui::text::{Line, Span};

/// A part of the line; lower ranks stay longer.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    rank: u8,
    spans: Vec<Span<'static>>,
}

impl Segment {
    /// A part that goes before those of lower rank.
    pub(super) fn new(rank: u8, spans: impl IntoIterator<Item = Span<'static>>) -> Self {
        Self {
            rank,
            spans: spans.into_iter().collect(),
        }
    }

    fn width(&self) -> usize {
        self.spans.iter().map(Span::width).sum()
    }
}

/// The parts that fit, in their order, with dividers between.
pub(super) fn line(mut segments: Vec<Segment>, width: usize, look: Look) -> Line<'static> {
    segments.retain(|segment| !segment.spans.is_empty());
    let needed = |segments: &[Segment]| segments.iter().map(|segment| segment.width() + 3).sum::<usize>();
    while needed(&segments) > width + 1 && segments.len() > 1 {
        let Some(last) = (0..segments.len()).max_by_key(|index| segments[*index].rank) else {
            break;
        };
        segments.remove(last);
    }
    let divider = look.span(format!(" {} ", look.glyphs.sign(Sign::Divider)), Role::Border);
    let mut line = Line::from(" ");
    for (index, segment) in segments.into_iter().enumerate() {
        if index > 0 {
            line.push_span(divider.clone());
        }
        line.extend(segment.spans);
    }
    line
}
