//! `POST /notes`, `GET /notes`.

use crate::scene::{Scene, all, each};
use serde_json::{Value, json};

async fn leave(scene: &Scene, about: Value, note: &str) -> Value {
    let mut body = about;
    body["note"] = json!(note);
    let left = scene
        .post("/notes", &[("x-operator", "ada")], body.to_string())
        .await;
    assert_eq!(left.status, 201, "{left:?}");
    left.json()
}

async fn notes(scene: &Scene, query: &str) -> Vec<Value> {
    each(&scene.get(&format!("/notes?{query}")).await.ok(), "note")
}

#[tokio::test]
async fn a_note_is_found_by_all_that_it_is_about() {
    let scene = Scene::begin().await;
    let left = leave(&scene, json!({"obs_id": "42", "product": "QPO"}), "too faint").await;
    assert_eq!(
        (&left["obs_id"], &left["product"], &left["provider"], &left["by"]),
        (&json!(42), &json!("QPO"), &Value::Null, &json!("ada"))
    );
    leave(&scene, json!({"obs_id": "sb26022502"}), "follow closely").await;
    leave(&scene, json!({"provider": "lc"}), "new calibration since noon").await;
    let (faint, closely, calibration) = (
        json!("too faint"),
        json!("follow closely"),
        json!("new calibration since noon"),
    );
    for (query, expected) in [
        ("", vec![&calibration, &closely, &faint]),
        ("obs_id=42", vec![&calibration, &faint]),
        ("obs_id=42&product=QPO", vec![&calibration, &faint]),
        ("obs_id=42&product=LC&provider=qpo", vec![]),
        ("obs_id=sb26022502&provider=lc", vec![&calibration, &closely]),
        ("limit=1", vec![&calibration]),
    ] {
        let found = notes(&scene, query).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    assert_eq!(
        all(&scene, "/notes?", "note").await,
        [calibration, closely, faint]
    );

    let log = scene.get("/events").await.ok();
    assert_eq!(each(&log, "verb"), [json!("note"), json!("note"), json!("note")]);
    assert_eq!(
        each(&log, "target"),
        [json!("lc"), json!("of sb26022502"), json!("QPO of 42")]
    );
}

#[tokio::test]
async fn notes_survive_a_restart() {
    let scene = Scene::begin().await;
    leave(&scene, json!({"obs_id": 42}), "too faint").await;
    let scene = scene.restart().await;
    assert_eq!(notes(&scene, "obs_id=42").await, [json!("too faint")]);
}

#[tokio::test]
async fn a_note_is_about_something_and_says_something() {
    let scene = Scene::begin().await;
    for (body, status, code) in [
        (json!({"note": "to whom?"}), 422, "selector-empty"),
        (json!({"obs_id": 42, "note": " "}), 422, "invalid-request"),
        (json!({"obs_id": 42}), 422, "invalid-request"),
        (json!({"obs_id": "a b", "note": "x"}), 422, "invalid-obs-id"),
        (json!({"product": "Unheard", "note": "x"}), 404, "unknown-product"),
        (
            json!({"provider": "unheard", "note": "x"}),
            404,
            "unknown-provider",
        ),
        (
            json!({"obs_id": 42, "note": "x".repeat(1001)}),
            422,
            "invalid-request",
        ),
    ] {
        let answer = scene.post("/notes", &[], body.to_string()).await;
        answer.problem(status, code);
    }
    assert!(notes(&scene, "").await.is_empty());
}
