//! What is announced is watched, shown and listed.

use crate::scene::{DEADLINE, Scene, is_clock, row};
use api::Items;
use api::conductor::{ObservationItem, ObservationView};
use api::vhf::ReplayRequest;
use domain::CellState;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use testkit::eventually_some;

#[tokio::test]
async fn an_alert_is_announced_watched_shown_and_listed() {
    let scene = Scene::start(&[]).await;
    assert!(
        scene
            .say("list")
            .await
            .is(0)
            .out
            .starts_with("nothing was announced yet")
    );
    let unknown = scene.say("show 42").await;
    assert!(
        unknown
            .is(1)
            .err
            .contains("nothing was ever announced of observation 42"),
        "{unknown:?}"
    );
    let watch = Watch::start(&scene);

    let announced = scene.say("announce EclTmVhfAlert 42").await;
    assert_eq!(announced.is(0).err, "");
    assert_eq!(
        announced.out,
        "data.vhf has {\"product\":\"EclTmVhfAlert\",\"obs_id\":42} as number 1\n"
    );
    scene.until("42", "CIRC_DRAFT", CellState::Done).await;

    let shown = scene.say("show 42").await;
    let table = &shown.is(0).out;
    // Something else may still be on its way.
    let mut head = row(table, "PRODUCT");
    head.retain(|column| *column != "ETA");
    assert_eq!(head, ["PRODUCT", "STATE", "VER", "TRY", "SINCE", "REASON"]);
    assert_eq!(row(table, "EclTmVhfAlert")[1], "received");
    let made = row(table, "QPO_ECL");
    assert_eq!((made[1], made[2], made[3]), ("done", "1", "1/3"), "{made:?}");
    assert!(is_clock(made[4]), "{made:?}");
    assert!(
        table.ends_with("more are not expected; --all shows why\n"),
        "{table}"
    );
    let whole: ObservationView = scene.say("show 42 --json").await.json();
    assert_eq!(
        scene.say("show 42 --all").await.out.lines().count(),
        whole.cells.len() + "title, head, counts".split(", ").count()
    );

    let one = scene.say("show 42 QPO_ECL").await.out;
    assert!(
        one.contains("QPO_ECL of 42: done since ") && one.contains(", version 1, made by qpo_ecl_pipeline"),
        "{one}"
    );
    assert!(
        one.contains("made from  EclTmVhfAlert") && one.contains("attempt 1  succeeded, sent "),
        "{one}"
    );
    let why = scene.say("show 42 QPO_GRM").await.out;
    assert!(
        why.contains("  - TT_GRM not_expected: cannot be made without GrmTmVhfTrigger\n"),
        "{why}"
    );
    let unknown = scene.say("show 42 NOPE").await;
    assert!(unknown.is(1).err.contains("the graph has no NOPE"), "{unknown:?}");

    let listed = scene.say("list").await.out;
    assert_eq!(row(&listed, "42")[1], "done", "{listed}");
    let items: Items<ObservationItem> = scene.say("list --q 42 --limit 1 --json").await.json();
    assert_eq!(items.items.len(), 1);
    assert_eq!(
        scene.say("list --state failed").await.is(0).out,
        "no such observation\n"
    );

    // What was watched is what came of it, each change once.
    let mut watched: Vec<String> = Vec::new();
    while !watched
        .iter()
        .any(|line| line.contains(" CIRC_DRAFT       done 1/3 version 1"))
    {
        watched.push(watch.lines.recv_timeout(DEADLINE).unwrap());
    }
    let of_alert: Vec<&String> = watched
        .iter()
        .filter(|line| line[9..].starts_with("42         QPO_ECL "))
        .collect();
    let different: std::collections::BTreeSet<&String> = of_alert.iter().copied().collect();
    assert_eq!(different.len(), of_alert.len(), "{of_alert:?}");
    assert!(of_alert.iter().all(|line| is_clock(&line[..8])), "{of_alert:?}");

    let typo = scene.say("announce EclTmVhfAlrt 42 --json").await;
    assert!(typo.err.contains("the graph has no EclTmVhfAlrt"), "{typo:?}");
    let told: Value = typo.json();
    assert_eq!(told["subject"], "data.vhf");
}

/// `watch 42`, until it is dropped.
struct Watch {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Watch {
    /// Whatever is said after this is in its lines.
    fn start(scene: &Scene) -> Self {
        let mut command = scene.command("watch 42");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut note = String::new();
        BufReader::new(child.stderr.take().unwrap())
            .read_line(&mut note)
            .unwrap();
        assert_eq!(note, "watching 42; Ctrl-C ends it\n");
        let (send, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .try_for_each(|line| send.send(line))
        });
        Self { child, lines }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test]
async fn a_real_burst_is_one_table() {
    let scene = Scene::start(&[]).await;
    let request: ReplayRequest = serde_json::from_str(r#"{"burst":"sb26022501","speed":1000000}"#).unwrap();
    scene.0.vhf().replay(&request).await.unwrap();
    let of_burst = async || -> Option<ObservationView> {
        serde_json::from_str(&scene.say("show sb26022501 --json").await.out).ok()
    };
    let view = eventually_some(DEADLINE, async || {
        let view = of_burst().await?;
        let count = |state| view.counts.get(&state).copied().unwrap_or(0);
        // Its seven packets, and nothing more on its way.
        let under_way = [
            CellState::Waiting,
            CellState::Grace,
            CellState::Queued,
            CellState::Requested,
            CellState::Running,
        ];
        (count(CellState::Received) == 7 && under_way.into_iter().all(|state| count(state) == 0))
            .then_some(view)
    })
    .await;
    let text = scene.say("show sb26022501").await.out;
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("sb26022501 at ") && lines[0].ends_with(" UTC"),
        "{text}"
    );
    let state = lines[1].find("STATE").unwrap();
    let since = lines[1].find("SINCE").unwrap();
    let rows = &lines[2..lines.len() - 2];
    let expected = view
        .cells
        .iter()
        .filter(|cell| cell.state != CellState::NotExpected);
    let mut shown = 0;
    for (row, cell) in rows.iter().zip(expected) {
        assert!(row.starts_with(cell.product.as_str()), "{row}");
        assert!(row[state..].starts_with(cell.state.as_str()), "{row}");
        assert!(is_clock(&row[since..since + 8]), "{row}");
        shown += 1;
    }
    assert_eq!((shown, rows.len()), (rows.len(), 29), "{text}");
}
