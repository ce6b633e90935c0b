//! Acts by key: what is asked before, and what is sent.

use super::super::fixture::{night, now, typed};
use super::super::{App, Effect, Foreseen, Layer};
use super::{cell, toasts};
use crate::link::{Act, CellVerb, Steer};
use crate::model::{ActId, CellId, Ending, Outcome, Update};
use serde_json::json;

/// What was sent and does not only look.
fn sent(effects: Vec<Effect>) -> Vec<Act> {
    let acts = effects.into_iter().filter_map(|effect| {
        let Effect::Send(act) = effect else { return None };
        (!act.is_dry_run()).then_some(*act)
    });
    acts.collect()
}

fn to(verb: CellVerb, cell: CellId) -> Vec<Act> {
    vec![Act::Cells {
        verb,
        cells: vec![cell],
        note: None,
        dry_run: false,
    }]
}

/// A night with this cell under the cursor.
fn at(obs_id: &str, product: &str) -> App {
    let mut app = night();
    app.go_to_cell(&cell(obs_id, product));
    app
}

#[test]
fn each_verb_has_its_key_and_is_sent_by_another() {
    let cases = [
        (("sb26112401", "QXM_MXT"), "K", CellVerb::Cancel),
        (("sb26112401", "QXM_MXT"), "H", CellVerb::Hold),
        (("42", "BURST_SUM"), "H", CellVerb::Release),
        (("42", "BURST_SUM"), "A", CellVerb::Approve),
        (("sb26112401", "QSP_MXT"), "b", CellVerb::Raise(100)),
        (("sb26112401", "BURST_SUM"), "ee", CellVerb::EndGrace),
        (("sb26112401", "BURST_SUM"), "ex", CellVerb::ExtendGrace(None)),
    ];
    for ((obs_id, product), keys, verb) in cases {
        let mut app = at(obs_id, product);
        typed(&mut app, ":rw<Enter>");
        let effects = typed(&mut app, keys);
        assert_eq!(effects.len(), 1, "{keys} asks what it would do");
        assert_eq!(sent(effects), [], "{keys}");
        assert_eq!(sent(typed(&mut app, keys)), [], "{keys} twice");
        assert_eq!(
            sent(typed(&mut app, "y")),
            to(verb, cell(obs_id, product)),
            "{keys}"
        );
    }
}

#[test]
fn what_can_hurt_is_armed_in_its_question() {
    let mut app = at("sb26112401", "QXM_MXT");
    typed(&mut app, "K");
    assert_eq!(sent(typed(&mut app, "y")), []);
    assert!(
        toasts(&app)
            .join("\n")
            .contains("it can hurt: :rw allows it for 10 minutes, and C-r does here")
    );
    typed(&mut app, "<C-r>");
    let sent = sent(typed(&mut app, "y"));
    assert_eq!(sent, to(CellVerb::Cancel, cell("sb26112401", "QXM_MXT")));
}

#[test]
fn more_than_five_are_cancelled_only_by_their_number() {
    let mut app = night();
    typed(&mut app, ":rw<Enter>");
    for product in ["TT_ECL", "QPO_ECL", "QLC_ECL", "QSI_ECL", "QHK_ECL", "TT_GRM"] {
        app.overview.marks.insert(cell("sb26112309", product));
    }
    typed(&mut app, "n");
    assert_eq!(sent(typed(&mut app, "Ky5<Enter>y")), []);
    assert_eq!(sent(typed(&mut app, "<Esc>K6<Enter>y")).len(), 1);
}

#[test]
fn what_it_would_do_is_shown_while_the_question_is_read() {
    let mut app = at("sb26112401", "QXM_MXT");
    let Some(Effect::Send(look)) = typed(&mut app, "K").into_iter().next() else {
        panic!("nothing is asked")
    };
    let id = ActId("a1".to_owned());
    app.sent(id.clone(), *look);
    assert!(toasts(&app).is_empty(), "to look is no act");
    let outcome =
        json!([{"obs_id": "sb26112401", "product": "QXM_MXT", "was": "running", "state": "cancelled"}]);
    let outcome = Outcome {
        act: id,
        verb: "cancel".to_owned(),
        dry_run: true,
        touched: serde_json::from_value(outcome).unwrap(),
        run_id: None,
        said: None,
        why: None,
        ending: Ending::Accepted,
        problems: vec![],
    };
    let _ = app.hear(now(), Update::Outcome(Box::new(outcome)));
    let Some(Layer::Dialog(dialog)) = &app.layer else {
        panic!("the question is gone")
    };
    let Foreseen::Known(lines) = &dialog.foreseen else {
        panic!("{:?}", dialog.foreseen)
    };
    assert_eq!(
        lines,
        &[
            "the conductor would touch 1 of 1",
            "  QXM_MXT of sb26112401: running, then cancelled"
        ]
    );
}

#[test]
fn a_provider_is_paused_and_resumed_from_its_service_and_from_its_cell() {
    for (keys, verb) in [
        ("P p", Steer::Pause),
        ("P d", Steer::Drain),
        ("P r", Steer::Resume),
    ] {
        let mut app = at("sb26112401", "QXM_MXT");
        typed(&mut app, ":rw<Enter>");
        typed(&mut app, &keys.replace(' ', ""));
        let [
            Act::Steer {
                verb: sent,
                provider,
                note,
            },
        ] = &sent(typed(&mut app, "<Tab>disk<Enter>y"))[..]
        else {
            panic!("{keys}")
        };
        assert_eq!(
            (*sent, provider.as_str(), note.as_deref()),
            (verb, "mxt_vhf_pipeline", Some("disk"))
        );
    }
    let mut app = night();
    typed(&mut app, "4ggPp");
    assert!(
        app.layer.is_none(),
        "the first service is none that makes anything"
    );
    assert!(
        toasts(&app)
            .join("\n")
            .contains("no provider is under the cursor")
    );
}

#[test]
fn a_note_must_say_something_and_what_failed_can_be_acknowledged() {
    let mut app = at("sb26112401", "QPO_VT");
    typed(&mut app, "m<Enter>");
    assert_eq!(sent(typed(&mut app, "y")), []);
    let notes = sent(typed(&mut app, "cold camera<Enter>y"));
    assert!(
        matches!(&notes[..], [Act::Note(note)] if note.note == "cold camera" && note.product.is_some()),
        "{notes:?}"
    );
    let seen = sent(typed(&mut app, "a<Tab>known<Enter>y"));
    let [Act::Acknowledge(request)] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(request.selector.note.as_deref(), Some("known"));
    assert_eq!(
        request.fingerprint.as_deref(),
        Some("failure-QPO_VT"),
        "the cause"
    );
    assert!(request.selector.is_empty(), "and not the cell");
    let mut app = at("sb26112401", "QXM_MXT");
    typed(&mut app, "a");
    assert!(toasts(&app).join("\n").contains("has not failed"));
}

#[test]
fn a_range_is_marked_from_its_one_end_to_the_other() {
    let marked = |app: &App| -> Vec<String> { app.overview.marks.iter().map(ToString::to_string).collect() };
    let mut app = at("sb26112319", "QCAT_ECL");
    typed(&mut app, "<Space>");
    let below = app.focused_cell().unwrap();
    assert_ne!(below.obs_id.to_string(), "sb26112319", "one further");
    typed(&mut app, "l<C-Space>");
    let beside = app.focused_cell().unwrap();
    let mut corners = vec![
        "QCAT_ECL of sb26112319".to_owned(),
        below.to_string(),
        beside.to_string(),
        format!("{} of sb26112319", beside.product),
    ];
    corners.sort();
    let mut found = marked(&app);
    found.sort();
    assert_eq!(found, corners, "a rectangle");
    typed(&mut app, "<Esc>");
    assert!(marked(&app).is_empty());

    let mut app = night();
    typed(&mut app, "2V");
    assert_eq!(marked(&app).len(), 1, "one end");
    assert!(toasts(&app).join("\n").contains("marks all between"));
    typed(&mut app, "GV");
    assert_eq!(marked(&app).len(), 3, "all that runs");
    typed(&mut app, "<C-\\>");
    assert!(marked(&app).is_empty());
    typed(&mut app, "1");
    app.overview.matrix.column = Some("QPO_VT".parse().unwrap());
    typed(&mut app, "gg<C-Space>G<C-Space>");
    let expected = app
        .live()
        .observations()
        .filter_map(|observation| observation.cell(&"QPO_VT".parse().unwrap()));
    assert_eq!(marked(&app).len(), expected.count(), "a column");
    typed(&mut app, "3<C-Space>");
    assert!(
        toasts(&app)
            .join("\n")
            .contains("mark-range: only in Observations, Running")
    );
}
