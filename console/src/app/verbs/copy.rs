//! `c`: the id under the cursor, for a chat or a shift log.

use crate::app::{App, Effect, Tone};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    if let Some(text) = app.focused_id() {
        return vec![Effect::Copy(text)];
    }
    app.say(Tone::Note, "nothing is under the cursor");
    vec![]
}
