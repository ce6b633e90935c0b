//! All that is known of the cell under the cursor.

use crate::app::{App, Opened};
use crate::cells;
use crate::keys::Place;
use crate::model::{Answer, CellId, CellRef, Question};
use crate::table::wrap;
use crate::ui::product::Facts;
use crate::ui::text::{clock, span};
use crate::ui::theme::Role;
use crate::ui::views::frame;
use api::conductor::{CellView, RunView};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Lines of a log that are shown: the end says why.
const LOG_LINES: usize = 12;
/// What the record says and the pane has said already.
const OF_THE_CELL: [&str; 3] = ["product", "obs_id", "burst"];

pub(super) fn draw(to: &mut Frame, area: Rect, app: &App, opened: &Opened) {
    let lines = Told::new(app, usize::from(area.width.saturating_sub(3))).cell(&opened.cell());
    let height = usize::from(area.height.saturating_sub(2));
    let top = opened.top.min(lines.len().saturating_sub(height));
    let pane = frame::pane(app, Place::Detail);
    let pane = if lines.len() > height {
        let last = (top + height).min(lines.len());
        pane.foot([app.look.span(format!("{last}/{}", lines.len()), Role::Quiet)])
    } else {
        pane
    };
    let inside = pane.draw(to, area, &app.look);
    for (line, row) in lines.into_iter().skip(top).zip(inside.rows()) {
        to.render_widget(line, row);
    }
}

/// The lines, as they are told one after the other.
struct Told<'a> {
    app: &'a App,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl<'a> Told<'a> {
    fn new(app: &'a App, width: usize) -> Self {
        Self {
            app,
            width,
            lines: Vec::new(),
        }
    }

    fn cell(mut self, id: &CellId) -> Vec<Line<'static>> {
        let Some(cell) = self.app.model().cell(id) else {
            self.say("nothing is known of it", Role::Quiet);
            return self.lines;
        };
        self.state(cell);
        self.graph(cell);
        let details = self.app.live().details();
        match details.answer(&Question::Cell(id.clone())) {
            Some((_, Answer::Cell(view))) => self.view(view),
            Some((_, Answer::None(_, why))) => self.say(&format!("no more is known: {why}"), Role::Late),
            Some(_) | None => self.say("the conductor is asked for more", Role::Quiet),
        }
        self.log(id);
        self.stored(id);
        self.lines
    }

    fn state(&mut self, cell: CellRef<'_>) {
        let now = self.app.now;
        let look = &self.app.look;
        let passed = now.duration_since(cell.since());
        let mut line = Line::from_iter([
            Span::raw(" "),
            look.cell(cell),
            Span::styled(format!(" {}", cell.state()), look.theme.state(cell.state())),
            look.span(
                format!(" since {}, {}", cells::when(cell.since(), now), span(passed)),
                Role::Text,
            ),
        ]);
        if cell.is_late() {
            line.push_span(look.span(", late", Role::Late));
        }
        self.lines.push(line);
        if let Some(reason) = cell.reason() {
            self.say(&cells::readable(reason, now), Role::Text);
        }
        let attempt = cell.attempt().zip(cell.attempts());
        if let Some((attempt, attempts)) = attempt {
            self.say(&format!("attempt {attempt} of {attempts}"), Role::Text);
        }
        if let Some(at) = cell.retry_at() {
            self.say(&format!("next attempt at {}", clock(at)), Role::Text);
        }
        let blocks = cell.blocks();
        if !blocks.is_empty() {
            let names: Vec<&str> = blocks.iter().map(|product| product.as_str()).collect();
            self.say(
                &format!("blocks {}: {}", names.len(), names.join(" ")),
                Role::Text,
            );
        }
    }

    /// What the graph says: who makes it, and from what.
    fn graph(&mut self, cell: CellRef<'_>) {
        let Some(node) = cell.node() else {
            return self.say("the graph does not know it", Role::Caution);
        };
        if let Some(description) = &node.description {
            self.say(description, Role::Quiet);
        }
        match &node.provider {
            Some(provider) => self.say(&format!("made by {provider}"), Role::Text),
            None => self.say("an input: it comes from outside", Role::Text),
        }
        for (title, inputs) in [("made from", &node.m_input), ("and, if there,", &node.o_input)] {
            if inputs.is_empty() {
                continue;
            }
            self.head(title);
            for input in inputs {
                self.input(cell, *input);
            }
        }
    }

    fn input(&mut self, cell: CellRef<'_>, input: usize) {
        let Some(node) = self.app.model().graph().map(|graph| &graph.nodes()[input]) else {
            return;
        };
        let look = &self.app.look;
        let input = cell.observation().cell(&node.product);
        let sign = input.map_or_else(|| Span::raw(" "), |input| look.cell(input));
        let version = input.and_then(CellRef::version);
        let version = version.map_or_else(String::new, |version| format!(" v{version}"));
        let text = look.span(format!(" {}{version}", node.product), Role::Text);
        self.lines.push(Line::from_iter([Span::raw("   "), sign, text]));
    }

    /// What the conductor says: why, how long, and every run.
    fn view(&mut self, view: &CellView) {
        let now = self.app.now;
        if let Some(timing) = cells::timing(&view.cell, now) {
            self.say(&timing, Role::Text);
        }
        if let Some(seen) = &view.cell.acknowledged {
            self.say(&cells::seen(seen, now), Role::Text);
        }
        if !view.why.text.is_empty() {
            self.head("why");
            for line in cells::reasons(&view.why, self.width.saturating_sub(2), now) {
                self.lines
                    .push(self.app.look.span(format!("   {line}"), Role::Text).into());
            }
        }
        for run in &view.runs {
            self.run(run);
        }
    }

    fn run(&mut self, run: &RunView) {
        let now = self.app.now;
        self.head(&format!("run {} {}", run.run_id, run.state));
        let mut told = vec![format!("decided {}", cells::when(run.created_at, now))];
        told.extend(run.trigger.iter().map(|trigger| format!("trigger {trigger}")));
        if run.generation > 0 {
            told.push(format!("generation {}", run.generation));
        }
        let inputs = run
            .inputs
            .iter()
            .map(|input| match (input.version, input.revision) {
                (Some(version), _) => format!("{} v{version}", input.product),
                // Who publishes without numbers is counted by the conductor.
                (None, Some(revision)) => format!("{} r{revision}", input.product),
                (None, None) => input.product.to_string(),
            });
        let inputs: Vec<String> = inputs.collect();
        if !inputs.is_empty() {
            told.push(format!("from {}", inputs.join(", ")));
        }
        let missing: Vec<&str> = run.missing.iter().map(domain::ProductName::as_str).collect();
        if !missing.is_empty() {
            told.push(format!("without {}", missing.join(", ")));
        }
        if let Some(params) = &run.params {
            told.push(format!(
                "parameters {}",
                serde_json::Value::Object(params.clone())
            ));
        }
        if let Some(version) = run.version {
            told.push(format!("made version {version}"));
        }
        for attempt in &run.attempts {
            told.push(format!(
                "attempt {}: {}",
                attempt.attempt,
                cells::told(attempt, now)
            ));
        }
        for text in told {
            self.indented(&text);
        }
    }

    /// The last that the pipeline wrote about the latest run.
    fn log(&mut self, id: &CellId) {
        let Some(question) = self.app.job(id) else { return };
        let answer = self.app.live().details().answer(&question);
        let quiet = match answer.map(|(_, answer)| answer) {
            Some(Answer::Job(_, _, _, Some(job))) if !job.log.is_empty() => {
                self.head("its pipeline's last lines");
                for line in job.log.iter().rev().take(LOG_LINES).rev() {
                    self.indented(line);
                }
                return;
            }
            Some(Answer::Job(..)) => "its pipeline has no log of it".to_owned(),
            Some(Answer::None(_, why)) => format!("its pipeline cannot be asked: {why}"),
            Some(_) | None => "its pipeline is asked for its log".to_owned(),
        };
        self.say(&quiet, Role::Quiet);
    }

    /// What the SDB has of it: the newest version with where it comes from, and the older ones in a line each.
    fn stored(&mut self, id: &CellId) {
        let Some(question) = self.app.stored_versions(id) else {
            return;
        };
        let answer = self.app.live().details().answer(&question);
        let records = match answer.map(|(_, answer)| answer) {
            Some(Answer::Versions(_, records)) => records,
            Some(Answer::None(_, why)) => {
                return self.say(&format!("what is stored is not known: {why}"), Role::Late);
            }
            Some(_) | None => return self.say("the SDB is asked for its versions", Role::Quiet),
        };
        let Some((newest, older)) = records.split_first() else {
            return self.say("the SDB has no version of it", Role::Caution);
        };
        self.head(&format!("stored version {}, p shows it", newest.version));
        for (name, value) in Facts::of(newest).iter() {
            if !OF_THE_CELL.contains(&name) {
                self.indented(&format!("{name} {value}"));
            }
        }
        if !older.is_empty() {
            self.head(&format!("{} older", older.len()));
        }
        for record in older {
            let stored = cells::when(record.created_at, self.app.now);
            let software = record.provenance.as_ref();
            let software = software.and_then(|provenance| provenance.software_version.as_ref());
            let software = software.map_or_else(String::new, |software| format!(", software {software}"));
            let retracted = record.retracted.as_ref();
            let retracted = retracted.map_or_else(String::new, |why| format!(", RETRACTED: {}", why.reason));
            let size = Facts::size(record.size);
            self.indented(&format!(
                "v{} {stored}, {size} bytes{software}{retracted}",
                record.version
            ));
        }
    }

    fn head(&mut self, title: &str) {
        let title = self.app.look.span(format!(" {title}"), Role::Title);
        self.lines.push(title.into());
    }

    fn say(&mut self, text: &str, role: Role) {
        for line in wrap(text, Some(self.width)) {
            self.lines
                .push(self.app.look.span(format!(" {line}"), role).into());
        }
    }

    fn indented(&mut self, text: &str) {
        let mut indent = "   ";
        for line in wrap(text, Some(self.width.saturating_sub(4))) {
            let line = self.app.look.span(format!("{indent}{line}"), Role::Text);
            self.lines.push(line.into());
            indent = "     ";
        }
    }
}
