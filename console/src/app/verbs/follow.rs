//! `f`: new events as they come, or the list held still.

use crate::app::{App, Effect};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let place = app.place();
    let newest = app.events(place, 1).pop().map(|(number, _)| number);
    if let Some(events) = app.events_at_mut(place) {
        events.at = if events.at.is_some() { None } else { newest };
    }
    vec![]
}
