//! Where the time of the observation went: a row for each product, all on one scale.

use crate::app::{App, Opened};
use crate::keys::Place;
use crate::model::{Answer, Question};
use crate::ui::glyphs::Sign;
use crate::ui::text::{clock, span};
use crate::ui::theme::Role;
use crate::ui::views::frame::{self, column};
use api::conductor::{ProductTimeline, Segment, SegmentKind, TimelineView};
use domain::CellState;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

const NAME: usize = 12;
/// From so many columns on the provider is named.
const WITH_PROVIDER: usize = 100;
const PROVIDER: usize = 16;

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App, opened: &Opened) {
    let answer = app
        .live()
        .details()
        .answer(&Question::Timeline(opened.obs_id.clone()));
    let pane = frame::pane(app, Place::Timeline);
    let view = match answer {
        Some((_, Answer::Timeline(view))) => view,
        Some((_, Answer::None(_, why))) => {
            let inside = pane.draw(to, area, &app.look);
            return to.render_widget(app.look.span(format!(" {why}"), Role::Late), inside);
        }
        Some(_) | None => {
            let inside = pane.draw(to, area, &app.look);
            return to.render_widget(app.look.span(" the conductor is asked", Role::Quiet), inside);
        }
    };
    let width = usize::from(area.width.saturating_sub(2));
    let provider = if width >= WITH_PROVIDER { PROVIDER + 1 } else { 0 };
    let scale = Scale::new(view, app.now, width.saturating_sub(1 + NAME + 1 + provider));
    let inside = pane
        .note([app.look.span(scale.told(), Role::Quiet)])
        .foot(legend(app))
        .draw(to, area, &app.look);
    let height = usize::from(inside.height);
    let at = view.products.iter().position(|of| of.product == opened.product);
    let top = at.unwrap_or(0).saturating_sub(height / 2);
    let top = top.min(view.products.len().saturating_sub(height));
    for (of, row) in view.products.iter().skip(top).zip(inside.rows()) {
        let is_focused = of.product == opened.product;
        let role = if is_focused { Role::Title } else { Role::Text };
        let mut spans = vec![
            frame::cursor(app, is_focused),
            column(app, of.product.as_str(), NAME, role),
            Span::raw(" "),
        ];
        if provider > 0 {
            let name = of.provider.as_ref().map_or("", |provider| provider.as_str());
            spans.push(column(app, name, PROVIDER, Role::Quiet));
            spans.push(Span::raw(" "));
        }
        spans.extend(scale.bar(app, of));
        to.render_widget(Line::from(spans), row);
    }
}

/// From the first packet to the end of the last product, in so many columns.
struct Scale {
    from: Timestamp,
    until: Timestamp,
    width: usize,
}

impl Scale {
    fn new(view: &TimelineView, now: Timestamp, width: usize) -> Self {
        let is_over = |of: &ProductTimeline| of.made_at.is_some() || of.state == CellState::Failed;
        let last = view.products.iter().map(|of| of.until).max();
        let until = match last {
            Some(last) if view.products.iter().all(is_over) => last,
            Some(last) => last.max(now),
            None => now,
        };
        Self {
            from: view.first_at,
            until,
            width: width.max(1),
        }
    }

    fn told(&self) -> String {
        let whole = self.until.duration_since(self.from);
        format!("{} + {}", clock(self.from), span(whole))
    }

    /// The moment in the middle of a column.
    fn middle(&self, column: usize) -> i128 {
        let whole = self.until.duration_since(self.from).as_nanos().max(1);
        let width = i128::try_from(self.width).unwrap_or(1);
        let column = i128::try_from(column).unwrap_or(0);
        self.from.as_nanosecond() + (2 * column + 1) * whole / (2 * width)
    }

    /// A column for each part of the way; the end of an attempt that failed is marked.
    fn bar(&self, app: &App, of: &ProductTimeline) -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        let mut last: Option<(usize, &Segment)> = None;
        for column in 0..self.width {
            let at = self.middle(column);
            let holds =
                |segment: &&Segment| segment.from.as_nanosecond() <= at && at < segment.until.as_nanosecond();
            let found = of
                .segments
                .iter()
                .enumerate()
                .rev()
                .find(|(_, segment)| holds(segment));
            if let Some((index, _)) = last
                && found.is_none_or(|(now, _)| now != index)
                && has_failed(of, index)
                && let Some(end) = spans.last_mut()
            {
                *end = app.look.state(CellState::Failed);
            }
            spans.push(match found {
                Some((index, segment)) => sign(app, segment.kind, is_open(of, index)),
                None => Span::raw(" "),
            });
            last = found;
        }
        spans
    }
}

/// Whether a part is an attempt that came to nothing: another one follows it, or none and the product has failed.
fn has_failed(of: &ProductTimeline, index: usize) -> bool {
    let is_attempt = of.segments[index].kind == SegmentKind::Provider;
    let goes_on = of.segments.get(index + 1).map(|next| next.kind);
    let is_after = matches!(
        goes_on,
        Some(SegmentKind::Backoff | SegmentKind::Queue | SegmentKind::Provider)
    );
    is_attempt && (is_after || (goes_on.is_none() && of.state == CellState::Failed))
}

/// Whether a part is not over.
fn is_open(of: &ProductTimeline, index: usize) -> bool {
    index + 1 == of.segments.len() && of.made_at.is_none() && of.state.is_active()
}

fn sign(app: &App, kind: SegmentKind, is_open: bool) -> Span<'static> {
    let look = &app.look;
    match kind {
        SegmentKind::Provider if is_open => look.sign(Sign::Unknown, Role::Busy),
        SegmentKind::Provider => look.sign(Sign::Full, Role::Quiet),
        SegmentKind::Queue => look.sign(Sign::Empty, Role::Text),
        SegmentKind::Grace => look.state(CellState::Grace),
        SegmentKind::Held => look.state(CellState::Held),
        SegmentKind::Backoff => look.state(CellState::Retrying),
        SegmentKind::Import => look.state(CellState::Received),
        SegmentKind::Waiting | SegmentKind::Trigger => look.state(CellState::Waiting),
        SegmentKind::EarlierRun | SegmentKind::Forgotten | SegmentKind::Foreign | SegmentKind::Other => {
            look.sign(Sign::Limit, Role::Quiet)
        }
    }
}

/// What the signs are, the rarer ones left out.
fn legend(app: &App) -> Vec<Span<'static>> {
    let parts = [
        (app.look.state(CellState::Waiting), " input  "),
        (app.look.state(CellState::Grace), " grace  "),
        (app.look.sign(Sign::Empty, Role::Text), " queue  "),
        (app.look.sign(Sign::Full, Role::Quiet), " run  "),
        (app.look.sign(Sign::Unknown, Role::Busy), " runs  "),
        (app.look.state(CellState::Failed), " failed  "),
        (app.look.state(CellState::Retrying), " pause"),
    ];
    let spans = parts
        .into_iter()
        .flat_map(|(sign, word)| [sign, app.look.span(word, Role::Quiet)]);
    spans.collect()
}
