//! Every kind in every size and charset, and whatever bytes may come.

use super::content::Content;
use super::{ProductView, draw};
use crate::ui::Look;
use crate::ui::glyphs::Charset;
use crate::ui::theme::{Background, Depth};
use api::sdb::ProductRecord;
use proptest::prelude::*;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use serde_json::{Value, json};

/// The page that describes what is drawn, with an example of each.
const PRODUCTS: &str = include_str!("../../../../docs/products.md");

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

const CHARSETS: [(&str, Charset); 2] = [("utf8", Charset::Utf8), ("ascii", Charset::Ascii)];

fn record(size: usize, content_type: &str) -> ProductRecord {
    let record = json!({
        "obs_id": "sb26022501", "product": "QPO_ECL", "version": 2, "size": size, "content_type": content_type,
        "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "created_at": "2026-11-24T04:09:00Z", "href": "http://sdb/products/sb26022501/QPO_ECL?version=2",
        "burst_id": "sb26022501", "meta": {"preliminary": true},
        "provenance": {"run_id": "run_5d7c", "attempt": 2, "provider": "qpo_ecl_pipeline", "software_version": "2.4.1",
            "inputs": [{"product": "EclTmVhfAlert", "version": 3, "source": "vhf"}], "missing": ["SVO-ATT-VHF"]},
    });
    serde_json::from_value(record).unwrap()
}

fn view(bytes: &[u8], content_type: &str) -> ProductView {
    ProductView::new(record(bytes.len(), content_type), bytes)
}

fn of(document: &Value) -> ProductView {
    view(document.to_string().as_bytes(), "application/json")
}

fn look(charset: Charset) -> Look {
    Look::new(Depth::Mono, Background::Dark, charset)
}

fn drawn(view: &ProductView, (width, height): (u16, u16), charset: Charset) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    draw(&mut buffer, area, view, &look(charset));
    let row = |cells: &[Cell]| {
        cells
            .iter()
            .map(Cell::symbol)
            .collect::<String>()
            .trim_end()
            .to_owned()
    };
    let rows: Vec<String> = buffer.content.chunks(width.into()).map(row).collect();
    rows.join("\n")
}

fn examples() -> Vec<Value> {
    PRODUCTS
        .split("```json\n")
        .skip(1)
        .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap())
        .collect()
}

#[test]
fn the_examples_of_the_page_are_recognised() {
    let names: Vec<&str> = examples()
        .iter()
        .map(|example| of(example).content().name())
        .collect();
    assert_eq!(
        names,
        ["light curve", "spectrum", "spectrum", "position", "candidates"]
    );
}

/// A burst of two bands, as mock-pipeline makes it.
fn light_curve() -> Value {
    let counts = |peak: f64, decay: f64| {
        let one = |bin: i32| {
            let since = f64::from(bin - 24) / 2.0;
            let noise = f64::from((bin * 7919) % 13) - 6.0;
            let burst = if since < 0.0 {
                0.0
            } else {
                peak * (-since / decay).exp()
            };
            (40.0 + noise + burst).round()
        };
        (0..96).map(one).collect::<Vec<f64>>()
    };
    json!({"schema": "light-curve/1", "data": {
        "instrument": "ECLAIRs", "t0": "2026-02-25T03:18:45.1Z", "start_s": -12.0, "bin_s": 0.5,
        "bands": [
            {"low_kev": 4.0, "high_kev": 20.0, "background": 40.0, "counts": counts(500.0, 6.0)},
            {"low_kev": 20.0, "high_kev": 120.0, "background": 40.0, "counts": counts(300.0, 3.0)},
        ],
    }})
}

fn position(ra: f64, dec: f64, error: f64) -> Value {
    json!({"schema": "position/1", "data": {
        "instrument": "ECLAIRs", "time": "2026-02-25T03:18:45.1Z", "ra_deg": ra, "dec_deg": dec,
        "error_deg": error, "confidence": 0.9, "snr": 42.0,
    }})
}

/// Each kind as it usually is.
fn usual() -> Vec<(&'static str, ProductView)> {
    let spectrum = examples().swap_remove(1);
    let candidates = examples().swap_remove(4);
    let mut crab = of(&position(83.633_2, 22.014_5, 0.185));
    crab.toggle_ecliptic();
    let mut recorded = of(&json!({"quality": 0.9}));
    recorded.toggle_record();
    let fits = format!(
        "{:<80}{:<80}",
        "SIMPLE  =                    T", "BITPIX  =                  -32"
    );
    vec![
        ("light_curve", of(&light_curve())),
        ("spectrum", of(&spectrum)),
        ("position", crab),
        ("large_circle", of(&position(355.0, -60.0, 25.0))),
        ("candidates", of(&candidates)),
        ("json", of(&examples()[1]["data"])),
        ("record", recorded),
        ("hex", view(fits.as_bytes(), "application/fits")),
    ]
}

#[test]
fn every_kind_looks_as_it_should() {
    for (name, view) in usual() {
        for size in SIZES {
            for (charset_name, charset) in CHARSETS {
                let name = format!("{name}_{}x{}_{charset_name}", size.0, size.1);
                insta::assert_snapshot!(name, drawn(&view, size, charset));
            }
        }
    }
}

#[test]
fn ascii_is_ascii() {
    for (name, view) in usual() {
        for size in SIZES {
            assert!(drawn(&view, size, Charset::Ascii).is_ascii(), "{name}");
        }
    }
}

#[test]
fn a_document_that_breaks_its_schema_is_folded_json() {
    let mut broken = light_curve();
    broken["data"]["bin_s"] = json!(0.0);
    let mut nowhere = position(10.0, 91.0, 1.0);
    let mut uneven = examples().swap_remove(1);
    uneven["data"]["edges_kev"] = json!([1.0, 2.0]);
    for document in [
        &broken,
        &nowhere,
        &uneven,
        &json!({"schema": "light-curve/2", "data": {}}),
        &json!([1]),
    ] {
        assert!(matches!(of(document).content(), Content::Json(_)), "{document}");
    }
    nowhere["data"]["dec_deg"] = json!(89.0);
    assert!(matches!(of(&nowhere).content(), Content::Position(_)));
}

#[test]
fn half_a_document_is_bytes() {
    let whole = light_curve().to_string();
    let half = ProductView::new(
        record(whole.len(), "application/json"),
        &whole.as_bytes()[..whole.len() / 2],
    );
    assert!(matches!(half.content(), Content::Hex(_)));
}

#[test]
fn the_last_bytes_can_be_reached_in_rows_of_any_length() {
    let bytes: Vec<u8> = (0..1000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    for size in [(80, 24), (60, 24)] {
        let mut view = view(&bytes, "application/octet-stream");
        view.step(1_000_000);
        // Where the last sixteen begin.
        assert!(
            drawn(&view, size, Charset::Ascii).contains("\n0003e0 "),
            "{size:?}"
        );
        view.step(-1_000_000);
        assert!(
            drawn(&view, size, Charset::Ascii).contains("\n000000 "),
            "{size:?}"
        );
    }
}

/// Numbers that nobody expects, and gaps.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(0.0)),
        Just(json!(-1.0)),
        Just(json!(1.7e308)),
        Just(json!(-1.7e308)),
        Just(json!(5e-324)),
        (-1e3..1e3).prop_map(|number| json!(number)),
    ]
}

fn lists() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(odd(), 0..20)
}

fn odd_documents() -> impl Strategy<Value = Value> {
    let curve = (lists(), lists(), odd(), odd(), odd()).prop_map(|(one, other, start, bin, background)| {
        json!({"schema": "light-curve/1", "data": {"start_s": start, "bin_s": bin, "bands": [
            {"counts": one, "background": background}, {"counts": other, "low_kev": background}]}})
    });
    let spectrum = (lists(), lists(), lists(), odd()).prop_map(|(mut edges, errors, model, more)| {
        let flux: Vec<Value> = edges.iter().rev().cloned().collect();
        edges.push(more);
        json!({"schema": "spectrum/1", "data": {"edges_kev": edges, "flux": flux, "flux_error": errors,
            "fit": {"model": "odd", "flux": model, "index": null}}})
    });
    let place = (odd(), odd(), odd()).prop_map(|(ra, dec, error)| {
        json!({"schema": "position/1", "data": {"ra_deg": ra, "dec_deg": dec, "error_deg": error}})
    });
    let candidates = (lists(), odd()).prop_map(|(numbers, more)| {
        let sources: Vec<Value> = numbers
            .iter()
            .map(|number| json!({"name": "ünïcode\u{1b}[2J", "ra_deg": number, "dec_deg": 1.0, "snr": more}))
            .collect();
        json!({"schema": "sources/1", "data": {"ra_deg": 1.0, "dec_deg": more, "sources": sources}})
    });
    prop_oneof![curve, spectrum, place, candidates]
}

/// Draws into a part of a buffer, and looks whether anything was written beside it.
fn stays_within(mut view: ProductView, width: u16, height: u16) {
    let whole = Rect::new(0, 0, width + 4, height + 4);
    let area = Rect::new(2, 2, width, height);
    for charset in [Charset::Utf8, Charset::Ascii] {
        let mut buffer = Buffer::filled(whole, Cell::new("@"));
        for position in area.positions() {
            buffer[position].reset();
        }
        draw(&mut buffer, area, &view, &look(charset));
        for position in whole.positions().filter(|position| !area.contains(*position)) {
            assert_eq!(buffer[position].symbol(), "@", "{position} of {area}");
        }
        let control = |cell: &Cell| cell.symbol().chars().any(char::is_control);
        assert!(!buffer.content.iter().any(control));
        view.step(3);
        view.toggle();
        view.toggle_record();
        view.toggle_ecliptic();
    }
}

proptest! {
    #[test]
    fn any_bytes_are_drawn_within_their_area(
        bytes in prop::collection::vec(any::<u8>(), 0..300), width in 0_u16..130, height in 0_u16..50,
    ) {
        stays_within(view(&bytes, "application/octet-stream"), width, height);
    }

    #[test]
    fn any_json_is_drawn_within_its_area(
        document in "[\\[\\]{}\",:0-9a-zü\u{1b}e. -]{0,60}", width in 0_u16..130, height in 0_u16..50,
    ) {
        stays_within(view(document.as_bytes(), "application/json"), width, height);
    }

    #[test]
    fn any_numbers_are_drawn_within_their_area(document in odd_documents(), width in 0_u16..220, height in 0_u16..70) {
        stays_within(of(&document), width, height);
    }
}
