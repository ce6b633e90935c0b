//! Keeps `docs/protocol.md` honest: what the code can say stands there, and its tables list nothing else.
//!
//! Words and fields are asked of the types themselves; routes and codes are read from the sources, so that no
//! program has to be built for it.

use domain::{
    Activity, AlertState, Announcement, CellState, ErrorClass, InputRef, ProcessingState, Provenance,
    ProviderState, RunState, ServiceState, Severity,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

const PROTOCOL: &str = include_str!("../../../docs/protocol.md");
const CODES: &str = include_str!("../../api/src/codes.rs");
const WHY: &str = include_str!("../../api/src/conductor/why.rs");

/// The services whose tables are compared with their routes, by section.
const SERVICES: [(&str, &str); 4] = [
    ("### 3.1", "crates/pipeline-bricks/src"),
    ("### 3.2", "sdb/src"),
    ("### 3.3", "conductor/src"),
    ("### 3.4", "mock-vhf/src"),
];

/// Where problems are made.
const SOURCES: [&str; 6] = [
    "conductor/src",
    "crates/pipeline-bricks/src",
    "crates/service-kit/src",
    "mock-pipeline/src",
    "mock-vhf/src",
    "sdb/src",
];

type Words = BTreeSet<String>;

/// The lines from the heading that starts so to the next of its rank or above.
fn section(heading: &str) -> String {
    let rank = |line: &str| line.len() - line.trim_start_matches('#').len();
    let mut lines = PROTOCOL.lines().skip_while(|line| !line.starts_with(heading));
    let first = lines.next().unwrap_or_else(|| panic!("no heading {heading:?}"));
    let until = rank(first);
    lines
        .take_while(|line| rank(line) == 0 || rank(line) > until)
        .fold(String::new(), |text, line| text + line + "\n")
}

/// The section without what is not there yet.
fn today(heading: &str) -> String {
    let text = section(heading);
    text.split("#### Not yet").next().unwrap_or_default().to_owned()
}

/// The rows of the section's tables, cell by cell, without their heads.
fn rows(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    let is_rule = |line: &str| line.starts_with("|--");
    let body = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| !is_rule(line) && !lines.get(at + 1).is_some_and(|next| is_rule(next)));
    body.map(|(_, line)| {
        let line = line.trim_matches('|').replace("\\|", "\u{0}");
        line.split('|')
            .map(|cell| cell.trim().replace('\u{0}', "|"))
            .collect()
    })
    .collect()
}

/// What stands between backticks, blocks of code included.
fn code(text: &str) -> Vec<String> {
    text.replace("```", "`")
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Every word between backticks.
fn words(text: &str) -> Words {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    code(text)
        .iter()
        .flat_map(|span| {
            span.split(move |c: char| !is_word(c))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> Words {
    words.into_iter().map(str::to_owned).collect()
}

/// The code in the first column of the section's tables.
fn first_column(text: &str) -> Words {
    rows(text).iter().flat_map(|row| code(&row[0])).collect()
}

/// The words of one row, found by the text with which it starts.
fn row(text: &str, start: &str) -> Words {
    let rows = rows(text);
    let row = rows.iter().find(|row| row[0].starts_with(start));
    words(&row.unwrap_or_else(|| panic!("no row {start:?}"))[1])
}

/// The words of an enum: serde names them all when it meets another.
fn variants<T: DeserializeOwned>(other: &Value) -> Words {
    let Err(error) = T::deserialize(other) else {
        panic!("{other} was taken")
    };
    let text = error.to_string();
    let (_, expected) = text.split_once(", expected ").unwrap_or_else(|| panic!("{text}"));
    let words = set(code(expected).iter().map(String::as_str));
    assert!(words.len() > 1, "{text}");
    words
}

fn states<T: DeserializeOwned>() -> Words {
    variants::<T>(&json!("?"))
}

/// The fields of a body, by its schema.
fn fields<T: PartialSchema>() -> Words {
    let RefOr::T(Schema::Object(object)) = T::schema() else {
        panic!("not an object")
    };
    assert!(!object.properties.is_empty());
    object.properties.keys().cloned().collect()
}

/// The text of every source file below a folder of the repository, without its tests.
fn sources(folder: &str) -> Vec<String> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut open: Vec<PathBuf> = vec![root.join(folder)];
    let mut texts = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder of the repository");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            // Tests stand at the end, and say what they like.
            texts.push(text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
        }
    }
    assert!(!texts.is_empty(), "{folder} has no sources");
    texts
}

/// The routes that a service declares, `GET /products/{obs_id}`.
fn routes(folder: &str) -> Words {
    let mut routes = Words::new();
    for text in sources(folder) {
        for declared in text.split("utoipa::path(").skip(1) {
            let (method, rest) = declared.split_once(',').expect("a method");
            let path = rest.split('"').nth(1).expect("a path");
            assert!(
                rest.trim_start().starts_with("path = "),
                "a route is declared otherwise: {rest:.80}"
            );
            routes.insert(format!("{} {path}", method.trim().to_uppercase()));
        }
    }
    routes
}

/// The routes of the section's tables, without queries and the base of a pipeline.
fn documented_routes(text: &str) -> Words {
    let is_route = |span: &String| {
        ["GET /", "POST /", "PUT /", "DELETE /"]
            .iter()
            .any(|start| span.starts_with(start))
    };
    first_column(text)
        .iter()
        .map(|span| span.split('?').next().unwrap_or_default().replace(" {url}", " "))
        .filter(is_route)
        .collect()
}

/// The first text among the arguments, right after one of these, in a source.
fn literals(text: &str, call: &str, before: usize) -> Vec<String> {
    let argument = |rest: &str| {
        let argument = rest
            .splitn(before + 2, ',')
            .nth(before)?
            .trim_start()
            .strip_prefix('"')?
            .to_owned();
        argument.split('"').next().map(str::to_owned)
    };
    text.split(call).skip(1).filter_map(argument).collect()
}

#[test]
fn every_state_is_a_word_of_the_protocol() {
    assert_eq!(first_column(&today("### 2.3")), states::<CellState>());
    assert_eq!(states::<CellState>(), set(CellState::ALL.map(CellState::as_str)));
    let table = section("### 2.4");
    assert_eq!(row(&table, "a service"), states::<ServiceState>());
    assert_eq!(
        row(&table, "a run in its pipeline's words"),
        states::<ProcessingState>()
    );
    assert_eq!(row(&table, "a run in the ledger"), states::<RunState>());
    assert_eq!(
        row(&table, "an attempt"),
        states::<api::conductor::AttemptState>()
    );
    assert_eq!(row(&table, "an error's class"), states::<ErrorClass>());
    assert_eq!(row(&table, "a provider"), states::<ProviderState>());
    assert_eq!(row(&table, "an alert"), states::<AlertState>());
    assert_eq!(row(&table, "the severity of an alert"), states::<Severity>());
    assert_eq!(row(&table, "a replay"), states::<api::vhf::ReplayState>());
}

#[test]
fn every_kind_of_activity_stands_there_with_its_body() {
    let text = section("### 2.2");
    let kinds = variants::<Activity>(&json!({"kind": "?"}));
    let bodies = [
        json!({"kind": "status", "state": "ready"}),
        json!({"kind": "processing", "run_id": "r", "product": "A", "obs_id": 1, "state": "failed", "progress": 1.0,
            "message": "m", "error": {"class": "permanent", "code": "c"}, "product_version": 1}),
        json!({"kind": "cell", "rev": 1, "product": "A", "obs_id": 1, "state": "done", "since": "2026-11-24T00:00:00Z",
            "missing": ["B"]}),
        json!({"kind": "provider", "provider": "p", "state": "up", "in_flight": 0, "queued": 0}),
        json!({"kind": "alert", "fingerprint": "f", "severity": "warning", "title": "t", "state": "raised"}),
        json!({"kind": "operator", "verb": "retry", "target": "t", "by": "b", "outcome": "o"}),
        json!({"kind": "rejected", "subject": "data.vhf", "reason": "r", "excerpt": "e"}),
    ];
    let mut seen = Words::new();
    for mut body in bodies {
        body["service"] = "s".into();
        let said: Activity = serde_json::from_value(body.clone()).expect("an activity");
        let Value::Object(mut fields) = serde_json::to_value(&said).expect("JSON") else {
            panic!("no object")
        };
        fields.retain(|field, _| !["kind", "service", "instance", "at"].contains(&field.as_str()));
        let kind = body["kind"].as_str().expect("a kind").to_owned();
        let rows = rows(&text);
        let row = rows.iter().find(|row| row[0] == format!("`{kind}`"));
        let documented = words(&row.unwrap_or_else(|| panic!("no row {kind}"))[2]);
        assert_eq!(documented, set(fields.keys().map(String::as_str)), "{kind}");
        seen.insert(kind);
    }
    assert_eq!(seen, kinds);
}

#[test]
fn every_field_of_a_body_stands_in_its_section() {
    use api::{conductor, feed, pipeline, sdb, vhf};
    let holds = |heading: &str, body: &str, fields: Words| {
        let missing: Vec<String> = fields.difference(&words(&today(heading))).cloned().collect();
        assert!(
            missing.is_empty(),
            "section {heading} does not name {missing:?} of {body}"
        );
    };
    assert_eq!(
        first_column(&section("### 2.1"))
            .difference(&fields::<feed::FeedPage>())
            .cloned()
            .collect::<Words>(),
        fields::<Announcement>()
    );
    macro_rules! check {
        ($heading:literal: $($body:ty),+ $(,)?) => { $(holds($heading, stringify!($body), fields::<$body>());)+ };
    }
    check!("### 2.1": Announcement, feed::FeedPage);
    check!("### 3.1": pipeline::ProcessingRequest, pipeline::ProcessingReply, pipeline::ProcessingRun,
        pipeline::ProductOffer, InputRef);
    check!("### 3.2": sdb::ProductRecord, sdb::Retraction, sdb::RetractRequest, sdb::ObservationRecord, Provenance);
    check!("### 3.3": conductor::ObservationItem, conductor::ObservationView, conductor::Cell, conductor::CellView,
        conductor::RunView, conductor::AttemptView, conductor::ProviderView, conductor::GraphView,
        conductor::GraphProduct, conductor::ManualRequest, conductor::ManualAnswer, conductor::Selector,
        conductor::Touched, conductor::TouchedCell, conductor::EventView, conductor::Why, conductor::Next,
        conductor::Blocker, conductor::Expected, conductor::Eta, conductor::AlertView, conductor::AcknowledgementView,
        conductor::Acknowledged, conductor::Notice, conductor::ReportView, conductor::FailureGroup,
        conductor::HeldCell, conductor::LateRun, conductor::Retried);
    check!("### 3.4": vhf::Packet, vhf::Burst, vhf::ReplayRequest, vhf::Replay);
}

#[test]
fn every_kind_of_blocker_stands_there() {
    let (_, body) = WHY.split_once("pub enum BlockerKind {").expect("the enum");
    let (body, _) = body.split_once("\n}").expect("its end");
    let snake = |name: &str| {
        let parts: Vec<String> = name
            .split_inclusive(|c: char| c.is_ascii_lowercase())
            .map(|part| {
                if part.len() > 1 {
                    format!("_{}", part.to_lowercase())
                } else {
                    part.to_owned()
                }
            })
            .collect();
        parts.concat().trim_start_matches('_').to_owned()
    };
    let kinds: Words = body
        .lines()
        .filter(|line| line.ends_with(',') && !line.contains(['#', '/']))
        .map(|line| snake(line.trim().trim_end_matches(',')))
        .filter(|kind| kind != "other")
        .collect();
    let text = today("### 3.3");
    let (_, table) = text.split_once("| kind |").expect("the table of kinds");
    assert_eq!(first_column(&format!("| kind |{table}")), kinds);
}

#[test]
fn the_codes_that_a_client_acts_upon_are_those_of_api() {
    let mut codes = BTreeMap::new();
    let mut status = "";
    for line in CODES.lines() {
        if let Some(said) = line.strip_prefix("/// ") {
            status = said.split([' ', ':']).next().unwrap_or_default();
        } else if let Some(constant) = line.strip_prefix("pub const ") {
            codes.insert(
                constant.split('"').nth(1).expect("a text").to_owned(),
                status.to_owned(),
            );
        }
    }
    assert!(codes.len() >= 15, "{codes:?}");
    let text = section("### 3.5");
    let (table, _) = text.split_once("The others").expect("two tables");
    assert_eq!(first_column(table), codes.keys().cloned().collect());
    for row in rows(table) {
        let status = &codes[row[0].trim_matches('`')];
        assert!(
            row[1].contains(status.as_str()),
            "{}: {status} is not in {:?}",
            row[0],
            row[1]
        );
    }
}

#[test]
fn every_other_code_is_made_somewhere_and_none_is_left_out() {
    let text = section("### 3.5");
    let all = first_column(&text);
    let texts: Vec<String> = SOURCES.iter().flat_map(|folder| sources(folder)).collect();
    let made: Words = texts
        .iter()
        .flat_map(|text| literals(text, "Problem::new(", 1))
        .collect();
    assert!(
        made.contains("digest-mismatch") && made.contains("not-found"),
        "{made:?}"
    );
    let unknown: Vec<&String> = made.difference(&all).collect();
    assert!(unknown.is_empty(), "section 3.5 does not name {unknown:?}");
    let (_, others) = text.split_once("The others").expect("two tables");
    for code in first_column(others) {
        let quoted = format!("\"{code}\"");
        assert!(
            texts.iter().any(|text| text.contains(&quoted)),
            "nobody says {code}"
        );
    }
}

#[test]
fn the_codes_of_the_openapi_documents_are_listed() {
    let all = first_column(&section("### 3.5"));
    let texts: Vec<String> = SOURCES.iter().flat_map(|folder| sources(folder)).collect();
    let described = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| line.contains("body = Problem"));
    let codes: Words = described
        .flat_map(code)
        .filter(|span| span.contains('-') && span.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect();
    assert!(
        codes.contains("stale-attempt") && codes.contains("digest-mismatch"),
        "{codes:?}"
    );
    let unknown: Vec<&String> = codes.difference(&all).collect();
    assert!(unknown.is_empty(), "section 3.5 does not name {unknown:?}");
}

#[test]
fn the_errors_of_our_own_runs_are_listed() {
    let text = today("### 2.2");
    let (_, table) = text
        .split_once("The codes of our own programs")
        .expect("the table of errors");
    let listed = first_column(table);
    let bricks = sources("crates/pipeline-bricks/src");
    let conductor = ["crates/conductor-core/src", "conductor/src"]
        .map(sources)
        .concat();
    let calls = [
        "retriable(",
        "retriable(fault, ",
        "retriable(Fault::Product, ",
        "retriable(Fault::Provider, ",
        "retriable(Fault::Transport, ",
        "permanent(",
        "code(&failure, ",
        "error(ErrorClass::Retriable, ",
        "error(ErrorClass::Permanent, ",
    ];
    let said: Words = bricks
        .iter()
        .chain(&conductor)
        .flat_map(|text| {
            calls
                .iter()
                .flat_map(|call| literals(text, call, 0))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(
        said.contains("deadline") && said.contains("product-missing"),
        "{said:?}"
    );
    let unknown: Vec<&String> = said.difference(&listed).collect();
    assert!(unknown.is_empty(), "section 2.2 does not name {unknown:?}");
    for row in rows(table).iter().filter(|row| row[2] == "pipeline") {
        let quoted = row[0].replace('`', "\"");
        assert!(
            bricks.iter().any(|text| text.contains(&quoted)),
            "no pipeline says {quoted}"
        );
    }
}

#[test]
fn every_route_of_a_service_stands_in_its_table_and_no_other() {
    for (heading, folder) in SERVICES {
        assert_eq!(
            documented_routes(&today(heading)),
            routes(folder),
            "{heading} and {folder}"
        );
    }
}

#[test]
fn the_ports_are_those_of_the_stage() {
    let ports = stage::Ports::default();
    let table: BTreeMap<String, u16> = rows(&section("## 4"))
        .iter()
        .map(|row| (row[0].clone(), row[1].parse().expect("a port")))
        .collect();
    let expected = [
        ("nats-server", ports.nats),
        ("pipeline", ports.pipeline),
        ("SDB", ports.sdb),
        ("conductor", ports.conductor),
        ("VHF source", ports.vhf),
    ];
    assert_eq!(table, expected.map(|(name, port)| (name.to_owned(), port)).into());
}

#[test]
fn the_page_is_read_as_it_is_meant() {
    let table = "text\n\n| a | b |\n|---|---|\n| `x` | `y`\\|`z` |\n| `u`, `v` | |\n";
    assert_eq!(rows(table)[0], ["`x`", "`y`|`z`"]);
    assert_eq!(first_column(table), set(["x", "u", "v"]));
    assert_eq!(words("a `b {c: \"d\"}` e ```f``` g"), set(["b", "c", "d", "f"]));
    assert_eq!(literals("f(a, \"b\", \"c\") f(\n \"d\")", "f(", 1), ["b"]);
    assert_eq!(literals("f(a, \"b\", \"c\") f(\n \"d\")", "f(", 0), ["d"]);
    let ticks = PROTOCOL
        .split("\n\n")
        .filter(|paragraph| !paragraph.starts_with("```"));
    for paragraph in ticks {
        assert!(
            paragraph.matches('`').count().is_multiple_of(2),
            "an open backtick in {paragraph}"
        );
    }
}
