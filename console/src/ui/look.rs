//! How the screen looks on this terminal: what every view is given.

use super::glyphs::{Charset, Glyphs, Sign};
use super::theme::{Background, Depth, Role, Theme};
use crate::model::CellRef;
use domain::CellState;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::Span;

/// Colours, signs and movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What means what in colour.
    pub theme: Theme,
    /// One sign per state.
    pub glyphs: Glyphs,
    /// Whether clocks tick by the second and gauges move; otherwise only what happens changes the screen.
    pub motion: bool,
}

impl Look {
    /// A look for a terminal that can do so much.
    pub fn new(depth: Depth, background: Background, charset: Charset) -> Self {
        Self {
            theme: Theme::new(depth, background),
            glyphs: Glyphs::new(charset),
            motion: true,
        }
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// A text in a role, made safe to show.
    pub fn span<'a>(&self, text: impl Into<std::borrow::Cow<'a, str>>, role: Role) -> Span<'a> {
        let text = text.into();
        let shown = match self.glyphs.text(&text) {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(shown) => Some(shown),
        };
        Span::styled(shown.map_or(text, Into::into), self.style(role))
    }

    /// A sign in a role.
    pub fn sign(&self, sign: Sign, role: Role) -> Span<'static> {
        Span::styled(self.glyphs.sign(sign), self.style(role))
    }

    /// The sign of a state in its colour.
    pub fn state(&self, state: CellState) -> Span<'static> {
        Span::styled(self.glyphs.state(state), self.theme.state(state))
    }

    /// The sign of a cell: of its state, or that it is late, or made without an optional input.
    pub fn cell(&self, cell: CellRef<'_>) -> Span<'static> {
        if cell.is_late() {
            self.sign(Sign::Late, Role::Late)
        } else if cell.is_degraded() {
            self.sign(Sign::Degraded, Role::Caution)
        } else {
            self.state(cell.state())
        }
    }

    /// The lines around a pane.
    pub fn border(&self) -> border::Set<'static> {
        match self.glyphs.charset() {
            Charset::Utf8 => border::PLAIN,
            Charset::Ascii => border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            },
        }
    }
}
