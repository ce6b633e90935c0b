//! The graph in layers: one row per product, always at the same place, with the lines of the one under the cursor.

use super::columns::{Columns, SIGN};
use super::near::Near;
use super::wires::{Kind, Wires};
use crate::app::{App, Opened};
use crate::keys::Place;
use crate::model::{Graph, Layers};
use crate::ui::glyphs::Sign;
use crate::ui::text::fit;
use crate::ui::theme::Role;
use crate::ui::views::frame;
use domain::{CellState, ProductName};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App, opened: &Opened) {
    let pane = frame::pane(app, Place::Graph);
    let (Some(graph), Some(layers)) = (app.model().graph(), app.layers()) else {
        let inside = pane.draw(to, area, &app.look);
        to.render_widget(app.look.span(" no graph is known yet", Role::Quiet), inside);
        return;
    };
    let node = graph.place(&opened.product).unwrap_or(0);
    let spot = layers.spot(node);
    let room = usize::from(area.width.saturating_sub(2));
    let columns = Columns::new(graph, layers, room);
    let near = Near::new(graph, node);
    let seen = columns.seen(room, spot.column);
    let sentence = app.sentence_within(usize::from(area.width).saturating_sub(22));
    let sentence = sentence.map(|text| app.look.span(text, Role::Text));
    let inside = pane
        .note(note(app, opened, graph, &near))
        .sentence(sentence)
        .foot(foot(app, layers, &seen))
        .draw(to, area, &app.look);
    let top = spot
        .row
        .saturating_sub(usize::from(inside.height) / 2)
        .min(layers.rows().saturating_sub(usize::from(inside.height)));
    let view = View {
        app,
        opened,
        graph,
        layers,
        columns: &columns,
        near: &near,
        inside,
        left: columns.start(seen.start),
        top,
    };
    view.lines(to);
    for column in seen {
        for node in layers.column(column) {
            view.node(to, node);
        }
    }
}

/// What the pieces of the pane are drawn from.
struct View<'a> {
    app: &'a App,
    opened: &'a Opened,
    graph: &'a Graph,
    layers: &'a Layers,
    columns: &'a Columns,
    near: &'a Near,
    inside: Rect,
    left: usize,
    top: usize,
}

impl View<'_> {
    fn lines(&self, to: &mut Frame) {
        let mut wires = Wires::new(self.columns, self.layers.rows());
        for (end, node) in self.graph.nodes().iter().enumerate() {
            let mandatory = node.m_input.iter().map(|input| (*input, true));
            for (start, is_mandatory) in mandatory.chain(node.o_input.iter().map(|input| (*input, false))) {
                let kind = Kind {
                    is_mandatory,
                    is_near: self.near.has_line(start, end),
                };
                if kind.is_near || self.opened.has_all_lines {
                    let column = self.layers.spot(start).column;
                    let room = self.columns.width(column) - SIGN;
                    let name = self.graph.nodes()[start].product.as_str().len().min(room);
                    wires.line(&self.layers.way(start, end), name, self.columns, kind);
                }
            }
        }
        let look = &self.app.look;
        for (y, row) in self.inside.rows().enumerate() {
            for (x, cell) in row.columns().enumerate() {
                let Some(wire) = wires.at(self.left + x, self.top + y) else {
                    continue;
                };
                let role = if wire.is_near { Role::Text } else { Role::Border };
                let span = Span::styled(wire.sign(look.glyphs.charset()), look.style(role));
                to.render_widget(span, cell);
            }
        }
    }

    fn node(&self, to: &mut Frame, node: usize) {
        let spot = self.layers.spot(node);
        let Some(y) = spot.row.checked_sub(self.top) else {
            return;
        };
        let x = self.columns.start(spot.column) - self.left;
        let (Ok(x), Ok(y)) = (u16::try_from(x), u16::try_from(y)) else {
            return;
        };
        let product = &self.graph.nodes()[node].product;
        let room = self.columns.width(spot.column) - SIGN;
        let name = fit(
            product.as_str(),
            room.min(product.as_str().len()),
            self.app.look.glyphs,
        );
        let role = if self.near.has(self.graph, node) {
            Role::Text
        } else {
            Role::Quiet
        };
        let line = Line::from_iter([
            state(self.app, self.opened, product),
            Span::raw(" "),
            self.app.look.span(name, role),
        ]);
        let line = if *product == self.opened.product {
            line.patch_style(self.app.look.style(Role::Selected))
        } else {
            line
        };
        let area = Rect {
            x: self.inside.x + x,
            y: self.inside.y + y,
            width: u16::try_from(line.width()).unwrap_or(u16::MAX),
            height: 1,
        };
        to.render_widget(line, area.intersection(self.inside));
    }
}

/// The sign of a cell; what is not expected has one here, too, so that its name does not stand alone.
fn state(app: &App, opened: &Opened, product: &ProductName) -> Span<'static> {
    let observation = app.model().observation(&opened.obs_id);
    let cell = observation.and_then(|observation| observation.cell(product));
    match cell {
        Some(cell) => app.look.cell(cell),
        None => app.look.state(CellState::NotExpected),
    }
}

/// How many of those that are needed are there, and how many wait.
fn note(app: &App, opened: &Opened, graph: &Graph, near: &Near) -> Vec<Span<'static>> {
    let observation = app.model().observation(&opened.obs_id);
    let is_there = |node: usize| {
        let product = &graph.nodes()[node].product;
        let cell = observation.and_then(|observation| observation.cell(product));
        cell.is_some_and(|cell| cell.state().is_available())
    };
    let nodes = 0..graph.nodes().len();
    let above: Vec<usize> = nodes.clone().filter(|node| near.is_above(*node)).collect();
    let ready = above.iter().filter(|node| is_there(**node)).count();
    let below = nodes
        .filter(|node| near.is_below(*node) && !is_there(*node))
        .count();
    let text = format!("needs {}, {ready} there; {below} need it", above.len());
    vec![app.look.span(text, Role::Quiet)]
}

/// Which columns are seen, where not all are.
fn foot(app: &App, layers: &Layers, seen: &std::ops::Range<usize>) -> Vec<Span<'static>> {
    if *seen == (0..layers.columns()) {
        return vec![];
    }
    let end = |is_more, sign| {
        if is_more {
            app.look.sign(sign, Role::Late)
        } else {
            Span::raw(" ")
        }
    };
    let text = format!(" {}-{} of {} ", seen.start + 1, seen.end, layers.columns());
    vec![
        end(seen.start > 0, Sign::MoreLeft),
        app.look.span(text, Role::Quiet),
        end(seen.end < layers.columns(), Sign::MoreRight),
    ]
}
