//! `note`, `notes`: what operators found worth knowing.

use crate::args::{Note, Notes};
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use api::conductor::{NoteQuery, NoteRequest, NoteView};
use jiff::Timestamp;
use std::process::ExitCode;

/// Leaves one.
pub(super) async fn leave(session: &Session, verb: Note, output: &mut Output) -> anyhow::Result<ExitCode> {
    let request = NoteRequest {
        obs_id: verb.which.obs_id,
        product: verb.which.product,
        provider: verb.which.provider,
        note: verb.text,
    };
    let note = session.conductor()?.leave_note(&request).await;
    let note = note.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&note)?;
    } else {
        output.line(format!("noted about {} by {}", about(&note), note.by))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists them.
pub(super) async fn list(session: &Session, verb: Notes, output: &mut Output) -> anyhow::Result<ExitCode> {
    let query = NoteQuery {
        obs_id: verb.obs_id,
        product: verb.product,
        provider: verb.provider,
    };
    let notes = session.conductor()?.notes(&query).await;
    let notes = notes.map_err(|error| session.explain(error))?;
    if output.json {
        output.document(&notes)?;
    } else if notes.items.is_empty() {
        output.line("no such note")?;
    } else {
        output.table(&table(&notes.items, output.now))?;
        if notes.next.is_some() {
            output.line(format!("the last {} of more", notes.items.len()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(notes: &[NoteView], now: Timestamp) -> Table {
    let mut table = Table::new(["AT", "BY", "ABOUT", "NOTE"]);
    for note in notes {
        table.row([
            (cells::when(note.at, now), Ink::Dim),
            (note.by.clone(), Ink::Plain),
            (about(note), Ink::Plain),
            (note.note.clone(), Ink::Plain),
        ]);
    }
    table
}

/// `QPO_ECL of 42 at qpo_ecl_pipeline`, as far as it is named.
fn about(note: &NoteView) -> String {
    let of = match (&note.product, &note.obs_id) {
        (Some(product), Some(obs_id)) => format!("{product} of {obs_id}"),
        (Some(product), None) => product.to_string(),
        (None, Some(obs_id)) => obs_id.to_string(),
        (None, None) => String::new(),
    };
    match &note.provider {
        Some(provider) if of.is_empty() => provider.to_string(),
        Some(provider) => format!("{of} at {provider}"),
        None => of,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_note_says_what_it_is_about() {
        let about = |what: &str| {
            let json = format!(r#"{{"at":"2026-11-24T04:00:00Z","by":"ada","note":"n",{what}}}"#);
            super::about(&serde_json::from_str(&json).unwrap())
        };
        assert_eq!(about(r#""obs_id":42,"product":"QPO_ECL""#), "QPO_ECL of 42");
        assert_eq!(about(r#""product":"QPO_ECL","provider":"p""#), "QPO_ECL at p");
        assert_eq!(about(r#""provider":"p""#), "p");
        assert_eq!(about(r#""obs_id":42"#), "42");
    }
}
