//! One sign per state, and an ASCII twin of each sign.
//!
//! Colour never says anything alone, so the signs must differ by themselves. All are one column wide; in some
//! terminals the Unicode ones are not, and `--charset ascii` is for those.

use domain::CellState;

/// The signs that the screen may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// Signs, lines and bars.
    #[default]
    Utf8,
    /// Nothing above `~`.
    Ascii,
}

/// The signs of one charset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Glyphs {
    charset: Charset,
}

/// A sign that is no state of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// Runs longer than it should.
    Late,
    /// Done without an optional input.
    Degraded,
    /// All is well with it.
    Well,
    /// It is not heard any more.
    Lost,
    /// The selected row.
    Cursor,
    /// A marked row.
    Marked,
    /// Changed since the last look.
    Changed,
    /// Between two parts of a line.
    Divider,
    /// More to the left.
    MoreLeft,
    /// More to the right.
    MoreRight,
    /// New rows are shown as they come.
    Following,
    /// The rest does not fit.
    Ellipsis,
    /// From one thing to the next.
    Arrow,
    /// The filled part of a gauge.
    Full,
    /// The empty part of a gauge.
    Empty,
    /// A gauge of which nobody knows the end.
    Unknown,
    /// Where p95 is on a gauge.
    Limit,
}

impl Glyphs {
    /// The signs of a charset.
    pub fn new(charset: Charset) -> Self {
        Self { charset }
    }

    /// Which charset these are of.
    pub fn charset(self) -> Charset {
        self.charset
    }

    /// The sign of a state; what is not expected is blank.
    pub fn state(self, state: CellState) -> &'static str {
        let (sign, twin) = match state {
            CellState::NotExpected => (" ", " "),
            CellState::Done => ("■", "#"),
            CellState::Received => ("□", "+"),
            CellState::Stale => ("◪", "~"),
            CellState::Retracted => ("⊖", "_"),
            CellState::Cancelled => ("⊘", "-"),
            CellState::Waiting => ("·", "."),
            CellState::Grace => ("◷", ":"),
            CellState::Queued => ("◔", "q"),
            CellState::Requested => ("▷", "p"),
            CellState::Running => ("▶", ">"),
            CellState::Retrying => ("↻", "r"),
            CellState::Held => ("‖", "H"),
            CellState::Failed => ("✗", "X"),
            CellState::Quarantined => ("⊠", "Q"),
        };
        self.either(sign, twin)
    }

    /// Any other sign.
    pub fn sign(self, sign: Sign) -> &'static str {
        let (sign, twin) = match sign {
            Sign::Late => ("!", "!"),
            Sign::Degraded => ("◐", "%"),
            Sign::Well => ("✓", "v"),
            Sign::Lost => ("✗", "X"),
            Sign::Cursor => ("▸", ">"),
            Sign::Marked => ("●", "*"),
            Sign::Changed => ("△", "^"),
            Sign::Divider => ("│", "|"),
            Sign::MoreLeft => ("◃", "<"),
            Sign::MoreRight => ("▹", ">"),
            Sign::Following => ("▼", "v"),
            Sign::Ellipsis => ("…", "~"),
            Sign::Arrow => ("→", ">"),
            Sign::Full => ("█", "="),
            Sign::Empty => ("░", "."),
            Sign::Unknown => ("▒", "?"),
            Sign::Limit => ("╵", "|"),
        };
        self.either(sign, twin)
    }

    /// The text with what is not ASCII replaced where only ASCII can be shown: names and reasons are anyone's.
    pub fn text(self, text: &str) -> std::borrow::Cow<'_, str> {
        let is_plain = |c: char| c == ' ' || c.is_ascii_graphic();
        let is_safe = |c: char| match self.charset {
            Charset::Utf8 => !c.is_control(),
            Charset::Ascii => is_plain(c),
        };
        if text.chars().all(is_safe) {
            return text.into();
        }
        text.chars()
            .map(|c| match c {
                c if is_safe(c) => c,
                '\n' | '\r' | '\t' => ' ',
                _ => '?',
            })
            .collect::<String>()
            .into()
    }

    fn either(self, sign: &'static str, twin: &'static str) -> &'static str {
        match self.charset {
            Charset::Utf8 => sign,
            Charset::Ascii => twin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn every_state_has_a_sign_of_its_own_in_both_charsets() {
        for charset in [Charset::Utf8, Charset::Ascii] {
            let glyphs = Glyphs::new(charset);
            let signs: BTreeSet<&str> = CellState::ALL
                .into_iter()
                .map(|state| glyphs.state(state))
                .chain([glyphs.sign(Sign::Late), glyphs.sign(Sign::Degraded)])
                .collect();
            assert_eq!(signs.len(), CellState::ALL.len() + 2);
            for sign in signs {
                assert_eq!(sign.width(), 1, "{sign}");
                assert!(charset == Charset::Utf8 || sign.is_ascii(), "{sign}");
            }
        }
    }

    #[test]
    fn a_text_from_outside_can_move_no_cursor() {
        let utf8 = Glyphs::new(Charset::Utf8);
        assert_eq!(utf8.text("5 s → \u{1b}[2Jx\ny"), "5 s → ?[2Jx y");
        assert_eq!(Glyphs::new(Charset::Ascii).text("5 s → x"), "5 s ? x");
    }
}
