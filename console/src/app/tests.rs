//! What keys do to a night, without a terminal.

mod acts;
mod form;
mod questions;

use super::fixture::{empty, night, now, typed};
use super::{ARMED_FOR, Effect, Layer, Tone};
use crate::keys::Place;
use crate::link::{Act, CellVerb};
use crate::model::{ActId, CellId, Ending, LinkState, Outcome, Peer, Update};
use serde_json::json;

fn cell(obs_id: &str, product: &str) -> CellId {
    CellId {
        obs_id: obs_id.parse().unwrap(),
        product: product.parse().unwrap(),
    }
}

fn toasts(app: &super::App) -> Vec<&str> {
    app.toasts.iter().map(|toast| &*toast.text).collect()
}

fn retried(effects: &[Effect]) -> Vec<CellId> {
    let mut all = Vec::new();
    for effect in effects {
        let Effect::Send(act) = effect else { continue };
        if let Act::Cells {
            verb: CellVerb::Retry { force: false, .. },
            cells,
            dry_run: false,
            ..
        } = &**act
        {
            all.extend(cells.clone());
        }
    }
    all
}

#[test]
fn nine_keys_find_and_retry_what_failed_of_a_burst() {
    let mut app = night();
    let keys = "o2401<Enter>nry";
    assert_eq!(retried(&typed(&mut app, keys)), [cell("sb26112401", "QPO_VT")]);
    assert!(app.layer.is_none());
}

#[test]
fn what_is_sent_is_what_was_shown_and_what_it_is_for() {
    let mut app = night();
    typed(&mut app, "o2322<Enter>nr<Tab>new disk<Enter>");
    // Meanwhile the cell is done, and another comes under the cursor: the list was frozen.
    let done = json!({"kind": "cell", "service": "conductor", "rev": 9, "product": "QCAT_ECL", "obs_id": "sb26112322",
        "state": "done", "since": now()});
    let _ = app.hear(
        now(),
        Update::Activity(Box::new(serde_json::from_value(done).unwrap())),
    );
    app.settle(now());
    let effects = typed(&mut app, "y");
    assert_eq!(retried(&effects), [cell("sb26112322", "QCAT_ECL")]);
    let [Effect::Send(act)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(matches!(&**act, Act::Cells { note: Some(note), .. } if note == "new disk"));
}

#[test]
fn only_y_sends() {
    for keys in [
        "r", "rr", "r<Enter>", "r<Esc>y", "r<Space>", "rn", "rq", "r<Tab>y",
    ] {
        let mut app = night();
        assert_eq!(typed(&mut app, &format!("n{keys}")), [], "{keys}");
    }
}

#[test]
fn groups_are_retried_as_groups() {
    for (keys, count) in [
        ("o2319<Enter>nRoy", 1),
        ("o2319<Enter>nRpy", 3),
        ("o2319<Enter>nRfy", 2),
        ("3Rfy", 1),
    ] {
        assert_eq!(retried(&typed(&mut night(), keys)).len(), count, "{keys}");
    }
    let mut app = night();
    typed(&mut app, "o2322<Enter>n<Space>o2319<Enter>n<Space>");
    let marked = retried(&typed(&mut app, "ry"));
    assert_eq!(
        marked,
        [cell("sb26112322", "QCAT_ECL"), cell("sb26112319", "QCAT_ECL")]
    );
}

#[test]
fn what_did_not_fail_is_not_retried_and_why_is_said() {
    let mut app = night();
    typed(&mut app, "2r");
    assert!(app.layer.is_none());
    let told = toasts(&app).join("\n");
    assert!(
        told.contains("QFLU_ECLGRM of 42 is running: only what failed"),
        "{told}"
    );
}

#[test]
fn a_key_that_does_nothing_says_why() {
    let mut app = night();
    typed(&mut app, "5xJgx");
    let told = toasts(&app).join("\n");
    assert!(told.contains("problems: only in Observations"), "{told}");
    assert!(told.contains("J does nothing here"), "{told}");
    assert!(told.contains("gx does nothing here"), "{told}");
}

#[test]
fn who_is_cut_off_or_reads_only_sends_nothing() {
    let mut app = night();
    let _ = app.hear(now(), Update::Link(Peer::Conductor, LinkState::default()));
    assert_eq!(typed(&mut app, "nry"), []);
    assert!(
        toasts(&app)
            .join("\n")
            .contains("the conductor cannot be reached")
    );
    let mut app = night();
    app.arming = super::Arming::new(true);
    assert_eq!(typed(&mut app, "nry"), []);
    typed(&mut app, ":rw<Enter>");
    assert_eq!(app.arming.left(now()), None);
}

#[test]
fn arming_is_for_a_while_and_by_the_palette_too() {
    let mut app = night();
    typed(&mut app, ":rw<Enter>");
    assert_eq!(app.arming.left(now()), Some(ARMED_FOR));
    typed(&mut app, ":ro<Enter>");
    assert_eq!(app.arming.left(now()), None);
    assert_eq!(typed(&mut app, ":q<Enter>"), [Effect::Quit]);
}

#[test]
fn the_palette_goes_around_no_question() {
    let mut app = night();
    assert_eq!(typed(&mut app, "n:retry<Enter>"), []);
    assert!(matches!(app.layer, Some(Layer::Dialog(_))));
    assert_eq!(retried(&typed(&mut app, "y")).len(), 1);
}

#[test]
fn a_filter_shows_less_and_esc_shows_all_again() {
    let mut app = night();
    typed(&mut app, "/mxt");
    assert_eq!(app.overview.matrix.rows.list.rows().len(), 0);
    typed(&mut app, "<Esc>");
    assert_eq!(app.overview.matrix.rows.list.rows().len(), 9);
    typed(&mut app, "/qcat<Enter>");
    assert_eq!(app.overview.matrix.rows.list.rows().len(), 2);
    typed(&mut app, "/ !2319<Enter>");
    assert_eq!(app.overview.matrix.rows.list.rows().len(), 1);
    typed(&mut app, "<Esc>x");
    assert_eq!(app.overview.matrix.rows.list.rows().len(), 5);
}

#[test]
fn under_the_cursor_nothing_moves_until_it_is_let_go() {
    let mut app = night();
    typed(&mut app, "jj");
    let before = app.overview.matrix.rows.list.rows().to_vec();
    let failed = json!({"kind": "cell", "service": "conductor", "rev": 9, "product": "QCAT_ECL", "obs_id": "sb26112309",
        "state": "quarantined", "since": now()});
    let _ = app.hear(
        now(),
        Update::Activity(Box::new(serde_json::from_value(failed).unwrap())),
    );
    app.settle(now());
    let list = &app.overview.matrix.rows.list;
    assert_eq!(list.rows(), before);
    assert!(list.displaced() > 0);
    let cursor = list.cursor().cloned();
    typed(&mut app, ".");
    let list = &app.overview.matrix.rows.list;
    assert_ne!(list.rows(), before);
    assert_eq!((list.displaced(), list.cursor()), (0, cursor.as_ref()));
}

#[test]
fn a_frozen_screen_shows_what_was_and_acts_on_what_is() {
    let mut app = night();
    typed(&mut app, "Z");
    let done = json!({"kind": "cell", "service": "conductor", "rev": 9, "product": "QPO_VT", "obs_id": "sb26112401",
        "state": "done", "since": now()});
    let _ = app.hear(
        now(),
        Update::Activity(Box::new(serde_json::from_value(done).unwrap())),
    );
    app.settle(now());
    let cell = cell("sb26112401", "QPO_VT");
    let state = |model: &crate::model::Model| model.cell(&cell).unwrap().state().to_string();
    assert_eq!(
        (state(app.model()), state(app.live())),
        ("failed".to_owned(), "done".to_owned())
    );
    typed(&mut app, "o2401<Enter>n");
    assert_eq!(typed(&mut app, "ry"), []);
    typed(&mut app, "Z");
    assert_eq!(state(app.model()), "done");
}

#[test]
fn lists_lead_to_their_cells() {
    let mut app = night();
    typed(&mut app, "3<Enter>");
    assert_eq!(app.place(), Place::Graph);
    assert_eq!(app.focused_cell(), Some(cell("sb26112401", "QPO_VT")));
    typed(&mut app, "<Esc>");
    assert_eq!(app.place(), Place::Failures);
    typed(&mut app, "2j<Enter>");
    assert_eq!(app.focused_cell(), Some(cell("sb26112401", "QLC_MXT")));
    assert_eq!(typed(&mut app, "c"), [Effect::Copy("sb26112401".to_owned())]);
}

#[test]
fn events_are_held_where_the_cursor_is_and_follow_again_at_the_end() {
    let mut app = night();
    typed(&mut app, "5k");
    let held = app.overview.events.at.unwrap();
    typed(&mut app, "kk");
    assert_eq!(app.overview.events.at, Some(held - 2));
    typed(&mut app, "jjjj");
    assert_eq!(app.overview.events.at, None);
    typed(&mut app, "f");
    assert_eq!(app.overview.events.at, Some(held + 1));
    typed(&mut app, "gg");
    assert_eq!(app.overview.events.at, Some(0));
    typed(&mut app, "G");
    assert_eq!(app.overview.events.at, None);
}

#[test]
fn what_changed_since_the_last_look_is_found() {
    let mut app = night();
    typed(&mut app, "==");
    typed(&mut app, "=");
    assert_eq!(app.overview.matrix.rows.list.rows().len(), 0);
    let done = json!({"kind": "cell", "service": "conductor", "rev": 9, "product": "QPO_VT", "obs_id": "sb26112401",
        "state": "done", "since": now()});
    let _ = app.hear(
        now(),
        Update::Activity(Box::new(serde_json::from_value(done).unwrap())),
    );
    app.settle(now());
    assert_eq!(app.overview.matrix.rows.list.rows().len(), 1);
}

#[test]
fn an_act_is_told_when_it_is_answered_and_not_before() {
    let mut app = night();
    let effects = typed(&mut app, "o2401<Enter>nry");
    let Some(Effect::Send(act)) = effects.into_iter().next() else {
        panic!("nothing is sent")
    };
    let id = ActId("a1".to_owned());
    app.sent(id.clone(), *act);
    assert!(
        app.sentence().unwrap().contains("retry asked 04:12:30"),
        "{:?}",
        app.sentence()
    );
    let problem = (Some(cell("sb26112401", "QPO_VT")), "409: it is held".to_owned());
    let outcome = Outcome {
        act: id,
        verb: "retry".to_owned(),
        dry_run: false,
        touched: vec![],
        run_id: None,
        said: None,
        why: None,
        ending: Ending::Refused,
        problems: vec![problem],
    };
    let _ = app.hear(now(), Update::Outcome(Box::new(outcome)));
    let told: Vec<(Tone, &str)> = app
        .toasts
        .iter()
        .map(|toast| (toast.tone, &*toast.text))
        .collect();
    assert_eq!(
        told,
        [(Tone::Bad, "retry: refused: QPO_VT of sb26112401: 409: it is held")]
    );
    assert!(!app.sentence().unwrap().contains("asked"));
}

#[test]
fn no_key_hurts_a_screen_that_knows_nothing() {
    let mut app = empty();
    let keys = "jkhlGggnNrRoRpRf<Space><Enter>xxzz==c12345k<Tab><S-Tab>.sasnsiso<C-d><C-u>fga:<Esc>?<Esc>/a<Enter><Esc>o2<Enter>ZZ";
    let effects = typed(&mut app, keys);
    assert_eq!(effects, []);
}

#[test]
fn an_observation_opens_at_what_most_wants_attention() {
    let mut app = night();
    typed(&mut app, "o2322<Enter><Enter>");
    assert_eq!(app.place(), Place::Graph);
    assert_eq!(app.focused_cell(), Some(cell("sb26112322", "QCAT_ECL")));
    typed(&mut app, "n");
    assert_eq!(app.focused_cell(), Some(cell("sb26112319", "QCAT_ECL")));
    typed(&mut app, "o2401<Enter>");
    assert_eq!(app.focused_cell(), Some(cell("sb26112401", "QPO_VT")));
    assert_eq!(retried(&typed(&mut app, "ry")), [cell("sb26112401", "QPO_VT")]);
    typed(&mut app, "<Esc>");
    assert_eq!(app.place(), Place::Matrix);
}

#[test]
fn the_cursor_moves_in_the_graph_and_the_panes_of_a_view_are_its_own() {
    let mut app = night();
    typed(&mut app, "o2401<Enter><Enter>l");
    assert_ne!(app.focused_cell(), Some(cell("sb26112401", "QPO_VT")));
    typed(&mut app, "h");
    let before = app.focused_cell();
    typed(&mut app, "jk");
    assert_eq!(app.focused_cell(), before);
    typed(&mut app, "3gg");
    let first = app
        .model()
        .graph()
        .unwrap()
        .nodes()
        .iter()
        .find(|node| !node.is_input());
    let first = cell("sb26112401", first.unwrap().product.as_str());
    assert_eq!((app.place(), app.focused_cell()), (Place::Timeline, Some(first)));
    typed(&mut app, "5");
    assert!(toasts(&app).join("\n").contains("there is no pane 5 here"));
    typed(&mut app, "<Tab><Tab>");
    assert_eq!(app.place(), Place::Graph);
    typed(&mut app, "gf");
    assert_eq!(app.place(), Place::Failures);
    typed(&mut app, "gt");
    assert_eq!(app.place(), Place::Timeline);
}

#[test]
fn why_is_told_from_any_pane() {
    for keys in ["o2401<Enter>nw", "3w", "3<Enter>3w"] {
        let mut app = night();
        typed(&mut app, keys);
        assert!(
            matches!(&app.layer, Some(Layer::Why(about, 0)) if *about == cell("sb26112401", "QPO_VT")),
            "{keys}"
        );
        typed(&mut app, "jj<Esc>");
        assert!(app.layer.is_none());
    }
    let mut app = night();
    typed(&mut app, "4w");
    assert!(toasts(&app).join("\n").contains("no cell is under the cursor"));
}
