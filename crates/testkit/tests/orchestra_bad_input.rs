//! What nobody should send: each gets the documented answer, and everything else goes on.

use domain::{Activity, CellState, ObsId, RejectedActivity};
use messaging::{Bus, BusOptions, Heard};
use serde_json::{Value, json};
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, SDB};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;
use testkit::{
    Answer, Orchestra, OrchestraOptions, Outcome, bin, break_off, closure, eventually, exchange, graph,
};
use tokio::time::timeout;
use url::Url;

/// Long beside a second, which each step takes.
const DEADLINE: Duration = Duration::from_mins(1);

/// What the SDB takes at most in these tests.
const MAX_BODY: usize = 1024 * 1024;

/// The pipelines make everything at once and never fail.
const AT_ONCE: [&str; 6] = ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"];

async fn orchestra() -> Orchestra {
    let options = OrchestraOptions::default().args(MOCK_PIPELINE, AT_ONCE);
    options.args(SDB, ["--max-body", "1MiB"]).start().await
}

/// Everything goes on: an alert leads to all that follows from it, every service is ready, and no message of
/// the stream waits to come again.
async fn goes_on(orchestra: &Orchestra, obs_id: &str) {
    let alert = json!({"product": "EclTmVhfAlert", "obs_id": obs_id});
    orchestra.publish("data.vhf", alert.to_string()).await;
    is_made(orchestra, obs_id).await;
    for program in [SDB, CONDUCTOR, MOCK_VHF, MOCK_PIPELINE] {
        let answer = get(orchestra, program, "/health/ready").await;
        assert_eq!(answer.status, 200, "{program}: {}", answer.body);
    }
    eventually(DEADLINE, async || {
        let info = orchestra
            .jetstream(&[("CONSUMER.INFO.DATA.conductor", Value::Null)])
            .await;
        assert!(info[0]["error"].is_null(), "{}", info[0]);
        info[0]["num_pending"] == 0 && info[0]["num_ack_pending"] == 0
    })
    .await;
}

/// All that follows from an alert is in the SDB.
async fn is_made(orchestra: &Orchestra, obs_id: &str) {
    let obs_id: ObsId = obs_id.parse().expect("an obs_id");
    let products = closure(&graph(), &BTreeSet::from(["EclTmVhfAlert".to_owned()]));
    let missing = |outcome: &Outcome| {
        let stored = outcome.stored(&obs_id);
        products.difference(&stored).cloned().collect()
    };
    Outcome::settled(orchestra, DEADLINE, missing).await;
}

async fn get(orchestra: &Orchestra, program: &str, path: &str) -> Answer {
    let answer = exchange(&orchestra.url(program), "GET", path, &[], b"").await;
    answer.unwrap_or_else(|error| panic!("{program} {path}: {error}"))
}

/// A message that cannot be used: its subject, its bytes, and what is said about it.
fn unusable_messages() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let obs_id = |obs_id: Value| json!({"product": "EclTmVhfAlert", "obs_id": obs_id}).to_string();
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("data.vhf", text("EclTmVhfAlert 42"), "not JSON: expected value"),
        ("data.vhf", Vec::new(), "not JSON: EOF"),
        ("data.vhf", vec![0xff, 0xfe, 0x00], "not JSON"),
        // Deeper than any reader's stack.
        ("data.vhf", vec![b'['; 900_000], "not JSON: recursion limit"),
        ("data.vhf", text("[1,2]"), "not a JSON object but an array"),
        ("data.vhf", text("null"), "not a JSON object but null"),
        (
            "data.vhf",
            text(r#"{"product":"EclTmVhfAlert"}"#),
            "obs_id is missing; a complete message is",
        ),
        (
            "data.vhf",
            text(r#"{"obs_id":42}"#),
            "product is missing; a complete message is",
        ),
        (
            "data.vhf",
            text(r#"{"product":"A b","obs_id":42}"#),
            "product: ' ' is not allowed in a name",
        ),
        ("data.vhf", obs_id(json!("")).into(), "obs_id is empty"),
        (
            "data.vhf",
            obs_id(json!("9".repeat(900_000))).into(),
            "obs_id has 900000 characters",
        ),
        (
            "data.vhf",
            obs_id(json!("../../etc")).into(),
            "'/' is not allowed in an obs_id",
        ),
        (
            "data.vhf",
            obs_id(json!("Ωμέγα")).into(),
            "'Ω' is not allowed in an obs_id",
        ),
        (
            "data.vhf",
            obs_id(json!("\u{202e}24")).into(),
            "is not allowed in an obs_id",
        ),
        (
            "data.vhf",
            obs_id(json!("a\u{0}b")).into(),
            "is not allowed in an obs_id",
        ),
        (
            "data.vhf",
            obs_id(json!(-1)).into(),
            "obs_id -1 is outside of 0..2^53-1",
        ),
        (
            "data.vhf",
            obs_id(json!(9_007_199_254_740_992_u64)).into(),
            "is outside of 0..2^53-1",
        ),
        ("data.vhf", obs_id(json!([42])).into(), "obs_id"),
        (
            "data.sdb",
            obs_id(json!("..")).into(),
            "an obs_id does not start with a dot",
        ),
        ("data.vhf.more", obs_id(json!(42)).into(), ""),
        ("activity.someone", text("hello"), ""),
    ]
}

#[tokio::test]
async fn messages_that_cannot_be_used_are_rejected_with_their_reason() {
    let orchestra = orchestra().await;
    let name = "testkit".parse().expect("a name");
    let bus = Bus::connect(BusOptions::new([orchestra.nats_url()], name)).await;
    let bus = bus.expect("the server is there");
    let mut activity = bus.activity().await.expect("activity can be heard");
    assert!(bus.flush(DEADLINE).await);
    for (subject, body, reason) in unusable_messages() {
        orchestra.publish(subject, &body).await;
        let told = timeout(DEADLINE, async {
            loop {
                match activity.next().await.expect("the connection stays") {
                    Heard::Message {
                        said: Activity::Rejected(told),
                        ..
                    } => return told,
                    Heard::Message { .. } | Heard::Unreadable { .. } => {}
                    Heard::Missed(gap) => panic!("{gap:?}"),
                }
            }
        });
        let excerpt = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let told = told
            .await
            .unwrap_or_else(|_| panic!("nothing is said of {excerpt:?}"));
        assert_eq!(told.subject, subject, "{told:?}");
        assert!(
            told.reason.contains(reason) && !told.reason.is_empty(),
            "{told:?} instead of {reason:?}"
        );
        assert!(
            told.excerpt.len() <= RejectedActivity::MAX_EXCERPT_BYTES,
            "{told:?}"
        );
        assert!(body.is_empty() || !told.excerpt.is_empty(), "{told:?}");
        // The reason is for a person, also where the message is not.
        assert!(told.reason.len() < 1000, "{}", told.reason.len());
    }
    goes_on(&orchestra, "after-all-that").await;
    let observations = orchestra
        .conductor()
        .observations(&api::conductor::ObservationQuery::default())
        .await;
    let known: Vec<_> = observations.expect("the conductor answers").items;
    assert_eq!(known.len(), 1, "nothing else became an observation: {known:?}");
    // What was refused once does not come again, not even after a restart.
    orchestra.kill(CONDUCTOR).await;
    orchestra.restart(CONDUCTOR).await;
    goes_on(&orchestra, "after-a-restart").await;
}

#[tokio::test]
async fn what_the_graph_does_not_know_is_kept_and_not_alarmed() {
    let orchestra = orchestra().await;
    let large =
        json!({"product": "NEW_THING", "obs_id": 77, "version": 3, "meta": {"note": "x".repeat(900_000)}});
    orchestra.publish("data.somebody", large.to_string()).await;
    goes_on(&orchestra, "beside-it").await;
    let of_77 = 77.try_into().expect("an obs_id");
    let view = orchestra
        .conductor()
        .observation(&of_77)
        .await
        .expect("it is kept");
    let cell = view
        .cells
        .iter()
        .find(|cell| cell.product.as_str() == "NEW_THING")
        .expect("it has a cell");
    assert_eq!(
        (cell.state, cell.version.map(|version| version.0)),
        (CellState::Received, Some(3))
    );
    let log = orchestra.log(CONDUCTOR);
    assert!(!log.contains("a message was not used"), "{log}");
}

/// An `obs_id` that cannot be.
struct Absurd {
    what: &'static str,
    /// As it stands in a path.
    path: String,
    /// As it stands in a body.
    json: String,
    /// The status and the code where it is in a path, and where it is in a body.
    in_path: (u16, &'static str),
    in_body: (u16, &'static str),
}

fn absurd_ids() -> Vec<Absurd> {
    let absurd = |what, path: &str, json: Value| Absurd {
        what,
        path: path.to_owned(),
        json: json.to_string(),
        in_path: (422, "invalid-obs-id"),
        in_body: (422, "invalid-obs-id"),
    };
    vec![
        absurd("a way out", "..%2F..%2Fetc", json!("../../etc")),
        absurd("unicode", "%CE%A9%CE%BC%CE%AD%CE%B3%CE%B1", json!("Ωμέγα")),
        absurd("a line end", "a%0D%0Ab", json!("a\r\nb")),
        absurd("65 characters", &"x".repeat(65), json!("x".repeat(65))),
        absurd("a dot in front", "..", json!("..")),
        absurd("nothing", "", json!("")),
        Absurd {
            // A path that leads out stays inside: it is one that nobody serves.
            in_path: (404, "not-found"),
            ..absurd("a bare way out", "../../etc", json!({"obs": 42}))
        },
        Absurd {
            // The head of a request has its own limit, and no body.
            in_path: (0, ""),
            in_body: (413, "too-large"),
            ..absurd(
                "ten megabytes",
                &"9".repeat(10_000_000),
                json!("9".repeat(10_000_000)),
            )
        },
    ]
}

#[tokio::test]
async fn absurd_observations_are_refused_by_every_service() {
    let orchestra = orchestra().await;
    let (conductor, sdb) = (orchestra.url(CONDUCTOR), orchestra.url(SDB));
    let (vhf, pipeline) = (orchestra.url(MOCK_VHF), orchestra.url(MOCK_PIPELINE));
    for id in absurd_ids() {
        let Absurd {
            what,
            path,
            json,
            in_path,
            in_body,
        } = id;
        let in_paths: [(&Url, &str, String); 5] = [
            (
                &conductor,
                "GET",
                format!("/observations/{path}/products/QPO_ECL"),
            ),
            (&sdb, "GET", format!("/products/{path}/QPO_ECL")),
            (&sdb, "POST", format!("/products/{path}/QPO_ECL")),
            (&sdb, "POST", format!("/products/{path}/QPO_ECL/retract")),
            (&vhf, "GET", format!("/vhf/{path}/EclTmVhfAlert")),
        ];
        for (base, method, path) in in_paths {
            let answer = exchange(base, method, &path, &[], b"{}").await;
            let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
            refused(what, method, &path, &answer, in_path);
        }
        let body = format!(r#"{{"product":"QPO_ECL","obs_id":{json}}}"#);
        let in_bodies = [
            (&conductor, "/processing"),
            (&conductor, "/retry"),
            (&sdb, "/products"),
            (&pipeline, "/qpo_ecl_pipeline/processing"),
        ];
        let is_json = [("content-type", "application/json")];
        for (base, path) in in_bodies {
            let answer = exchange(base, "POST", path, &is_json, body.as_bytes()).await;
            let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
            refused(what, "POST", path, &answer, in_body);
        }
        let burst = format!(r#"{{"burst":{json}}}"#);
        let answer = exchange(&vhf, "POST", "/replay", &is_json, burst.as_bytes()).await;
        let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        let told = format!("{what}: POST /replay: {} {}", answer.status, answer.code());
        assert!(
            matches!(answer.status, 404 | 413 | 422) && !answer.code().is_empty(),
            "{told}"
        );
    }
    goes_on(&orchestra, "after-all-that").await;
    // What would have been stored under a path has not been.
    let records = orchestra.sdb().records(&api::sdb::RecordQuery::default()).await;
    let records = records.expect("the SDB answers").items;
    assert!(
        records
            .iter()
            .all(|record| record.obs_id.to_string() == "after-all-that"),
        "{records:?}"
    );
}

/// The answer is as documented: a problem with its code, or for a head that is too large its status alone.
fn refused(what: &str, method: &str, path: &str, answer: &Answer, (status, code): (u16, &str)) {
    let path: String = path.chars().take(80).collect();
    let told: String = answer.body.chars().take(300).collect();
    let told = format!("{what}: {method} {path}: {} {told}", answer.status);
    if status == 0 {
        assert!(matches!(answer.status, 0 | 414 | 431), "{told}");
        return;
    }
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{told}");
    assert!(answer.body.len() < 2000, "{told}");
}

#[tokio::test]
async fn imports_that_cannot_be_taken_leave_nothing() {
    let orchestra = orchestra().await;
    let sdb = orchestra.url(SDB);
    let post = async |path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let answer = exchange(&sdb, "POST", path, headers, body).await;
        answer.unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let path = "/products/7/EclTmVhfAlert";
    let wrong = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    for length in [100, 200_000] {
        let bytes = vec![b'x'; length];
        let answer = post(path, &[("repr-digest", wrong)], &bytes).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "digest-mismatch"),
            "{answer:?}"
        );
        // Half of it comes, and then the end of the connection.
        let cut = break_off(&sdb, path, length * 2, &bytes)
            .await
            .expect("the SDB listens");
        assert!(
            cut.status == 0 || (cut.status, cut.code().as_str()) == (400, "body-incomplete"),
            "{cut:?}"
        );
    }
    let answer = post(path, &[], &vec![b'x'; MAX_BODY + 1]).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (413, "too-large"),
        "{answer:?}"
    );
    // It is refused by its length alone: not a byte of it is sent.
    let answer = break_off(&sdb, path, MAX_BODY + 1, b"")
        .await
        .expect("the SDB listens");
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (413, "too-large"),
        "{answer:?}"
    );
    for (header, value) in [
        ("x-meta", "[1]"),
        ("x-meta", "{"),
        ("x-provenance", "42"),
        ("repr-digest", "sha-256=x"),
    ] {
        let answer = post(path, &[(header, value)], b"x").await;
        assert!(
            (400..=422).contains(&answer.status) && !answer.code().is_empty(),
            "{header}: {answer:?}"
        );
    }

    assert_eq!(get(&orchestra, SDB, path).await.status, 404);
    for list in [
        "/products/7",
        "/products/7/EclTmVhfAlert/versions",
        "/observations",
    ] {
        let answer = get(&orchestra, SDB, list).await;
        let listed: Value = serde_json::from_str(&answer.body).expect("a list is JSON");
        assert_eq!(listed["items"], json!([]), "{list}");
    }
    let events = get(&orchestra, SDB, "/events?after=0").await;
    let feed: Value = serde_json::from_str(&events.body).expect("a feed is JSON");
    assert_eq!((&feed["items"], &feed["head"]), (&json!([]), &json!(0)), "{feed}");
    let blobs = orchestra.folder().join("sdb").join("blobs");
    eventually(DEADLINE, async || files(&blobs) == 0).await;

    goes_on(&orchestra, "after-all-that").await;
    assert_eq!(get(&orchestra, CONDUCTOR, "/observations/7").await.status, 404);
    // The very import that was refused is taken when it is whole, and leads to what follows from it.
    let answer = post(path, &[], &vec![b'x'; MAX_BODY]).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    is_made(&orchestra, "7").await;
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                files(&entry.path())
            } else {
                1
            }
        })
        .sum()
}

#[test]
fn a_graph_with_five_mistakes_is_refused_with_all_five() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("graph.json");
    let graph = json!({
        "inputs": ["A"],
        "products": {
            "X": {"m_input": [], "provider": "p", "url": "http://p:5000/p"},
            "Y": {"m_input": ["NOWHERE"], "provider": "p", "url": "http://p:5000/p"},
            "Z": {"m_input": ["A"], "provider": "p", "url": "not a url"},
            "V": {"m_input": ["A"], "o_input": ["W"], "provider": "p", "url": "http://p:5000/p", "atempts": 3},
            "W": {"m_input": ["V"], "provider": "p", "url": "http://p:5000/p"}
        }
    });
    std::fs::write(&path, graph.to_string()).expect("the graph can be written");
    let ledger = folder.path().join("ledger.db");
    let conductor = |args: &[&Path]| {
        let output = Command::new(bin("orchestra-conductor")).args(args).output();
        output.expect("the conductor can be run")
    };
    // To start with it is no better than to check it; no server is needed to say so.
    let checked = conductor(&[Path::new("--check"), &path]);
    let started = conductor(&[Path::new("--graph"), &path, Path::new("--ledger"), &ledger]);
    for Output { status, stderr, .. } in [checked, started] {
        let told = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(64), "{told}");
        for mistake in [
            "products.X.m_input",
            "NOWHERE",
            "products.Z.url",
            "atempts",
            "cycle",
        ] {
            assert!(told.contains(mistake), "{mistake} is not told:\n{told}");
        }
    }
    assert!(!ledger.exists(), "nothing was begun with it");
}
