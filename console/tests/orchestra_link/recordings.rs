//! A night on file, and the same night again.

use crate::screen::{Screen, known, orchestra, settings};
use console::link::Linked;
use console::model::EventKind;
use domain::CellState;
use service_kit::Shutdown;
use std::path::PathBuf;

#[tokio::test]
async fn a_recorded_night_is_seen_again() {
    let orchestra = orchestra(&[]).await;
    let path = orchestra.folder().join("night.jsonl");
    let mut recorded = settings(&orchestra);
    recorded.record = Some(path.clone());
    let screen = Screen::open(recorded).await;
    orchestra
        .publish("data.vhf", br#"{"product":"EclTmVhfAlert","obs_id":42}"#)
        .await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;
    screen.until_agreed(&orchestra).await;
    let seen = screen.see(known);
    drop(screen);

    // A line that was cut off in the middle ends it.
    let night = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{night}{{\"at\":")).unwrap();
    let shutdown = Shutdown::default();
    let again = Screen::of(Linked::replay(&path, 1000.0, &shutdown).unwrap(), &shutdown);
    let end = |model: &console::model::Model| {
        let last = model.events().iter().next_back();
        last.is_some_and(|(_, event)| event.kind == EventKind::Console && event.text.contains("breaks off"))
    };
    again.until(end).await;
    assert_eq!(again.see(known), seen);
}

#[tokio::test]
async fn a_full_disk_ends_the_recording_and_nothing_else() {
    let orchestra = orchestra(&[]).await;
    let mut recorded = settings(&orchestra);
    recorded.record = Some(PathBuf::from("/dev/full"));
    let screen = Screen::open(recorded).await;
    let is_told = |model: &console::model::Model| {
        let mut events = model.events().iter();
        events.any(|(_, event)| {
            event.kind == EventKind::Console && event.text.starts_with("the recording ended")
        })
    };
    screen.until(is_told).await;
    orchestra
        .publish("data.vhf", br#"{"product":"EclTmVhfAlert","obs_id":42}"#)
        .await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;
}

#[test]
fn what_is_no_recording_is_refused() {
    let shutdown = Shutdown::default();
    let folder = std::env::temp_dir();
    let refused = |path: PathBuf| Linked::replay(&path, 1.0, &shutdown).unwrap_err().to_string();
    assert!(refused(folder.join("nothing-is-here.jsonl")).contains("cannot be read"));
    assert!(refused(PathBuf::from("/dev/null")).contains("is empty"));
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    assert!(refused(manifest).contains("is no recording of this console"));
}
