//! What is under the cursor.

use super::App;
use crate::keys::Place;
use crate::model::{CellId, CellRef, Failure, Node};
use crate::ui::text::fit;
use domain::ObsId;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

/// A column of the matrix.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// Which group it belongs to, counted from the left.
    pub group: usize,
    /// The input or product.
    pub node: &'a Node,
    /// Its place in the graph.
    pub place: usize,
}

/// Inputs are shown where there is room for them: from so many columns of the screen on.
const WITH_INPUTS: u16 = 110;

impl App {
    /// The columns of the matrix, in the order of the graph's groups.
    pub fn columns(&self) -> Vec<Column<'_>> {
        let Some(graph) = self.model().graph() else {
            return vec![];
        };
        let has_room = self.size.width >= WITH_INPUTS;
        let groups = graph.groups().iter().map(|group| {
            let nodes = group.nodes.iter().map(|place| (*place, &graph.nodes()[*place]));
            nodes
                .filter(|(_, node)| has_room || !node.is_input())
                .collect::<Vec<_>>()
        });
        let groups = groups.filter(|nodes| !nodes.is_empty()).enumerate();
        groups
            .flat_map(|(group, nodes)| {
                let column = move |(place, node)| Column { group, node, place };
                nodes.into_iter().map(column)
            })
            .collect()
    }

    /// The place of the cursor among the columns.
    pub fn column(&self) -> Option<usize> {
        let product = self.overview.matrix.column.as_ref()?;
        self.columns()
            .iter()
            .position(|column| column.node.product == *product)
    }

    /// Moves the cursor to another column; without one it begins at the edge that it comes from.
    pub(super) fn step_column(&mut self, by: isize) {
        let columns = self.columns();
        let last = columns.len().saturating_sub(1);
        let place = match self.column() {
            Some(place) => place.saturating_add_signed(by).min(last),
            None if by > 0 => 0,
            None => last,
        };
        let product = columns.get(place).map(|column| column.node.product.clone());
        self.overview.matrix.column = product;
    }

    /// The observation under the cursor, in whichever pane.
    pub fn focused_observation(&self) -> Option<ObsId> {
        match self.place() {
            Place::Matrix => self.overview.matrix.rows.list.cursor().cloned(),
            Place::Events => self
                .focused_event()
                .and_then(|event| event.obs_id.as_deref().cloned()),
            Place::Alerts => self.alert_target(),
            Place::Providers | Place::Report => None,
            Place::Runs
            | Place::Product
            | Place::Running
            | Place::Failures
            | Place::Services
            | Place::Graph
            | Place::Detail
            | Place::Timeline
            | Place::History => self.focused_cell().map(|cell| cell.obs_id),
        }
    }

    /// The cell under the cursor, in whichever pane: of a failure the newest.
    pub fn focused_cell(&self) -> Option<CellId> {
        match self.place() {
            Place::Matrix => Some(CellId {
                obs_id: self.overview.matrix.rows.list.cursor()?.clone(),
                product: self.overview.matrix.column.clone()?,
            }),
            Place::Running => self.overview.running.list.cursor().cloned(),
            Place::Failures => self.focused_failure().and_then(Failure::newest_cell),
            Place::Events => {
                let event = self.focused_event()?;
                Some(CellId {
                    obs_id: event.obs_id.as_deref()?.clone(),
                    product: event.product.as_deref()?.clone(),
                })
            }
            Place::Services | Place::Providers | Place::Report | Place::Alerts => None,
            Place::Runs => self.focused_run().map(|run| CellId {
                obs_id: run.obs_id.clone(),
                product: run.product.clone(),
            }),
            Place::Product => self.stored().map(|stored| stored.cell.clone()),
            Place::Graph | Place::Detail | Place::Timeline | Place::History => {
                self.opened().map(super::Opened::cell)
            }
        }
    }

    /// The failure under the cursor, or the one that the cell under the cursor belongs to.
    pub fn focused_failure(&self) -> Option<&Failure> {
        if self.place() == Place::Failures {
            return self.model().failure(self.overview.failures.list.cursor()?);
        }
        self.model().failure_of(&self.focused_cell()?)
    }

    fn focused_event(&self) -> Option<&crate::model::Event> {
        self.events(Place::Events, 1).pop().map(|(_, event)| event)
    }

    /// What `c` copies.
    pub(super) fn focused_id(&self) -> Option<String> {
        match self.place() {
            Place::Services => self.overview.services.list.cursor().map(ToString::to_string),
            Place::Providers => self.pages.providers.list.cursor().map(ToString::to_string),
            Place::Runs => self.pages.runs.rows.list.cursor().map(ToString::to_string),
            Place::Alerts => self.pages.alerts.list.cursor().cloned(),
            Place::Report => self.hand_over().and_then(Result::ok).map(ToOwned::to_owned),
            Place::Product => self.focused_cell().map(|cell| cell.to_string()),
            Place::Matrix
            | Place::Running
            | Place::Failures
            | Place::Events
            | Place::Graph
            | Place::Detail
            | Place::Timeline
            | Place::History => self.focused_observation().map(|obs_id| obs_id.to_string()),
        }
    }

    /// Goes to an observation: in the view of one to what most wants attention, else in the matrix, where no product
    /// of it is under the cursor yet.
    pub fn go_to_observation(&mut self, obs_id: &ObsId) {
        if self.opened().is_some()
            && let Some(cell) = self.foremost(obs_id)
        {
            self.go_to_cell(&cell);
            return;
        }
        self.views.clear();
        self.focus(Place::Matrix);
        self.overview.matrix.column = None;
        self.show_row(obs_id);
    }

    /// The cell of an observation that most wants attention.
    pub(super) fn foremost(&self, obs_id: &ObsId) -> Option<CellId> {
        let observation = self.model().observation(obs_id)?;
        let worst = observation.worst_cells().next();
        worst.or_else(|| observation.cells().next()).map(CellRef::id)
    }

    /// Goes to a cell, in the view of an observation or in the matrix.
    pub fn go_to_cell(&mut self, cell: &CellId) {
        if let Some(opened) = self.opened_mut() {
            opened.go_to(cell.clone());
            return;
        }
        self.views.clear();
        self.focus(Place::Matrix);
        self.overview.matrix.column = Some(cell.product.clone());
        self.show_row(&cell.obs_id);
    }

    /// A row that a filter hides is shown: who asks for it by name wants it more than the filter.
    fn show_row(&mut self, obs_id: &ObsId) {
        self.offer_rows();
        let matrix = &mut self.overview.matrix;
        if !matrix.rows.list.select(obs_id) {
            matrix.rows.filter = super::Filter::default();
            matrix.only_problems = false;
            matrix.only_changed = false;
            self.offer_rows();
            self.overview.matrix.rows.list.select(obs_id);
        }
        self.overview.matrix.rows.list.hold();
    }

    /// The cell under the cursor in a sentence: `QPO_VT of 42 failed 3/3: no calibration, blocks 4`.
    pub fn sentence(&self) -> Option<String> {
        self.sentence_within(usize::MAX)
    }

    /// The same in so many columns at most. The reason is anyone's and may be long: it is what is cut, not what it blocks.
    pub fn sentence_within(&self, room: usize) -> Option<String> {
        let (said, blocks) = self.said_and_blocks()?;
        let room = room.saturating_sub(blocks.width());
        if said.width() <= room {
            return Some(said + &blocks);
        }
        Some(fit(&said, room, self.look.glyphs) + &blocks)
    }

    /// How the cell under the cursor is, and what waits for it.
    fn said_and_blocks(&self) -> Option<(String, String)> {
        let id = self.focused_cell()?;
        let cell = self.model().cell(&id)?;
        let mut sentence = format!("{id} {}", cell.state());
        if cell.is_late() {
            sentence.push_str(", late");
        }
        if cell.is_degraded() {
            sentence.push_str(" without an optional input");
        }
        if let (Some(attempt), Some(attempts), false) =
            (cell.attempt(), cell.attempts(), cell.state().is_available())
        {
            let _ = write!(sentence, " {attempt}/{attempts}");
        }
        if let Some(version) = cell.version().filter(|_| cell.state().is_available()) {
            let _ = write!(sentence, " v{version}");
        }
        if let Some(reason) = cell.reason() {
            let _ = write!(sentence, ": {}", crate::cells::readable(reason, self.now));
        }
        if let Some(asked) = self.asked(&id) {
            let _ = write!(
                sentence,
                ", {} asked {}",
                asked.act.name(),
                crate::ui::text::clock(asked.at)
            );
        }
        let blocks = match cell.blocks().len() {
            0 => String::new(),
            count => format!(", blocks {count}"),
        };
        Some((sentence, blocks))
    }

    /// An observation in a line, for the finder.
    pub fn describe(&self, obs_id: &ObsId) -> String {
        let Some(observation) = self.model().observation(obs_id) else {
            return obs_id.to_string();
        };
        let counts = observation.counts();
        let worst = observation
            .worst()
            .map(|worst| worst.to_string())
            .unwrap_or_default();
        let burst = observation.burst_id().unwrap_or_default();
        format!(
            "{:<16} {burst:<14} {:>3}/{:<3} {worst}",
            obs_id.to_string(),
            counts.available(),
            counts.expected()
        )
    }
}
