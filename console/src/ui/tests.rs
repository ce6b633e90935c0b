//! Every view in every size, in colours, without colours and in ASCII.
//!
//! A snapshot is the text of the screen; below it, for the coloured and the mono one, stand the rows again with a
//! letter for the style of each cell, so that a colour that changes its meaning is seen.

use super::Look;
use super::glyphs::Charset;
use super::theme::{Background, Depth};
use crate::app::App;
use crate::app::fixture::{empty, night, now, typed};
use crate::keys::REGISTRY;
use crate::model::{Failure, LinkState, Peer, Update};
use jiff::SignedDuration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use ratatui::style::Style;
use serde_json::json;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

fn looks() -> [(&'static str, Look); 3] {
    let look = |depth, charset| Look::new(depth, Background::Dark, charset);
    [
        ("colour", look(Depth::True, Charset::Utf8)),
        ("mono", look(Depth::Mono, Charset::Utf8)),
        ("ascii", look(Depth::Mono, Charset::Ascii)),
    ]
}

fn drawn(app: &mut App, (width, height): (u16, u16)) -> Buffer {
    app.size = Size::new(width, height);
    app.settle(app.now);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| super::draw(frame, app)).unwrap();
    terminal.backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let row = |cells: &[ratatui::buffer::Cell]| {
        cells
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect::<String>()
    };
    buffer.content.chunks(width).map(row).collect()
}

fn text(buffer: &Buffer) -> String {
    let rows = rows(buffer);
    rows.iter()
        .map(|row| row.trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}

/// A letter for each style, in the order in which they appear; `.` is none.
fn styles(buffer: &Buffer) -> String {
    let mut known: Vec<Style> = vec![Style::reset()];
    let mut letter = |style: Style| {
        let index = known.iter().position(|other| *other == style).unwrap_or_else(|| {
            known.push(style);
            known.len() - 1
        });
        char::from(b".abcdefghijklmnopqrstuvwxyz"[index.min(26)])
    };
    let width = usize::from(buffer.area.width);
    let rows: Vec<String> = buffer
        .content
        .chunks(width)
        .map(|cells| cells.iter().map(|cell| letter(cell.style())).collect::<String>())
        .collect();
    let legend = known.iter().enumerate().skip(1).map(|(index, style)| {
        let letter = char::from(b".abcdefghijklmnopqrstuvwxyz"[index.min(26)]);
        format!("{letter} = {:?} {:?}", style.fg, style.add_modifier)
    });
    rows.iter()
        .map(|row| row.trim_end_matches('.').to_owned())
        .chain(legend)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Snapshots of what the keys lead to, in all sizes and looks.
fn snapshots(name: &str, keys: &str, start: fn() -> App) {
    for (width, height) in SIZES {
        for (kind, look) in looks() {
            let mut app = start();
            app.look = look;
            app.size = Size::new(width, height);
            typed(&mut app, keys);
            let buffer = drawn(&mut app, (width, height));
            let name = format!("{name}_{width}x{height}_{kind}");
            let shown = match kind {
                "ascii" => text(&buffer),
                _ => format!(
                    "{}\n{}\n{}",
                    text(&buffer),
                    "=".repeat(usize::from(width)),
                    styles(&buffer)
                ),
            };
            assert!(kind != "ascii" || shown.is_ascii(), "{name}: {shown}");
            insta::assert_snapshot!(name, shown);
        }
    }
}

#[test]
fn overview() {
    snapshots("overview", "n", night);
}

#[test]
fn retry_question() {
    snapshots("retry", "nr", night);
}

#[test]
fn help() {
    snapshots("help", "?", night);
}

#[test]
fn palette() {
    snapshots("palette", ":ret", night);
}

#[test]
fn find() {
    snapshots("find", "o2611231", night);
}

#[test]
fn failures_as_the_tab() {
    snapshots("failures", "3", night);
}

#[test]
fn services_zoomed() {
    snapshots("services", "4z", night);
}

#[test]
fn events_filtered() {
    snapshots("events", "5/conductor<Enter>", night);
}

#[test]
fn observation() {
    snapshots("observation", "o2401<Enter><Enter>", night);
}

#[test]
fn observation_with_its_timeline_as_the_tab() {
    snapshots("timeline", "o2401<Enter><Enter>gt", night);
}

#[test]
fn all_lines_of_the_graph() {
    snapshots("lines", "o2401<Enter><Enter>zF", night);
}

#[test]
fn all_that_is_known_of_a_cell() {
    snapshots("detail", "o2401<Enter><Enter>2z", night);
}

#[test]
fn what_is_stored_of_a_cell_and_what_its_pipeline_wrote() {
    snapshots("stored", "o2401<Enter><Enter>2zGG", || {
        let mut app = night();
        crate::app::fixture::stored(&mut app);
        app
    });
}

#[test]
fn what_a_cell_blocks_is_not_cut_from_its_sentence() {
    let mut app = night();
    typed(&mut app, "o2401<Enter>n");
    let all = app.sentence().unwrap();
    assert_eq!(
        all,
        "QPO_VT of sb26112401 failed 3/3: no calibration: OBATT_VT v1 is of another day, blocks 1"
    );
    assert_eq!(
        app.sentence_within(60).unwrap(),
        "QPO_VT of sb26112401 failed 3/3: no calibration: …, blocks 1"
    );
}

#[test]
fn what_was_made_without_an_optional_input_has_a_sign_of_its_own() {
    let mut app = night();
    assert_eq!(app.live().degraded(), 2);
    let shown = rows(&drawn(&mut app, (120, 36)));
    assert!(shown[1].contains("◐2 degraded"), "{}", shown[1]);
    let row = shown.iter().find(|row| row.contains("sb26112302")).unwrap();
    assert_eq!(
        row.matches('◐').count(),
        2,
        "in the words and in the matrix: {row}"
    );
}

#[test]
fn why() {
    snapshots("why", "o2401<Enter>nw", night);
}

#[test]
fn cancel_question() {
    snapshots("cancel", "2K", night);
}

#[test]
fn a_product_by_hand_in_json() {
    snapshots("form", "o2401<Enter>nt{\"bins\": ", night);
}

#[test]
fn a_product_by_hand_with_the_parameters_of_its_pipeline() {
    snapshots("form_typed", "o2401<Enter>ntx<Tab>by hand<S-Tab>", || {
        let mut app = night();
        crate::app::fixture::offers(&mut app);
        app
    });
}

#[test]
fn a_product_by_hand_is_picked_from_the_graph() {
    snapshots("form_picked", "t<Up><Up>lcecl<Down>", night);
}

#[test]
fn who_makes_a_product_is_picked_from_the_graph() {
    let keys = "o2401<Enter>nt<Up><Up><Up><Up><Up><C-u>vhfpipe<Down>";
    snapshots("form_provider", keys, night);
}

fn asked() -> App {
    let mut app = night();
    crate::app::fixture::pages(&mut app);
    app
}

#[test]
fn providers() {
    snapshots("providers", "gp", night);
}

#[test]
fn runs() {
    snapshots("runs", "gl", asked);
}

#[test]
fn report_of_the_shift() {
    snapshots("report", "gR", asked);
}

#[test]
fn alerts_open_and_past() {
    snapshots("alerts", "ga", asked);
}

#[test]
fn a_product_that_is_asked_for() {
    snapshots("product", "o2401<Enter>p", night);
}

#[test]
fn nothing_known_and_cut_off() {
    snapshots("cut_off", "", || {
        let mut app = empty();
        let down = LinkState {
            error: Some("refused".to_owned()),
            ..LinkState::default()
        };
        for peer in [Peer::Nats, Peer::Conductor] {
            let _ = app.hear(
                now() - jiff::SignedDuration::from_secs(42),
                Update::Link(peer, down.clone()),
            );
        }
        app.now = now();
        app
    });
}

#[test]
fn after_a_prefix() {
    snapshots("which_key", "s", night);
}

#[test]
fn a_terminal_that_is_too_small_still_shows_what_matters() {
    let shown = text(&drawn(&mut night(), (50, 12)));
    for product in ["QPO_VT", "QCAT_ECL", "QFLU_ECLGRM"] {
        assert!(shown.contains(product), "{shown}");
    }
    for (width, height) in [(1, 1), (20, 2), (59, 15), (60, 16), (300, 5)] {
        drawn(&mut night(), (width, height));
    }
}

#[test]
fn the_prompt_of_a_filter_says_which_columns_there_are_and_what_is_wrong() {
    let last = |keys: &str, lines: usize| {
        let mut app = night();
        typed(&mut app, keys);
        let rows = rows(&drawn(&mut app, (80, 24)));
        let rows = rows[rows.len() - lines..]
            .iter()
            .map(|row| row.trim_end().to_owned());
        rows.collect::<Vec<String>>()
    };
    assert_eq!(
        last("3/", 1),
        [" Failures /    Tab state: product: provider: obs: reason: by: since: * !"]
    );
    // What is right is told to its end.
    assert_eq!(
        last("3/stat:x", 2),
        [
            " no column stat here; there are state, product, provider, obs, reason, by, since",
            " Failures / stat:x   Tab state: product: provider: obs: reason: by: since: * !",
        ]
    );
    let states = last("3/state:fialed", 4);
    assert!(
        states[0].starts_with(" no state is fialed; there are "),
        "{states:?}"
    );
    assert!(states[2].ends_with(", late, degraded"), "{states:?}");
}

#[test]
fn every_product_is_visible_at_80x24() {
    let mut app = night();
    let shown = rows(&drawn(&mut app, (80, 24)));
    assert_eq!(app.columns().len(), 40);
    let done = shown.iter().find(|row| row.contains("sb26112309")).unwrap();
    assert_eq!(done.matches('■').count(), 40, "{done}");
}

#[test]
fn a_product_that_another_graph_does_without_is_gone_wherever_the_cursor_was() {
    for keys in [
        "o2401<Enter>n",
        "o2401<Enter>n<Enter>",
        "o2401<Enter>n<Enter>gt",
        "o2401<Enter>nw",
        "o2401<Enter>nr",
        "o2401<Enter>nt",
        "o2401<Enter>np",
        "3",
    ] {
        let mut app = night();
        typed(&mut app, keys);
        drawn(&mut app, (120, 36));
        crate::app::fixture::graph_without(&mut app, "QPO_VT");
        drawn(&mut app, (120, 36));
        assert_eq!(app.columns().len(), 15 + 39, "{keys}");
        let is_gone = app
            .columns()
            .iter()
            .all(|column| column.node.product.as_str() != "QPO_VT");
        assert!(is_gone, "{keys}");
        typed(&mut app, "<Esc><Esc>jkhlG");
        drawn(&mut app, (80, 24));
    }
    let mut app = night();
    typed(&mut app, "o2401<Enter>nt");
    crate::app::fixture::graph_without(&mut app, "QPO_VT");
    assert_eq!(typed(&mut app, "<C-s>"), []);
    let told = app
        .toasts
        .iter()
        .any(|toast| toast.text.contains("the graph makes no such product"));
    assert!(told, "the form does not ask for it any more");
}

#[test]
fn every_action_is_in_the_help_and_in_the_palette() {
    let mut app = night();
    typed(&mut app, "?");
    let mut help = String::new();
    for _ in 0..20 {
        help.push_str(&text(&drawn(&mut app, (120, 36))));
        typed(&mut app, "jjjj");
    }
    for entry in REGISTRY {
        assert!(help.contains(entry.text), "{} is not in the help", entry.name);
        let mut app = night();
        typed(&mut app, &format!(":{}", entry.name));
        let palette = text(&drawn(&mut app, (120, 36)));
        assert!(
            palette.contains(entry.name),
            "{} is not in the palette",
            entry.name
        );
    }
}

fn alert(fingerprint: &str, target: &str, state: &str) -> Update {
    let alert = json!({"kind": "alert", "service": "conductor", "fingerprint": fingerprint, "severity": "critical",
        "title": "failed", "targets": [target], "state": state});
    Update::Activity(Box::new(serde_json::from_value(alert).unwrap()))
}

#[test]
fn an_alert_is_pinned_and_rings() {
    let mut app = night();
    let dirty = app.hear(now(), alert("f", "QPO_VT of sb26112401", "raised"));
    assert!(App::rings(&dirty));
    let shown = text(&drawn(&mut app, (80, 24)));
    assert!(
        shown.lines().nth(2).unwrap().contains("failed: QPO_VT"),
        "{shown}"
    );
    typed(&mut app, "5ga");
    assert_eq!(app.focused_observation().unwrap().to_string(), "sb26112401");
}

#[test]
fn an_alert_that_somebody_has_seen_is_quiet_and_gives_way() {
    let mut app = night();
    let seen = app.live().failures().find(|failure| failure.is_acknowledged());
    let seen = seen.and_then(Failure::fingerprint).unwrap().to_owned();
    let pinned = |app: &mut App| text(&drawn(app, (80, 24))).lines().nth(2).unwrap().to_owned();
    let _ = app.hear(now(), alert("other", "A of 1", "raised"));
    let _ = app.hear(
        now() + SignedDuration::from_secs(1),
        alert(&seen, "B of 2", "raised"),
    );
    let row = pinned(&mut app);
    assert!(row.contains("ALERT") && row.contains("A of 1 (+1)"), "{row}");
    let _ = app.hear(now(), alert("other", "A of 1", "cleared"));
    let row = pinned(&mut app);
    assert!(row.contains("seen by ") && row.contains("B of 2"), "{row}");
}
