//! What is retried, asked for, held, acknowledged and noted.

use crate::scene::{DEADLINE, Scene, is_clock, row};
use api::PageQuery;
use api::conductor::{CellView, RunView, Touched};
use domain::CellState;
use serde_json::Value;
use stage::CONDUCTOR;
use testkit::eventually;

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
