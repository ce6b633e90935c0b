//! `m`: a note about the cell under the cursor, or about its observation.

use crate::app::{App, Dialog, Effect, Field, Layer, Tone};
use crate::keys::Danger;
use crate::link::Act;
use api::conductor::NoteRequest;

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let Some(obs_id) = app.focused_observation() else {
        app.say(
            Tone::Note,
            "nothing is under the cursor that a note could be about",
        );
        return vec![];
    };
    let product = app.focused_cell().map(|cell| cell.product);
    let about = match &product {
        Some(product) => format!("{product} of {obs_id}"),
        None => obs_id.to_string(),
    };
    let request = NoteRequest {
        obs_id: Some(obs_id),
        product,
        provider: None,
        note: String::new(),
    };
    let mut dialog = Dialog::new(format!("Note about {about}"), Act::Note(request), Danger::Acts);
    dialog.lines = vec!["whoever looks at it, and at the report of the shift, reads it".to_owned()];
    dialog.field = Field::Note;
    app.layer = Some(Layer::Dialog(Box::new(dialog)));
    vec![]
}
