//! `GET /runs` and one run.

use crate::scene::{Scene, all, each, text};
use conductor_core::{Event, Report};
use domain::{Attempt, RunId};
use serde_json::{Value, json};

/// QPO of 42 made at the second attempt, LC of 42 under way, QPO of 43 failed.
async fn filled() -> (Scene, [RunId; 3]) {
    let scene = Scene::begin().await;
    let made = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    scene.fail("42", "QPO", &made, 1, false).await;
    let running = scene.arrive("42", "vhf", "Curve", 1).await.remove(0);
    report(&scene, "LC", &running, 1, Report::Running).await;
    let failed = scene.failed("43").await;
    // The second attempt is due 5 s after the first failed.
    scene.writer.lock().await.now += jiff::SignedDuration::from_secs(10);
    assert_eq!(
        scene.happen("42", Event::DeadlineReached).await,
        std::slice::from_ref(&made)
    );
    report(&scene, "QPO", &made, 2, Report::Running).await;
    report(&scene, "QPO", &made, 2, Report::Succeeded { version: None }).await;
    scene.stored("42", "QPO", 3, &made).await;
    (scene, [made, running, failed])
}

async fn report(scene: &Scene, product: &str, run_id: &RunId, attempt: u32, report: Report) {
    let event = Event::Reported {
        product: product.parse().unwrap(),
        run_id: run_id.clone(),
        attempt: Attempt(attempt),
        report,
    };
    scene.happen("42", event).await;
}

#[tokio::test]
async fn a_run_tells_its_attempts_and_its_product() {
    let (scene, [made, running, failed]) = filled().await;
    let run = scene.get(&format!("/runs/{made}")).await.ok();
    assert_eq!((&run["state"], &run["version"]), (&json!("succeeded"), &json!(3)));
    // One failed that was not the pipeline's: all of its own are left.
    assert_eq!((&run["attempt"], &run["max_attempts"]), (&json!(2), &json!(3)));
    assert_eq!(run["reason"], Value::Null);
    assert_eq!(run["inputs"][0]["product"], "Alert");
    let attempts = run["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2, "{run}");
    assert_eq!(
        (&attempts[0]["attempt"], &attempts[0]["state"]),
        (&json!(1), &json!("failed"))
    );
    assert_eq!(attempts[0]["error"]["code"], "no-luck");
    assert_eq!(
        (&attempts[1]["attempt"], &attempts[1]["state"]),
        (&json!(2), &json!("succeeded"))
    );
    let times = [
        &attempts[0]["requested_at"],
        &attempts[0]["ended_at"],
        &attempts[1]["requested_at"],
        &attempts[1]["started_at"],
        &attempts[1]["ended_at"],
    ];
    let times: Vec<jiff::Timestamp> = times.map(|time| text(time).parse().unwrap()).into();
    assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");

    let run = scene.get(&format!("/runs/{running}")).await.ok();
    assert_eq!(
        (&run["state"], &run["reason"]),
        (&json!("running"), &json!("lc is at work"))
    );
    assert_eq!(run["attempts"][0]["state"], "running");
    assert!(run["attempts"][0]["deadline"].is_string());
    let run = scene.get(&format!("/runs/{failed}")).await.ok();
    assert!(text(&run["reason"]).starts_with("no-luck: the dice fell badly (after 1"));
    assert_eq!((&run["version"], &run["retry_at"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_product_of_a_least_pipeline_belongs_to_the_run_that_was_under_way() {
    let scene = Scene::begin().await;
    let run_id = scene.arrive("42", "vhf", "Alert", 1).await.remove(0);
    scene.arrive("42", "sdb", "QPO", 8).await;
    let run = scene.get(&format!("/runs/{run_id}")).await.ok();
    assert_eq!((&run["state"], &run["version"]), (&json!("succeeded"), &json!(8)));
    // One that is imported by hand later is not this run's.
    scene.arrive("42", "sdb", "QPO", 9).await;
    let run = scene.get(&format!("/runs/{run_id}")).await.ok();
    assert_eq!(run["version"], 8);
}

#[tokio::test]
async fn runs_are_found_by_all_that_is_given_and_the_newest_stands_first() {
    let (scene, [made, running, failed]) = filled().await;
    let (made, running, failed) = (json!(made), json!(running), json!(failed));
    let list = scene.get("/runs").await.ok();
    assert_eq!(
        each(&list, "run_id"),
        [failed.clone(), running.clone(), made.clone()]
    );
    assert_eq!(each(&list, "obs_id"), [json!(43), json!(42), json!(42)]);
    let since = text(&list["items"][1]["created_at"]);
    for (query, expected) in [
        ("state=failed".to_owned(), vec![&failed]),
        ("state=running".to_owned(), vec![&running]),
        ("provider=qpo".to_owned(), vec![&failed, &made]),
        ("provider=qpo&state=succeeded".to_owned(), vec![&made]),
        ("provider=unheard".to_owned(), vec![]),
        (format!("since={since}"), vec![&failed, &running]),
        (format!("since={since}&provider=lc"), vec![&running]),
    ] {
        let found = each(&scene.get(&format!("/runs?{query}")).await.ok(), "run_id");
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    assert_eq!(
        all(&scene, "/runs?", "run_id").await,
        [failed.clone(), running, made.clone()]
    );
    assert_eq!(all(&scene, "/runs?provider=qpo&", "run_id").await, [failed, made]);
    for wrong in [
        "state=fine",
        "limit=0",
        "cursor=x",
        "cursor=2026-02-25T08:52:07Z~a%20b",
        "since=now",
    ] {
        let answer = scene.get(&format!("/runs?{wrong}")).await;
        answer.problem(422, "invalid-request");
    }
}

#[tokio::test]
async fn a_run_that_is_not_there_is_unknown() {
    let scene = Scene::begin().await;
    scene.get("/runs/run_1").await.problem(404, "unknown-run");
    scene.get("/runs/..%2Fetc").await.problem(422, "invalid-request");
}
