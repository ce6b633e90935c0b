//! The frame of a pane.

use crate::ui::Look;
use crate::ui::theme::Role;
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders};

/// A titled frame; its lines say whether it has the focus, and so does its bold title.
#[derive(Debug, Clone, Default)]
pub struct Pane<'a> {
    title: Vec<Span<'a>>,
    note: Vec<Span<'a>>,
    sentence: Vec<Span<'a>>,
    foot: Vec<Span<'a>>,
    has_focus: bool,
}

impl<'a> Pane<'a> {
    /// A pane that has the focus, or not.
    pub fn new(has_focus: bool) -> Self {
        Self {
            has_focus,
            ..Self::default()
        }
    }

    /// What stands at the left of the upper line.
    #[must_use]
    pub fn title(mut self, title: impl IntoIterator<Item = Span<'a>>) -> Self {
        self.title = title.into_iter().collect();
        self
    }

    /// What stands at the right of the upper line.
    #[must_use]
    pub fn note(mut self, note: impl IntoIterator<Item = Span<'a>>) -> Self {
        self.note = note.into_iter().collect();
        self
    }

    /// What stands at the left of the lower line: what is under the cursor.
    #[must_use]
    pub fn sentence(mut self, sentence: impl IntoIterator<Item = Span<'a>>) -> Self {
        self.sentence = sentence.into_iter().collect();
        self
    }

    /// What stands at the right of the lower line.
    #[must_use]
    pub fn foot(mut self, foot: impl IntoIterator<Item = Span<'a>>) -> Self {
        self.foot = foot.into_iter().collect();
        self
    }

    /// Draws it and returns what is inside.
    pub fn draw(self, frame: &mut Frame, area: Rect, look: &Look) -> Rect {
        let role = if self.has_focus {
            Role::BorderFocus
        } else {
            Role::Border
        };
        let spaced = |spans: Vec<Span<'a>>| {
            let blank = Span::raw(" ");
            if spans.is_empty() {
                Line::default()
            } else {
                [blank.clone()]
                    .into_iter()
                    .chain(spans)
                    .chain([blank])
                    .collect::<Line>()
            }
        };
        let block = Block::new()
            .borders(Borders::ALL)
            .border_set(look.border())
            .border_style(look.style(role))
            .title_top(spaced(self.title))
            .title_top(spaced(self.note).alignment(Alignment::Right))
            .title_bottom(spaced(self.sentence))
            .title_bottom(spaced(self.foot).alignment(Alignment::Right));
        let inside = block.inner(area);
        frame.render_widget(block, area);
        inside
    }
}
