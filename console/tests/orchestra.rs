//! The verbs as an operator runs them, with the whole orchestra: all programs are real.

#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

use api::conductor::{CellView, ObservationItem, ObservationView, RunView, Touched};
use api::sdb::ProductRecord;
use api::vhf::ReplayRequest;
use api::{Items, PageQuery};
use domain::CellState;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stage::{CONDUCTOR, MOCK_PIPELINE, NATS, SDB};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually, eventually_some};

const DEADLINE: Duration = Duration::from_mins(1);

/// What a call of the console left behind.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn is(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.is(0).out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// An orchestra whose pipelines make everything at once, and the console of somebody called Ada.
struct Scene(Orchestra);

impl Scene {
    async fn start(mock: &[&str]) -> Self {
        let swift = ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"];
        let options = OrchestraOptions::default().args(MOCK_PIPELINE, swift.iter().chain(mock));
        Self(options.start().await)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestra-console"));
        command
            .args(line.split(' '))
            .env("ORCHESTRA_CONDUCTOR", self.0.url(CONDUCTOR).as_str())
            .env("ORCHESTRA_NATS", self.0.nats_url())
            .env("ORCHESTRA_OPERATOR", "ada");
        command
    }

    async fn say(&self, line: &str) -> Said {
        let mut command = self.command(line);
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap());
        let ended = ended.await.unwrap();
        Said {
            code: ended.status.code(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// Waits until a cell is so, as the console shows it.
    async fn until(&self, obs_id: &str, product: &str, state: CellState) -> CellView {
        let line = format!("show {obs_id} {product} --json");
        eventually_some(DEADLINE, async || {
            let said = self.say(&line).await;
            let view: CellView = serde_json::from_str(&said.out).ok()?;
            (view.cell.state == state).then_some(view)
        })
        .await
    }
}

/// The cells of one row of a table, whose columns are two spaces apart.
fn row<'a>(table: &'a str, first: &str) -> Vec<&'a str> {
    let line = table.lines().find(|line| line.starts_with(first));
    let line = line.unwrap_or_else(|| panic!("no row of {first} in\n{table}"));
    line.split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect()
}

fn is_clock(text: &str) -> bool {
    text.len() == 8 && jiff::civil::Time::strptime("%H:%M:%S", text).is_ok()
}

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

#[tokio::test]
async fn what_failed_is_retried_and_anything_is_asked_for_by_hand() {
    let scene = Scene::start(&["--misbehave", "QPO_ECL=permanent"]).await;
    scene.say("announce EclTmVhfAlert 42").await.is(0);
    scene.until("42", "QPO_ECL", CellState::Failed).await;
    scene.until("42", "TT_ECL", CellState::Done).await;
    let table = scene.say("show 42").await.out;
    let failed = row(&table, "QPO_ECL");
    assert_eq!((failed[1], failed[2]), ("failed", "1/3"), "{table}");
    assert!(is_clock(failed[3]) && failed[4].contains(": "), "{table}");

    let dry = scene.say("retry --obs-id 42 --dry-run").await;
    assert!(
        dry.is(0).out.ends_with("nothing was done: this was a dry run\n"),
        "{dry:?}"
    );
    let retried = scene
        .say("retry --provider qpo_ecl_pipeline --note calibrated")
        .await;
    assert!(retried.is(0).out.ends_with("\n1 retried\n"), "{retried:?}");
    let none = scene.say("retry --product TT_ECL").await;
    assert_eq!(none.is(0).out, "nothing to retry: no such cell is failed\n");
    let left: Touched = scene
        .say("retry --product TT_ECL --state done --json")
        .await
        .json();
    assert!(left.items.iter().all(|cell| cell.was == cell.state), "{left:?}");
    for (line, word) in [
        ("retry --obs-id 43", "unknown-observation"),
        ("retry --product NOPE", "unknown-product"),
        ("retry --provider nope", "unknown-provider"),
        ("trigger NOPE 42", "unknown-product"),
    ] {
        let said = scene.say(line).await;
        assert!(said.is(1).err.contains(word), "{line}: {said:?}");
    }
    let page = PageQuery::default();
    let acts = scene.0.conductor().events(&page).await.unwrap().items;
    let act = acts.iter().find(|act| act.note.as_deref() == Some("calibrated"));
    assert_eq!(act.map(|act| act.by.as_str()), Some("ada"), "{acts:?}");

    let made = scene.say("trigger TT_ECL 42").await;
    assert!(made.is(0).out.ends_with("; --force makes it again\n"), "{made:?}");
    let again = scene
        .say(r#"trigger TT_ECL 42 --force --params {"bins":64}"#)
        .await;
    let run_id = again.is(0).out.trim().rsplit(' ').next().unwrap().to_owned();
    let run: RunView = scene.say(&format!("runs {run_id} --json")).await.json();
    assert_eq!(
        Value::Object(run.params.unwrap()),
        serde_json::json!({"bins": 64})
    );
    assert!(scene.say("runs").await.is(0).out.contains(&run_id));
    let whole = scene.say(&format!("runs {run_id}")).await.out;
    assert!(whole.contains("parameters  {\"bins\":64}"), "{whole}");
    let missing = scene.say("trigger QPO_MXT 42").await;
    let expected = "QPO_MXT of 42 is not started; --force does all the same\n\
        QPO_MXT is not expected: cannot be made without MxtTmVhfPosition\n  - MxtTmVhfPosition not_expected: ";
    assert!(missing.is(1).out.starts_with(expected), "{missing:?}");
    let missing = scene.say("trigger QPO_MXT 42 --json").await;
    let told: Value = serde_json::from_str(&missing.is(1).out).unwrap();
    assert_eq!(told["code"], "inputs-missing");
    let unknown = scene.say("runs run_nope").await;
    assert!(unknown.is(1).err.contains("no run run_nope"), "{unknown:?}");
}

#[tokio::test]
async fn what_the_screen_can_do_the_command_line_can_do() {
    let scene = Scene::start(&["--misbehave", "QPO_ECL=permanent", "--misbehave", "TT_ECL=hang"]).await;
    scene.say("announce EclTmVhfAlert 42").await.is(0);
    scene.until("42", "TT_ECL", CellState::Running).await;
    scene.until("42", "QPO_ECL", CellState::Failed).await;

    // Seen by a dry run first, then done.
    for (line, dry, done) in [
        ("hold --obs 42 --product BURST_SUM", "would be held", "1 held"),
        (
            "release --obs 42 --product BURST_SUM",
            "would be released",
            "1 released",
        ),
        (
            "raise --obs 42 --product BURST_SUM --priority 7",
            "would be raised",
            "1 raised",
        ),
        (
            "cancel --provider ecl_vhf_pipeline --obs-id 42 --product TT_ECL --note stuck",
            "would be cancelled",
            "1 cancelled",
        ),
    ] {
        let looked = scene.say(&format!("{line} --dry-run")).await;
        assert!(looked.is(0).out.contains(dry), "{line}: {looked:?}");
        let acted = scene.say(line).await;
        assert!(
            acted.is(0).out.ends_with(&format!("\n{done}\n")),
            "{line}: {acted:?}"
        );
    }
    scene.until("42", "TT_ECL", CellState::Cancelled).await;
    for (line, expected) in [
        ("approve --obs 42", "nothing to approve: no such cell is held\n"),
        (
            "grace end --product BURST_SUM",
            "nothing to begin: no such cell is in grace\n",
        ),
        (
            "grace extend --by 10m --obs 42 --product BURST_SUM",
            "nothing to extend: no such cell is in grace\n",
        ),
    ] {
        assert_eq!(scene.say(line).await.is(0).out, expected, "{line}");
    }
    let left: Touched = scene
        .say("grace extend --by 10m --obs 42 --state failed --json")
        .await
        .json();
    assert!(
        left.items
            .iter()
            .all(|cell| cell.outcome.starts_with("left alone: ")),
        "{left:?}"
    );

    eventually(DEADLINE, async || {
        let alerts = scene.say("alerts").await;
        alerts.is(0).out.contains("QPO_ECL of 42")
    })
    .await;
    let ill = scene.say("check").await;
    assert!(
        ill.is(1).out.starts_with("ORCHESTRA WARNING - ") && ill.out.contains(" failed=1;0;9;0 "),
        "{ill:?}"
    );
    let seen = scene.say("acknowledge --obs 42 --for 1h").await;
    assert!(seen.is(0).out.contains("1 cause acknowledged until "), "{seen:?}");
    let well = scene.say("check --json").await;
    let told: Value = well.json();
    assert_eq!(told["level"], "OK", "{well:?}");
    assert_eq!(told["figures"]["failed"], 0);

    let mut note = scene.command("note --obs 42");
    let left = note.arg("the disk was full").output().unwrap();
    let said = String::from_utf8(left.stdout).unwrap();
    assert_eq!(said, "noted about 42 by ada\n");
    let notes = scene.say("notes --obs 42").await;
    assert_eq!(row(&notes.is(0).out, "AT"), ["AT", "BY", "ABOUT", "NOTE"]);
    assert!(
        notes.out.ends_with("ada  42     the disk was full\n"),
        "{notes:?}"
    );
    let report = scene.say("report --since 1h").await;
    assert!(report.is(0).out.contains("the disk was full"), "{report:?}");
    let report: Value = scene.say("report --json").await.json();
    assert_eq!(report["notes"][0]["by"], "ada");
}

#[tokio::test]
async fn another_graph_is_tried_put_and_read_back() {
    let scene = Scene::start(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("night.json");
    let path = file.to_str().unwrap();
    let was: Value = scene.say("graph get").await.json();
    let mut edited = was.clone();
    edited["products"]["QPO_ECL"]["priority"] = 7.into();
    std::fs::write(&file, edited.to_string()).unwrap();

    let tried = scene.say(&format!("graph put {path} --dry-run")).await;
    assert!(
        tried.is(0).out.starts_with("~ product QPO_ECL: priority "),
        "{tried:?}"
    );
    assert!(
        tried.out.ends_with("has no mistakes; nothing was changed\n"),
        "{tried:?}"
    );
    assert_eq!(scene.say("graph get").await.json::<Value>(), was);
    let put = scene.say(&format!("graph put {path} --note shift-2")).await;
    assert!(put.is(0).out.ends_with(" is in force\n"), "{put:?}");
    assert_eq!(scene.say("graph get").await.json::<Value>(), edited);
    let graph: Value = scene.say("graph get --json").await.json();
    assert_eq!((&graph["by"], &graph["note"]), (&"ada".into(), &"shift-2".into()));

    edited["products"]["QPO_ECL"]["priority"] = "high".into();
    std::fs::write(&file, edited.to_string()).unwrap();
    let wrong = scene.say(&format!("graph put {path}")).await;
    let told = format!("{path}: $.products.QPO_ECL.priority: ");
    assert!(
        wrong.is(64).err.starts_with(&told) && wrong.out.is_empty(),
        "{wrong:?}"
    );
    let missing = scene.say("graph put /nowhere/graph.json").await;
    assert!(
        missing.is(1).err.contains("/nowhere/graph.json cannot be read"),
        "{missing:?}"
    );
}

#[tokio::test]
async fn a_product_is_asked_for_at_its_pipeline_also_without_the_conductor() {
    let scene = Scene::start(&[]).await;
    scene.say("announce EclTmVhfAlert 42").await.is(0);
    scene.until("42", "TT_ECL", CellState::Done).await;
    let looked = scene.say("trigger QPO_MXT 42 --dry-run").await;
    assert!(
        looked
            .is(0)
            .out
            .starts_with("QPO_MXT of 42 is not_expected\nQPO_MXT is not expected: "),
        "{looked:?}"
    );
    let view: CellView = scene.say("show 42 TT_ECL --json").await.json();
    let straight = scene.say("trigger TT_ECL 42 --direct").await;
    let expected = " takes TT_ECL of 42 as ";
    assert!(straight.is(0).out.contains(expected), "{straight:?}");
    let url = scene.0.conductor().graph().await.unwrap();
    let url = url.products.iter().find(|made| made.product.as_str() == "TT_ECL");
    let url = url.unwrap().url.clone();
    eventually(DEADLINE, async || {
        let now: CellView = scene.say("show 42 TT_ECL --json").await.json();
        now.cell.version > view.cell.version
    })
    .await;

    scene.0.kill(CONDUCTOR).await;
    let blind = scene.say("trigger TT_ECL 42 --direct").await;
    assert!(
        blind.is(1).err.contains("--direct URL needs no graph"),
        "{blind:?}"
    );
    let straight = scene.say(&format!("trigger TT_ECL 42 --direct {url}")).await;
    assert!(straight.is(0).out.contains(expected), "{straight:?}");
    let both = scene.say("trigger TT_ECL 42 --direct --force").await;
    assert!(both.is(2).err.contains("--force"), "{both:?}");
    let critical = scene.say("check --wait 1s").await;
    assert!(
        critical.is(2).out.starts_with("ORCHESTRA CRITICAL - ")
            && critical.out.contains("the conductor does not answer"),
        "{critical:?}"
    );
    for shell in ["bash", "zsh", "fish"] {
        let script = scene.say(&format!("completions {shell}")).await;
        assert!(script.is(0).out.contains("acknowledge"), "{shell}");
    }
}

#[tokio::test]
async fn who_is_away_is_named_with_what_to_do() {
    let scene = Scene::start(&[]).await;
    eventually(DEADLINE, async || {
        let all = scene.say("status").await.is(0).out.clone();
        let services = ["conductor", "sdb", "vhf", "qpo_ecl_pipeline"];
        services
            .into_iter()
            .all(|service| row(&all, service)[1] == "ready")
    })
    .await;
    for (program, said) in [(SDB, "is no conductor"), (NATS, "broke off")] {
        let other = scene.0.url(program).as_str().replace("nats:", "http:");
        for line in ["show 42", "show 42 QPO_ECL", "trigger QPO_ECL 42", "runs run_1"] {
            let mistaken = scene.say(&format!("{line} --conductor {other}")).await;
            assert!(mistaken.is(1).err.contains(said), "{line}: {mistaken:?}");
        }
    }

    scene.0.kill(CONDUCTOR).await;
    let url = scene.0.url(CONDUCTOR);
    for line in [
        "show 42",
        "list",
        "runs",
        "trigger QPO_ECL 42",
        "retry --obs-id 42",
    ] {
        let expected = format!(
            "orchestra-console: the conductor does not answer at {}; is it running? (just status)\n",
            url.as_str().trim_end_matches('/')
        );
        assert_eq!(scene.say(line).await.is(1).err, expected);
    }
    // The stream goes on without it, so an announcement is kept.
    scene.say("announce EclTmVhfAlert 42").await.is(0);
    let silent = eventually_some(DEADLINE, async || {
        let said = scene.say("status").await;
        (said.code == Some(1)).then_some(said.out)
    })
    .await;
    assert_eq!(
        row(&silent, "conductor")[1..],
        ["silent", "is it running? (just status)"],
        "{silent}"
    );
    scene.0.restart(CONDUCTOR).await;
    scene.until("42", "QPO_ECL", CellState::Done).await;

    scene.0.kill(NATS).await;
    for line in ["announce EclTmVhfAlert 43", "watch", "status"] {
        let said = scene.say(line).await;
        assert!(
            said.is(1)
                .err
                .contains("NATS does not answer at nats://127.0.0.1:"),
            "{said:?}"
        );
    }
    scene.say("show 42").await.is(0);
    for (line, word) in [
        ("retry", "--obs-id"),
        ("show", "OBS_ID"),
        ("shov 42", "show"),
        ("trigger A.B 42", "A.B"),
    ] {
        let said = scene.say(line).await;
        assert!(said.is(2).err.contains(word), "{said:?}");
    }
}

#[tokio::test]
async fn a_product_is_drawn_and_downloaded() {
    let scene = Scene::start(&[]).await;
    let sdb = scene.0.url(SDB);
    let product = |line: &str| format!("{line} --sdb {sdb}");
    let missing = scene.say(&product("product 42 QPO_ECL")).await;
    assert!(
        missing.is(1).err.contains("the SDB has no QPO_ECL of 42"),
        "{missing:?}"
    );

    scene.say("announce EclTmVhfAlert 42").await.is(0);
    scene.until("42", "QPO_ECL", CellState::Done).await;
    let drawn = scene.say(&product("--charset ascii product 42 QPO_ECL")).await;
    let drawn = &drawn.is(0).out;
    assert!(
        drawn.starts_with("QPO_ECL of 42, version 1: position\n"),
        "{drawn}"
    );
    assert!(
        drawn.contains("= and G: the Galaxy") && drawn.is_ascii(),
        "{drawn}"
    );
    assert!(drawn.lines().all(|line| line.len() <= 80), "{drawn}");

    let record: ProductRecord = scene.say(&product("product 42 QPO_ECL --json")).await.json();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("qpo.json");
    let line = format!("product 42 QPO_ECL --version 1 --output {}", file.display());
    let said = scene.say(&product(&line)).await;
    assert!(
        said.is(0)
            .out
            .starts_with(&format!("QPO_ECL of 42, version 1: {} bytes to ", record.size))
    );
    let bytes = std::fs::read_to_string(&file).unwrap();
    assert_eq!(bytes.len() as u64, record.size);
    let piped = scene.say(&product("product 42 QPO_ECL --output -")).await;
    assert_eq!(piped.is(0).out, bytes);

    let full = scene.say(&product("product 42 QPO_ECL --output /dev/full")).await;
    assert!(
        full.is(1)
            .err
            .contains("/dev/full cannot be written: No space left"),
        "{full:?}"
    );
    let nowhere = scene
        .say(&product("product 42 QPO_ECL --output /nowhere/x"))
        .await;
    assert!(
        nowhere.is(1).err.contains("/nowhere/x cannot be written"),
        "{nowhere:?}"
    );
    let both = scene.say(&product("product 42 QPO_ECL --output - --json")).await;
    assert!(both.is(1).err.contains("no room"), "{both:?}");
    let unknown = scene.say(&product("product 42 QPO_ECL --version 7")).await;
    assert!(
        unknown.is(1).err.contains("no version 7 of QPO_ECL of 42"),
        "{unknown:?}"
    );
    let other = scene.0.url(CONDUCTOR);
    let mistaken = scene.say(&format!("product 42 QPO_ECL --sdb {other}")).await;
    assert!(mistaken.is(1).err.contains("is no SDB"), "{mistaken:?}");
}
