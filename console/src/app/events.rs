//! What was said: all of it in the overview, in an observation what is about it.
//!
//! There can be a hundred thousand, so there is no list of rows: what is shown is read from the ring, from the cursor
//! upwards.

use super::{App, Filter};
use crate::keys::Place;
use crate::model::Event;
use domain::ObsId;

/// A pane of events.
#[derive(Debug, Clone, Default)]
pub struct Events {
    /// The event under the cursor by its number in the ring; none while new ones are shown as they come.
    pub at: Option<u64>,
    /// What of them is shown.
    pub filter: Filter,
}

impl App {
    /// The events of a pane, if it shows any.
    pub fn events_at(&self, place: Place) -> Option<&Events> {
        match place {
            Place::Events => Some(&self.overview.events),
            Place::History => self.opened().map(|opened| &opened.events),
            Place::Matrix
            | Place::Running
            | Place::Failures
            | Place::Services
            | Place::Graph
            | Place::Detail
            | Place::Timeline
            | Place::Providers
            | Place::Runs
            | Place::Report
            | Place::Alerts
            | Place::Product => None,
        }
    }

    pub(super) fn events_at_mut(&mut self, place: Place) -> Option<&mut Events> {
        if place == Place::Events {
            return Some(&mut self.overview.events);
        }
        let is_history = place == Place::History;
        self.opened_mut()
            .filter(|_| is_history)
            .map(|opened| &mut opened.events)
    }

    /// The events that a pane shows in so many lines, the newest last: up to the cursor, or up to the newest.
    pub fn events(&self, place: Place, height: usize) -> Vec<(u64, &Event)> {
        let Some(events) = self.events_at(place) else {
            return vec![];
        };
        let obs_id = self.about(place);
        let shown = self.model().events().iter().rev();
        let mut window: Vec<(u64, &Event)> = shown
            .skip_while(|(number, _)| events.at.is_some_and(|at| *number > at))
            .filter(|(_, event)| is_shown(event, obs_id, &events.filter))
            .take(height)
            .collect();
        window.reverse();
        window
    }

    /// Moves the cursor of the events; at the newest it follows again.
    pub(super) fn step_events(&mut self, place: Place, by: isize) {
        let Some(Events { at, filter }) = self.events_at(place) else {
            return;
        };
        let obs_id = self.about(place);
        let events = self.model().events();
        let is_shown = |(_, event): &(u64, &Event)| is_shown(event, obs_id, filter);
        let newest = || events.iter().rev().find(is_shown).map(|(number, _)| number);
        let Some(at) = at.or_else(newest) else { return };
        let steps = by.unsigned_abs();
        let place_of = usize::try_from(at.saturating_sub(events.numbers().start)).unwrap_or(0);
        let to = if by < 0 {
            let older = events.iter().take(place_of).rev().filter(is_shown);
            older
                .take(steps)
                .last()
                .map_or(Some(at), |(number, _)| Some(number))
        } else {
            let mut newer = events.iter().skip(place_of + 1).filter(is_shown);
            newer.nth(steps.saturating_sub(1)).map(|(number, _)| number)
        };
        let follows = to.is_none() || to == newest();
        if let Some(events) = self.events_at_mut(place) {
            events.at = to.filter(|_| !follows);
        }
    }

    /// The observation that the events of a pane are about; none if it shows those of all.
    fn about(&self, place: Place) -> Option<&ObsId> {
        let opened = self.opened().filter(|_| place == Place::History)?;
        Some(&opened.obs_id)
    }
}

fn is_shown(event: &Event, obs_id: Option<&ObsId>, filter: &Filter) -> bool {
    obs_id.is_none_or(|obs_id| event.obs_id.as_deref() == Some(obs_id)) && filter.shows(event)
}
