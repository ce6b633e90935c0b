//! What an open view asks for.

use super::cell;
use crate::app::fixture::{night, now, typed};
use crate::model::{Question, Update};
use jiff::SignedDuration;
use serde_json::json;

#[test]
fn what_an_open_view_shows_is_asked_once_and_again_when_it_changes() {
    let mut app = night();
    assert_eq!(app.questions(), []);
    typed(&mut app, "o2401<Enter><Enter>");
    let asked = app.questions();
    let about = Question::Cell(cell("sb26112401", "QPO_VT"));
    let run = Question::Job(
        cell("sb26112401", "QPO_VT"),
        "http://vvpp_pipeline:5000/pipeline".to_owned(),
        "run_4f0c3a6e".parse().unwrap(),
    );
    let timeline = Question::Timeline("sb26112401".parse().unwrap());
    let versions = Question::Versions(cell("sb26112401", "QPO_VT"));
    assert_eq!(asked, [about.clone(), timeline.clone(), versions, run.clone()]);
    assert_eq!(app.questions(), []);
    let again = json!({"kind": "cell", "service": "conductor", "rev": 9, "product": "QPO_VT", "obs_id": "sb26112401",
        "state": "queued", "since": now()});
    let _ = app.hear(
        now(),
        Update::Activity(Box::new(serde_json::from_value(again).unwrap())),
    );
    assert_eq!(app.questions(), [], "not with every word");
    app.settle(now() + SignedDuration::from_secs(2));
    assert_eq!(
        app.questions(),
        [about.clone(), timeline, run],
        "no version is told"
    );
    app.unasked(&about);
    assert_eq!(app.questions(), [about]);
    typed(&mut app, "<Esc>");
    assert_eq!(app.questions(), []);
}
