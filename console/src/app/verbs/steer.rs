//! `P`: pause, drain and resume of the provider under the cursor.

use crate::app::{App, Dialog, Effect, Layer, Tone};
use crate::keys::{Danger, Place};
use crate::link::{Act, Steer};
use api::conductor::ProviderView;
use domain::ProviderName;

pub(crate) fn act(app: &mut App, verb: Steer) -> Vec<Effect> {
    let Some(view) = provider(app) else {
        app.say(
            Tone::Note,
            "no provider is under the cursor, and no cell that one makes",
        );
        return vec![];
    };
    let state = format!("{:?}", view.state).to_lowercase();
    let mut lines = vec![
        promise(verb).to_owned(),
        format!("it is {state}, {} at work, {} wait", view.in_flight, view.queued),
    ];
    if let Some(by) = &view.by {
        let note = view.note.as_deref().unwrap_or("without a note");
        lines.push(format!("so wanted by {by}: {note}"));
    }
    let danger = match verb {
        Steer::Pause | Steer::Drain => Danger::Harms,
        Steer::Resume => Danger::Acts,
    };
    let act = Act::Steer {
        verb,
        provider: view.provider.clone(),
        note: None,
    };
    let name = verb.name();
    let title = format!("{}{} {}", name[..1].to_uppercase(), &name[1..], view.provider);
    let mut dialog = Dialog::new(title, act, danger);
    dialog.lines = lines;
    app.layer = Some(Layer::Dialog(Box::new(dialog)));
    vec![]
}

/// The one whose service is under the cursor, or who makes what is.
fn provider(app: &App) -> Option<&ProviderView> {
    let of_service = || {
        app.overview
            .services
            .list
            .cursor()
            .map(|service| service.as_str().to_owned())
    };
    let of_cell = || {
        let cell = app.focused_cell()?;
        let provider = app.live().cell(&cell)?.provider()?;
        Some(ProviderName::as_str(provider).to_owned())
    };
    let name = if app.place() == Place::Services {
        of_service()
    } else {
        of_cell()
    }?;
    let mut board = app.live().providers().iter();
    board.find(|view| view.provider.as_str() == name)
}

fn promise(verb: Steer) -> &'static str {
    match verb {
        Steer::Pause => "nothing more is sent to it until it is resumed; what it has it finishes",
        Steer::Drain => "it finishes what it has and what waits for it; nothing new is begun",
        Steer::Resume => "it is sent again what waits for it",
    }
}
