//! The form for a product by hand: its fields, what is wrong with them, and what would come of it or did.

use super::{foresight, warning};
use crate::app::{App, Form, Params, Sent, Slot, Through};
use crate::table::wrap;
use crate::ui::glyphs::Sign;
use crate::ui::theme::Role;
use crate::ui::widgets::{boxed, over_inside, typed};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;

/// As wide as the narrowest usual screen lets it be.
const WIDTH: u16 = 78;
/// The names of the fields.
const LABEL: usize = 12;
/// What is typed, where something is told beside it.
const TYPED: u16 = 30;
/// Lines under the fields that tell what would come of it: enough for inputs and reasons, on 24 rows too.
const FORESEEN: usize = 8;
/// Lines that are neither: the help of the field, two that part, the keys.
const OTHERS: usize = 4;

/// Draws the form.
pub(super) fn draw(frame: &mut Frame, app: &App, form: &Form) {
    let slots = form.slots();
    let most = usize::from(frame.area().height).saturating_sub(2 + OTHERS + FORESEEN.min(3));
    let shown = slots.len().min(most.max(1));
    let at = slots.iter().position(|slot| *slot == form.slot).unwrap_or(0);
    let first = (at + 1).saturating_sub(shown);
    let room = usize::from(frame.area().height).saturating_sub(2 + OTHERS + shown);
    let height = u16::try_from(2 + OTHERS + shown + FORESEEN.min(room)).unwrap_or(u16::MAX);
    let inside = boxed(frame, (WIDTH, height), "Make a product by hand", &app.look);
    let mut rows: Vec<Line> = Vec::new();
    for (slot, area) in slots.iter().skip(first).take(shown).zip(inside.rows()) {
        rows.push(field(frame, area, app, form, *slot));
    }
    rows.push(help(app, form));
    rows.push(Line::default());
    let mut foreseen = foresight::lines(app, form, usize::from(inside.width).saturating_sub(2));
    let lines = FORESEEN.min(room);
    if foreseen.len() > lines {
        foreseen.truncate(lines.saturating_sub(1));
        foreseen.push(Line::from_iter([
            Span::raw(" "),
            app.look.sign(Sign::Ellipsis, Role::Quiet),
        ]));
    }
    foreseen.resize(lines, Line::default());
    rows.extend(foreseen);
    rows.push(Line::default());
    rows.push(buttons(app, form));
    over_inside(frame, inside, rows);
}

/// A field with a mark if it is wrong, and what there is to tell beside it.
fn field<'a>(frame: &mut Frame, area: Rect, app: &App, form: &'a Form, slot: Slot) -> Line<'a> {
    let look = &app.look;
    let graph = app.live().graph();
    let wrong = form.wrong(slot, graph);
    let (name, line, hint) = parts(app, form, slot);
    let has_focus = form.slot == slot;
    let mark = if wrong.is_some() {
        look.sign(Sign::Lost, Role::Failed)
    } else {
        Span::raw(" ")
    };
    let label = format!("{name:<LABEL$}");
    let role = if has_focus { Role::Title } else { Role::Quiet };
    let mut row = Line::from_iter([mark, look.span(label, role)]);
    let beside = u16::try_from(row.width()).unwrap_or(area.width);
    if let Some(line) = line {
        let width = match hint {
            Some(_) => TYPED,
            None => area.width.saturating_sub(beside + 1),
        };
        let place = Rect {
            x: area.x + beside,
            width,
            ..area
        };
        row.extend(value(frame, place, app, line, has_focus));
    } else {
        let style = look.style(if has_focus { Role::Selected } else { Role::Text });
        row.push_span(Span::styled(switch(form, slot), style));
    }
    if let Some(hint) = hint {
        let padding = usize::from(beside + TYPED + 1).saturating_sub(row.width());
        row.push_span(Span::raw(" ".repeat(padding)));
        row.push_span(look.span(hint, Role::Quiet));
    }
    row
}

/// What is typed between brackets, with the cursor if the keys go there.
fn value<'a>(frame: &mut Frame, area: Rect, app: &App, line: &Input, has_focus: bool) -> Line<'a> {
    let look = &app.look;
    let room = usize::from(area.width).saturating_sub(2);
    let within = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    let mut row = if has_focus {
        typed(frame, within, "[", line, look)
    } else {
        let shown: String = line.value().chars().take(room).collect();
        Line::from_iter([look.span("[", Role::Quiet), look.span(shown, Role::Text)])
    };
    // What was typed longer than there is room ends where the bracket stands.
    let padding = (room + 1).saturating_sub(row.width());
    row.push_span(look.span(
        format!("{}]", " ".repeat(padding)),
        if has_focus { Role::Key } else { Role::Quiet },
    ));
    row
}

/// Its name, what is typed in it, and what there is to tell beside it.
fn parts<'a>(app: &App, form: &'a Form, slot: Slot) -> (&'a str, Option<&'a Input>, Option<String>) {
    match slot {
        Slot::Provider => (
            "provider",
            Some(&form.provider.line),
            Some(form.makes(app.live().graph())),
        ),
        Slot::Product => {
            let product = form.product(app.live().graph()).ok();
            let node = product.and_then(|product| app.live().graph()?.node(&product));
            let text = node.and_then(|node| node.description.clone());
            (
                "product",
                Some(&form.product.line),
                Some(text.unwrap_or_default()),
            )
        }
        Slot::ObsId => {
            let known = form.obs_id().ok();
            let known =
                known.and_then(|obs_id| app.live().observation(&obs_id).map(|_| app.describe(&obs_id)));
            ("observation", Some(&form.obs_id), Some(known.unwrap_or_default()))
        }
        Slot::Through => ("asked is", None, None),
        Slot::Url => ("at", Some(&form.url), None),
        Slot::Force => ("force", None, None),
        Slot::Param(index) => match &form.params {
            Params::Json(line) => ("params", Some(line), None),
            Params::Typed(params) => match params.get(index) {
                Some(param) => (&param.name, Some(&param.line), Some(param.hint.clone())),
                None => ("params", None, None),
            },
        },
        Slot::Note => ("note", Some(&form.note), None),
    }
}

/// What a field that is switched stands at.
fn switch(form: &Form, slot: Slot) -> String {
    let mark = |is_on: bool| if is_on { "(*)" } else { "( )" };
    match slot {
        Slot::Through => format!(
            "{} the conductor  {} its pipeline",
            mark(form.through == Through::Conductor),
            mark(form.through == Through::Pipeline)
        ),
        Slot::Force => {
            let mark = if form.force { "[x]" } else { "[ ]" };
            format!("{mark} also if it is done, and if inputs are missing")
        }
        Slot::Provider | Slot::Product | Slot::ObsId | Slot::Url | Slot::Param(_) | Slot::Note => {
            String::new()
        }
    }
}

/// What is wrong with the field that gets the keys; else what it is for.
fn help(app: &App, form: &Form) -> Line<'static> {
    let look = &app.look;
    let told = |text: String, role| {
        let text = wrap(&text, Some(usize::from(WIDTH) - 5)).into_iter().next();
        let text = text.unwrap_or_default();
        Line::from(look.span(format!(" {text}"), role))
    };
    if let Some(wrong) = form.wrong(form.slot, app.live().graph()) {
        return told(wrong, Role::Failed);
    }
    let text = match form.slot {
        Slot::Provider => "who makes it: only its products are shown then; empty for anybody".to_owned(),
        Slot::Product | Slot::ObsId => String::new(),
        Slot::Through => {
            "Space: the conductor watches over it; its pipeline also works without one".to_owned()
        }
        Slot::Url => "where the pipeline is asked".to_owned(),
        Slot::Force => "Space switches it: one more run, and a new version".to_owned(),
        Slot::Param(index) => match &form.params {
            Params::Json(_) => "a JSON object such as {\"bins\": 64}, or nothing".to_owned(),
            Params::Typed(params) => params
                .get(index)
                .map_or_else(String::new, |param| param.hint.clone()),
        },
        Slot::Note => "why, for the audit trail".to_owned(),
    };
    told(text, Role::Quiet)
}

/// The keys; sending stands out once it can be done.
fn buttons(app: &App, form: &Form) -> Line<'static> {
    let look = &app.look;
    let is_right = form.act(app.live().graph()).is_ok() && matches!(form.sent, Sent::Not | Sent::Answered(_));
    let role = if is_right { Role::Selected } else { Role::Quiet };
    let harm = warning(app, form.danger());
    Line::from_iter([
        look.span(" Esc close  Tab field  ", Role::Key),
        Span::styled(format!(" {} send ", Form::send_key()), look.style(role)),
        look.span(harm, Role::Failed),
    ])
}
