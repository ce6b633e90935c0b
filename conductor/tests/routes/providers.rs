//! `GET /providers`, and what operators do to a provider.

use crate::scene::{Scene, all, each, text};
use conductor::desk::Load;
use conductor::durations::Took;
use conductor_core::{Open, RestraintKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn load(provider: &str, in_flight: usize, queued: usize) -> Load {
    Load {
        provider: provider.parse().unwrap(),
        in_flight,
        queued,
        busy_until: None,
        open: None,
        restraint: None,
    }
}

/// Two runs are with `lc`, and three wait for it.
async fn scene() -> Scene {
    let scene = Scene::begin().await;
    scene.writer.lock().await.loads = vec![load("lc", 2, 3), load("qpo", 0, 0)];
    scene
}

async fn steer(scene: &Scene, path: &str, note: &str) -> Value {
    let body = json!({ "note": note }).to_string();
    let headers = [("x-operator", "ada")];
    scene
        .post(&format!("/providers/{path}"), &headers, body)
        .await
        .ok()
}

#[tokio::test]
async fn the_board_shows_what_each_provider_is_and_has() {
    let scene = Scene::begin().await;
    let now = scene.clock.now();
    let busy_until = now + SignedDuration::from_hours(1);
    let busy = Load {
        busy_until: Some(busy_until),
        ..load("lc", 2, 7)
    };
    scene.writer.lock().await.loads = vec![busy, load("qpo", 0, 0), load("of-an-earlier-graph", 1, 0)];
    let said = json!({"service": "lc", "state": "busy", "detail": "two at work"});
    let heard_at = now - SignedDuration::from_secs(20);
    scene.presence.heard(
        "lc".parse().unwrap(),
        serde_json::from_value(said).unwrap(),
        heard_at,
    );

    let board = scene.get("/providers").await.ok();
    assert_eq!(
        board["items"][0],
        json!({
            "provider": "lc", "state": "late", "url": "http://lc:5000/pipeline", "products": ["LC", "FSC"],
            "in_flight": 2, "max_in_flight": 2, "queued": 7, "clears": null, "busy_until": busy_until,
            "probe_at": null, "seen_at": heard_at, "detail": "two at work", "since": null, "by": null, "note": null
        })
    );
    assert_eq!(
        board["items"][2],
        json!({
            "provider": "qpo", "state": "up", "url": "http://127.0.0.1:5000/qpo", "products": ["QPO"],
            "in_flight": 0, "max_in_flight": null, "queued": 0, "clears": null, "busy_until": null,
            "probe_at": null, "seen_at": null, "detail": null, "since": null, "by": null, "note": null
        })
    );
    let earlier = &board["items"][1];
    assert_eq!(
        (&earlier["provider"], &earlier["in_flight"], &earlier["products"]),
        (&json!("of-an-earlier-graph"), &json!(1), &json!([]))
    );
    assert_eq!(
        all(&scene, "/providers?", "provider").await,
        each(&board, "provider")
    );
    // Six runs go before the last of the seven, and of the two under way half is left, in two slots.
    let took = |product: &str| Took {
        product: product.parse().unwrap(),
        provider: "lc".parse().unwrap(),
        last_ms: vec![10_000],
    };
    scene.durations.take_up([took("LC"), took("FSC")]);
    let before = scene.clock.now();
    let board = scene.get("/providers").await.ok();
    let clears: Timestamp = text(&board["items"][0]["clears"]["p50"]).parse().unwrap();
    assert!(clears >= before + SignedDuration::from_secs(35), "{clears}");
    assert_eq!(
        board["items"][0]["clears"]["p50"],
        board["items"][0]["clears"]["p95"]
    );
    let wrong = scene.get("/providers?cursor=a%20b").await;
    wrong.problem(422, "invalid-request");
}

#[tokio::test]
async fn who_has_nothing_to_say_sends_no_body() {
    let scene = scene().await;
    for act in ["pause", "resume", "drain"] {
        let route = format!("/providers/lc/{act}");
        scene.post(&route, &[], String::new()).await.ok();
    }
    assert_eq!(
        scene.get("/providers").await.ok()["items"][0]["state"],
        "draining"
    );
}

#[tokio::test]
async fn a_pause_says_who_why_and_since_when_until_it_is_resumed() {
    let scene = scene().await;
    let paused = steer(&scene, "lc/pause", "disk is full").await;
    assert_eq!(
        (
            &paused["state"],
            &paused["by"],
            &paused["note"],
            &paused["queued"]
        ),
        (&json!("paused"), &json!("ada"), &json!("disk is full"), &json!(3))
    );
    assert!(paused["since"].is_string());
    assert_eq!(scene.get("/providers").await.ok()["items"][0], paused);
    let resumed = steer(&scene, "lc/resume", "").await;
    assert_eq!(
        (&resumed["state"], &resumed["by"], &resumed["since"]),
        (&json!("up"), &Value::Null, &Value::Null)
    );
    steer(&scene, "qpo/resume", "").await;
    let log = scene.get("/events").await.ok();
    let told = |member| each(&log, member);
    assert_eq!(told("verb"), [json!("resume"), json!("resume"), json!("pause")]);
    assert_eq!(told("target"), [json!("qpo"), json!("lc"), json!("lc")]);
    assert_eq!(
        told("outcome"),
        [
            json!("left alone: it is neither paused nor drained"),
            json!("resumed: 3 go on"),
            json!("3 wait, 2 under way")
        ]
    );
}

#[tokio::test]
async fn one_that_is_drained_is_draining_until_what_it_has_is_over() {
    let scene = scene().await;
    assert_eq!(steer(&scene, "lc/drain", "").await["state"], "draining");
    scene.writer.lock().await.loads[0].in_flight = 0;
    assert_eq!(scene.get("/providers").await.ok()["items"][0]["state"], "paused");
    // A pause after a drain is a pause: the last word stands.
    scene.writer.lock().await.loads[0].in_flight = 1;
    assert_eq!(steer(&scene, "lc/pause", "").await["state"], "paused");
}

#[tokio::test]
async fn one_that_is_not_reached_is_open_and_says_when_it_is_tried() {
    let scene = scene().await;
    let probe_at = scene.clock.now() + SignedDuration::from_secs(5);
    scene.writer.lock().await.loads[0].open = Some(Open {
        probe_at: Some(probe_at),
    });
    let board = scene.get("/providers").await.ok();
    assert_eq!(
        (&board["items"][0]["state"], &board["items"][0]["probe_at"]),
        (&json!("open"), &json!(probe_at))
    );
}

#[tokio::test]
async fn what_operators_want_of_providers_is_in_the_ledger() {
    let scene = scene().await;
    steer(&scene, "lc/pause", "disk is full").await;
    steer(&scene, "qpo/drain", "").await;
    steer(&scene, "qpo/resume", "").await;
    let scene = scene.restart().await;
    let restraints = scene.ledger.restraints().await.unwrap();
    let (provider, restraint) = restraints.iter().next().unwrap();
    assert_eq!((restraints.len(), provider.as_str()), (1, "lc"));
    assert_eq!(restraint.kind, RestraintKind::Paused);
    assert_eq!(restraint.signature.by, "ada");
    assert_eq!(restraint.signature.note.as_deref(), Some("disk is full"));
}

#[tokio::test]
async fn an_act_on_a_provider_is_done_once_and_refused_where_there_is_none() {
    let scene = scene().await;
    for path in ["nobody/pause", "nobody/drain", "nobody/resume"] {
        let refused = scene
            .post(&format!("/providers/{path}"), &[], "{}".to_owned())
            .await;
        refused.problem(404, "unknown-provider");
    }
    let key = [("idempotency-key", "k")];
    let pause = async |path: &str| {
        scene
            .post(&format!("/providers/{path}"), &key, "{}".to_owned())
            .await
    };
    let first = pause("lc/pause").await.ok();
    steer(&scene, "lc/resume", "").await;
    assert_eq!(pause("lc/pause").await.ok(), first, "a repeat does nothing");
    assert_eq!(scene.get("/providers").await.ok()["items"][0]["state"], "up");
    pause("qpo/pause").await.problem(422, "idempotency-key-reused");
    let wrong = scene.post("/providers/a%20b/pause", &[], "{}".to_owned()).await;
    wrong.problem(422, "invalid-request");
}
