//! `:rw` and `:ro`: whether what can hurt is allowed.

use crate::app::{App, Effect, Tone};

pub(crate) fn arm(app: &mut App) -> Vec<Effect> {
    match app.arming.arm(app.now) {
        Ok(()) => app.say(
            Tone::Note,
            "for 10 minutes what can hurt is allowed; :ro forbids it again",
        ),
        Err(why_not) => app.say(Tone::Bad, why_not),
    }
    vec![]
}

pub(crate) fn disarm(app: &mut App) -> Vec<Effect> {
    app.arming.disarm();
    app.say(Tone::Note, "what can hurt is forbidden again");
    vec![]
}
