//! `F4`: who gets the clicks.

use crate::app::{App, Effect, Tone};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    app.takes_mouse = !app.takes_mouse;
    let text = if app.takes_mouse {
        "clicks and the wheel work here; select text with Shift"
    } else {
        "clicks are the terminal's again"
    };
    app.say(Tone::Note, text);
    vec![Effect::Mouse(app.takes_mouse)]
}
