//! What means what in colour: roles, not colours, are what views ask for.
//!
//! The palette is that of Okabe and Ito, which all colour visions tell apart, at the depth the terminal has. The
//! mono theme says the same with bold, reverse, underline and dim. All is calm but what wants attention.

use domain::CellState;
use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Depth {
    /// None: bold, reverse, underline and dim.
    Mono,
    /// The sixteen of the terminal's own palette.
    Ansi,
    /// The fixed 256.
    Indexed,
    /// Any.
    True,
}

/// What the text is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Background {
    /// Light text on dark.
    #[default]
    Dark,
    /// Dark text on light.
    Light,
}

/// What a piece of the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Nothing special.
    Text,
    /// Well, or not of interest: most of the screen, most of the time.
    Quiet,
    /// The name of a pane or a column.
    Title,
    /// The lines around a pane.
    Border,
    /// The lines around the pane that has the focus.
    BorderFocus,
    /// The selected row or cell.
    Selected,
    /// A key that can be pressed.
    Key,
    /// At work.
    Busy,
    /// Something was done well.
    Good,
    /// Wants an eye: held, between two attempts, out of date.
    Caution,
    /// Takes longer than it should.
    Late,
    /// Wants a hand.
    Failed,
    /// The full width of the screen, because nothing else matters as much.
    Banner,
}

/// A style for each role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    depth: Depth,
    background: Background,
}

/// One colour of the palette: true, of the 256, of the sixteen.
struct Ink(Color, u8, Color);

impl Theme {
    /// The theme of a terminal.
    pub fn new(depth: Depth, background: Background) -> Self {
        Self { depth, background }
    }

    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        let style = Style::new().add_modifier(modifiers(role, self.depth));
        match self.ink(role) {
            Some(ink) => style.fg(self.at_depth(&ink)),
            None => style,
        }
    }

    /// How a state of a cell looks.
    pub fn state(self, state: CellState) -> Style {
        self.style(role(state))
    }

    fn at_depth(self, ink: &Ink) -> Color {
        match self.depth {
            Depth::Mono => Color::Reset,
            Depth::Ansi => ink.2,
            Depth::Indexed => Color::Indexed(ink.1),
            Depth::True => ink.0,
        }
    }

    fn ink(self, role: Role) -> Option<Ink> {
        if self.depth == Depth::Mono {
            return None;
        }
        let dark = self.background == Background::Dark;
        let ink = |r, g, b, indexed, ansi| Some(Ink(Color::Rgb(r, g, b), indexed, ansi));
        match role {
            Role::Text | Role::Title | Role::Selected | Role::Banner => None,
            Role::Quiet | Role::Border if dark => ink(0x8a, 0x8a, 0x8a, 245, Color::DarkGray),
            Role::Quiet | Role::Border => ink(0x62, 0x62, 0x62, 241, Color::DarkGray),
            Role::Busy | Role::BorderFocus | Role::Key if dark => ink(0x56, 0xb4, 0xe9, 74, Color::LightBlue),
            Role::Busy | Role::BorderFocus | Role::Key => ink(0x00, 0x72, 0xb2, 25, Color::Blue),
            Role::Good => ink(0x00, 0x9e, 0x73, 36, Color::Green),
            Role::Caution if dark => ink(0xf0, 0xe4, 0x42, 227, Color::Yellow),
            Role::Caution => ink(0xcc, 0x79, 0xa7, 175, Color::Magenta),
            Role::Late if dark => ink(0xe6, 0x9f, 0x00, 214, Color::LightYellow),
            Role::Late => ink(0xb3, 0x6b, 0x00, 130, Color::Yellow),
            Role::Failed => ink(0xd5, 0x5e, 0x00, 166, Color::LightRed),
        }
    }
}

/// What a state means to whoever looks.
pub fn role(state: CellState) -> Role {
    match state {
        CellState::NotExpected
        | CellState::Done
        | CellState::Received
        | CellState::Waiting
        | CellState::Cancelled
        | CellState::Retracted => Role::Quiet,
        CellState::Grace | CellState::Queued => Role::Text,
        CellState::Requested | CellState::Running => Role::Busy,
        CellState::Stale | CellState::Retrying | CellState::Held => Role::Caution,
        CellState::Failed | CellState::Quarantined => Role::Failed,
    }
}

/// What says it without colour; with colours, only what must be seen from the door is bold.
fn modifiers(role: Role, depth: Depth) -> Modifier {
    let mono = depth == Depth::Mono;
    match role {
        Role::Selected | Role::Banner => Modifier::REVERSED.union(Modifier::BOLD),
        Role::Failed if mono => Modifier::REVERSED.union(Modifier::BOLD),
        Role::Failed | Role::Title => Modifier::BOLD,
        Role::Late | Role::Caution if mono => Modifier::UNDERLINED.union(Modifier::BOLD),
        Role::Busy | Role::Key | Role::BorderFocus if mono => Modifier::BOLD,
        Role::Quiet if mono => Modifier::DIM,
        Role::Late
        | Role::Caution
        | Role::Busy
        | Role::Key
        | Role::BorderFocus
        | Role::Quiet
        | Role::Text
        | Role::Border
        | Role::Good => Modifier::empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_depth_uses_only_colours_it_has() {
        for background in [Background::Dark, Background::Light] {
            for state in CellState::ALL {
                let at = |depth| Theme::new(depth, background).state(state).fg;
                assert_eq!(at(Depth::Mono), None);
                assert!(!matches!(
                    at(Depth::Ansi),
                    Some(Color::Rgb(..) | Color::Indexed(_))
                ));
                assert!(!matches!(at(Depth::Indexed), Some(Color::Rgb(..))));
            }
        }
    }

    #[test]
    fn without_colours_what_wants_attention_still_stands_out() {
        let mono = Theme::new(Depth::Mono, Background::Dark);
        let calm = mono.state(CellState::Done).add_modifier;
        for state in [CellState::Failed, CellState::Retrying, CellState::Running] {
            assert!(mono.state(state).add_modifier.contains(Modifier::BOLD), "{state}");
            assert_ne!(mono.state(state).add_modifier, calm);
        }
    }
}
