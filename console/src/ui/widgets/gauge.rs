//! How far something is, against how long it should take.

use crate::ui::Look;
use crate::ui::glyphs::Sign;
use crate::ui::theme::Role;
use ratatui::text::{Line, Span};

/// A bar of elapsed against expected, both in seconds: full at p95, with a mark where most are done (p50).
///
/// Later than p95 is late; without an expectation nobody knows how far it is, and the bar says so.
pub fn gauge(width: usize, elapsed: f64, expected: Option<(f64, f64)>, look: &Look) -> Line<'static> {
    let Some((p50, p95)) = expected.filter(|(_, p95)| *p95 > 0.0) else {
        let bar = look.glyphs.sign(Sign::Unknown).repeat(width);
        return Line::from(look.span(bar, Role::Quiet));
    };
    let columns = |seconds: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a terminal's width, kept inside it"
        )]
        let columns = ((seconds / p95).clamp(0.0, 1.0) * width as f64).round() as usize;
        columns
    };
    let (filled, usual) = (columns(elapsed), columns(p50));
    let role = if elapsed > p95 { Role::Late } else { Role::Busy };
    let cell = |column: usize| {
        if column < filled {
            Span::styled(look.glyphs.sign(Sign::Full), look.style(role))
        } else if column == usual {
            look.sign(Sign::Limit, Role::Quiet)
        } else {
            look.sign(Sign::Empty, Role::Quiet)
        }
    };
    (0..width).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::glyphs::Charset;
    use crate::ui::theme::{Background, Depth};

    #[test]
    fn a_bar_is_full_at_p95_and_honest_without_an_expectation() {
        let look = Look::new(Depth::Mono, Background::Dark, Charset::Ascii);
        let bar = |elapsed, expected| gauge(10, elapsed, expected, &look).to_string();
        assert_eq!(bar(0.0, Some((50.0, 100.0))), ".....|....");
        assert_eq!(bar(70.0, Some((50.0, 100.0))), "=======...");
        assert_eq!(bar(250.0, Some((50.0, 100.0))), "==========");
        assert_eq!(bar(5.0, None), "??????????");
        assert_eq!(bar(5.0, Some((0.0, 0.0))), "??????????");
    }
}
