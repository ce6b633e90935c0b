//! `ga`: to the observation of the newest alert.

use crate::app::{App, Effect, Tone};
use domain::{AlertActivity, ObsId};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let alerts = app.live().alerts().newest_first();
    let Some((_, alert)) = alerts.first() else {
        app.say(Tone::Note, "no alert is open");
        return vec![];
    };
    if let Some(obs_id) = target(app, alert) {
        app.go_to_observation(&obs_id);
    } else {
        let text = format!("the alert names no observation that is here: {}", alert.title);
        app.say(Tone::Note, text);
    }
    vec![]
}

/// Targets are written for people, such as `QPO_VT of 42`: the observation is the last word that is one here.
fn target(app: &App, alert: &AlertActivity) -> Option<ObsId> {
    let words = alert
        .targets
        .iter()
        .flat_map(|target| target.split([' ', '/']).rev());
    let mut ids = words.filter_map(|word| word.parse::<ObsId>().ok());
    ids.find(|obs_id| app.live().observation(obs_id).is_some())
}
