//! Another graph.

use crate::scene::Scene;
use serde_json::Value;

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

    // Whoever wrote it for the graph before is told of the one that would be lost.
    let before = tried
        .out
        .lines()
        .find_map(|line| line.strip_prefix("compared with "));
    let before = before.unwrap();
    let late = scene.say(&format!("graph put {path} --if-match {before}")).await;
    assert!(
        late.is(1).err.contains("graph-changed") && late.err.contains("put by ada: shift-2"),
        "{late:?}"
    );
    let is = graph["sha256"].as_str().unwrap();
    let fits = scene.say(&format!("graph put {path} --if-match {is}")).await;
    assert!(fits.is(0).out.ends_with(" is in force\n"), "{fits:?}");

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
