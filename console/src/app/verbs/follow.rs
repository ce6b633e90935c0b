//! `f`: new events as they come, or the list held still.

use crate::app::{App, Effect};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let newest = app.events(1).pop().map(|(number, _)| number);
    let events = &mut app.overview.events;
    events.at = if events.at.is_some() { None } else { newest };
    vec![]
}
