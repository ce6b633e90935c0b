//! `timeline`: where the time of an observation went.

use crate::args::Timeline;
use crate::cells;
use crate::output::Output;
use crate::session::Session;
use crate::table::{Ink, Table};
use crate::ui::text::{age, span};
use crate::verbs::show::unknown;
use api::conductor::{ProductTimeline, Segment, SegmentKind, TimelineView};
use jiff::{SignedDuration, Timestamp};
use std::process::ExitCode;

/// How many letters the longest waterfall has.
const WIDTH: i128 = 24;

/// What each letter of a waterfall stands for.
const LEGEND: &str = ". waiting for input, g grace, h held, e an earlier run, t nobody wanted it, q queue, # provider, \
b backoff, i import, ? unknown or somebody else's";

pub(super) async fn run(session: &Session, verb: Timeline, output: &mut Output) -> anyhow::Result<ExitCode> {
    let conductor = session.conductor()?;
    let mut view = conductor.timeline(&verb.obs_id).await.map_err(|error| {
        match unknown(&error, &verb.obs_id, None) {
            Some(text) => anyhow::anyhow!(text),
            None => session.explain(error),
        }
    })?;
    if let Some(product) = &verb.product {
        view.products.retain(|of| of.product == *product);
        anyhow::ensure!(
            !view.products.is_empty(),
            "{product} of {} is neither made nor to be made; `orchestra-console show {0} {product}` says why",
            verb.obs_id
        );
    }
    if output.json {
        output.document(&view)?;
        return Ok(ExitCode::SUCCESS);
    }
    output.text(head(&view))?;
    match view.products.as_slice() {
        [] => output.line("nothing is made from it yet, nor to be made")?,
        [one] if verb.product.is_some() => {
            output.table(&segments(one, output.now))?;
            output.text(format!("critical path: {}", path(one, view.first_at)))?;
        }
        all => {
            output.table(&waterfalls(all))?;
            output.text(LEGEND)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn head(view: &TimelineView) -> String {
    let first = view
        .first_input
        .as_ref()
        .map_or_else(String::new, |input| format!(", when {input} came"));
    format!("{}: from {} UTC{first}", view.obs_id, cells::date(view.first_at))
}

/// One waterfall below the other, on one scale.
fn waterfalls(products: &[ProductTimeline]) -> Table {
    let longest = products.iter().map(|of| whole(of).as_nanos()).max().unwrap_or(0);
    let mut table = Table::new(["PRODUCT", "STATE", "WHOLE", "WATERFALL", "LAST INPUT"]);
    for of in products {
        table.row([
            (of.product.to_string(), Ink::Plain),
            (of.state.to_string(), cells::ink(of.state)),
            (short(whole(of)), Ink::Plain),
            (bar(&of.segments, longest), Ink::Plain),
            (
                of.last_input
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                Ink::Plain,
            ),
        ]);
    }
    table
}

/// Segments as letters. Each letter is what stands at its middle, so the letters of all sum to the whole, too.
fn bar(segments: &[Segment], longest: i128) -> String {
    let Some(first) = segments.first() else {
        return String::new();
    };
    let middle = |letter: i128| (2 * letter + 1) * longest / (2 * WIDTH);
    let until = |segment: &Segment| segment.until.duration_since(first.from).as_nanos();
    let letters = (0..WIDTH).map_while(|letter| {
        let segment = segments.iter().find(|segment| until(segment) > middle(letter))?;
        Some(sign(segment.kind))
    });
    letters.collect()
}

fn sign(kind: SegmentKind) -> char {
    match kind {
        SegmentKind::Waiting => '.',
        SegmentKind::Grace => 'g',
        SegmentKind::Held => 'h',
        SegmentKind::EarlierRun => 'e',
        SegmentKind::Trigger => 't',
        SegmentKind::Queue => 'q',
        SegmentKind::Provider => '#',
        SegmentKind::Backoff => 'b',
        SegmentKind::Import => 'i',
        SegmentKind::Forgotten | SegmentKind::Foreign | SegmentKind::Other => '?',
    }
}

/// One product, segment by segment.
fn segments(of: &ProductTimeline, now: Timestamp) -> Table {
    let mut table = Table::new(["SINCE", "TOOK", "TRY", "WITH"]);
    for segment in &of.segments {
        let attempt = segment
            .attempt
            .map_or_else(String::new, |attempt| attempt.to_string());
        table.row([
            (cells::when(segment.from, now), Ink::Dim),
            (short(took(segment)), Ink::Plain),
            (attempt, Ink::Plain),
            (segment.kind.as_str().replace('_', " "), Ink::Plain),
        ]);
    }
    let outcome = if of.made_at.is_some() {
        "made"
    } else {
        of.state.as_str()
    };
    table.row([
        (cells::when(of.until, now), Ink::Dim),
        (short(whole(of)), Ink::Plain),
        (String::new(), Ink::Plain),
        (format!("{} {outcome}", of.product), cells::ink(of.state)),
    ]);
    table
}

/// `EclTmVhfAlert +0.0s, TT_ECL +12s, QCL_ECL`: each input with how long after the first packet it came.
fn path(of: &ProductTimeline, first_at: Timestamp) -> String {
    let step = |step: &api::conductor::PathStep| match step.at {
        Some(at) => format!("{} +{}", step.product, short(at.duration_since(first_at))),
        None => step.product.to_string(),
    };
    let steps: Vec<String> = of.path.iter().map(step).collect();
    if steps.is_empty() {
        "not known yet".to_owned()
    } else {
        steps.join(", ")
    }
}

fn took(segment: &Segment) -> SignedDuration {
    segment.until.duration_since(segment.from)
}

/// `9.5s`, `42s`, `12:41`: seconds count, however long it took.
fn short(duration: SignedDuration) -> String {
    if duration.as_secs() < 100 {
        age(duration)
    } else {
        span(duration)
    }
}

fn whole(of: &ProductTimeline) -> SignedDuration {
    of.segments.iter().map(took).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: &str = r#"{"obs_id": "sb26022501", "first_input": "EclTmVhfAlert", "first_at": "2026-11-24T04:09:00Z",
        "products": [
            {"product": "TT_ECL", "state": "done", "provider": "ecl_vhf_pipeline", "made_at": "2026-11-24T04:09:12Z",
             "until": "2026-11-24T04:09:12Z", "last_input": "EclTmVhfAlert",
             "segments": [
                {"kind": "queue", "from": "2026-11-24T04:09:00Z", "until": "2026-11-24T04:09:02Z", "attempt": 1},
                {"kind": "provider", "from": "2026-11-24T04:09:02Z", "until": "2026-11-24T04:09:11Z", "attempt": 1},
                {"kind": "import", "from": "2026-11-24T04:09:11Z", "until": "2026-11-24T04:09:12Z", "attempt": 1}],
             "path": [{"product": "EclTmVhfAlert", "at": "2026-11-24T04:09:00Z"},
                      {"product": "TT_ECL", "at": "2026-11-24T04:09:12Z"}]},
            {"product": "QCL_ECL", "state": "retrying", "provider": "ecl_vhf_pipeline", "until": "2026-11-24T04:09:24Z",
             "last_input": "TT_ECL",
             "segments": [
                {"kind": "waiting", "from": "2026-11-24T04:09:00Z", "until": "2026-11-24T04:09:12Z"},
                {"kind": "provider", "from": "2026-11-24T04:09:12Z", "until": "2026-11-24T04:09:20Z", "attempt": 1},
                {"kind": "backoff", "from": "2026-11-24T04:09:20Z", "until": "2026-11-24T04:09:24Z", "attempt": 2}],
             "path": [{"product": "EclTmVhfAlert", "at": "2026-11-24T04:09:00Z"},
                      {"product": "TT_ECL", "at": "2026-11-24T04:09:12Z"}, {"product": "QCL_ECL", "at": null}]}]}"#;

    #[test]
    fn waterfalls_have_one_scale_and_fit_80_columns() {
        let view: TimelineView = serde_json::from_str(VIEW).unwrap();
        assert_eq!(
            head(&view),
            "sb26022501: from 2026-11-24 04:09:00 UTC, when EclTmVhfAlert came"
        );
        insta::assert_snapshot!(waterfalls(&view.products).drawn(Some(80), false));
    }

    #[test]
    fn a_product_is_told_segment_by_segment() {
        let view: TimelineView = serde_json::from_str(VIEW).unwrap();
        let now = "2026-11-24T04:11:00Z".parse().unwrap();
        insta::assert_snapshot!(segments(&view.products[1], now).drawn(Some(80), false));
        let expected = "EclTmVhfAlert +0.0s, TT_ECL +12s, QCL_ECL";
        assert_eq!(path(&view.products[1], view.first_at), expected);
    }
}
