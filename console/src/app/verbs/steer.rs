//! `P`: pause, drain and resume of the provider under the cursor.

use crate::app::{App, Dialog, Effect, Layer, Tone};
use crate::keys::{Danger, Place};
use crate::link::{Act, Steer};
use api::conductor::ProviderView;
use domain::ProviderName;

pub(crate) fn act(app: &mut App, verb: Steer) -> Vec<Effect> {
    let Some(provider) = provider(app) else {
        app.say(
            Tone::Note,
            "no provider is under the cursor, and no cell that one makes",
        );
        return vec![];
    };
    let mut lines = vec![promise(verb).to_owned()];
    let board = app.live().providers().iter();
    lines.extend(board.filter(|view| view.provider == provider).flat_map(told));
    let danger = match verb {
        Steer::Pause | Steer::Drain => Danger::Harms,
        Steer::Resume => Danger::Acts,
    };
    let act = Act::Steer {
        verb,
        provider: provider.clone(),
        note: None,
    };
    let name = verb.name();
    let title = format!("{}{} {}", name[..1].to_uppercase(), &name[1..], provider);
    let mut dialog = Dialog::new(title, act, danger);
    dialog.lines = lines;
    app.layer = Some(Layer::Dialog(Box::new(dialog)));
    vec![]
}

/// The one whose service is under the cursor, or who makes what is.
fn provider(app: &App) -> Option<ProviderName> {
    if app.place() == Place::Services {
        let service = app.overview.services.list.cursor()?;
        let mut nodes = app.live().graph()?.nodes().iter();
        let is_its = |provider: &&ProviderName| provider.as_str() == service.as_str();
        return nodes
            .find_map(|node| node.provider.as_ref().filter(is_its))
            .cloned();
    }
    if app.place() == Place::Providers {
        return app.pages.providers.list.cursor().cloned();
    }
    let cell = app.focused_cell()?;
    app.live().cell(&cell)?.provider().cloned()
}

/// How it is, and who wants it so.
fn told(view: &ProviderView) -> Vec<String> {
    let state = format!("{:?}", view.state).to_lowercase();
    let mut lines = vec![format!(
        "it is {state}, {} at work, {} wait",
        view.in_flight, view.queued
    )];
    if let Some(by) = &view.by {
        let note = view.note.as_deref().unwrap_or("without a note");
        lines.push(format!("so wanted by {by}: {note}"));
    }
    lines
}

fn promise(verb: Steer) -> &'static str {
    match verb {
        Steer::Pause => "nothing more is sent to it until it is resumed; what it has it finishes",
        Steer::Drain => "it finishes what it has and what waits for it; nothing new is begun",
        Steer::Resume => "it is sent again what waits for it",
    }
}
