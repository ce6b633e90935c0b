//! How it starts, or says why not; and how it stops.

use crate::program::{PROVIDER, run};
use crate::scene::{Scene, heard, request, said};
use domain::{Activity, ErrorClass, ProcessingState, ServiceState};
use rustix::process::Signal;

#[test]
fn what_cannot_be_is_refused_with_what_is_wrong_and_the_right_exit_code() {
    let directory = tempfile::tempdir().unwrap();
    let graph = directory.path().join("graph.json");
    std::fs::write(
        &graph,
        r#"{"inputs": ["A"], "products": {"B": {"m_input": ["C"]}}}"#,
    )
    .unwrap();
    let graph = graph.to_str().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    for (args, code, expected) in [
        (&["--graph", graph] as &[&str], 64, "$.products.B"),
        (&["--graph", "/none"], 64, "/none cannot be read: No such file"),
        (&["--nats", "http://x"], 64, "nats://127.0.0.1:4222"),
        (&["--sdb", "127.0.0.1:5001"], 2, "http://127.0.0.1:5001"),
        (&["--misbehave", "QPO_ECL=nap"], 2, "none of hang, crash"),
        (
            &["--misbehave", "QPO_ECL=hang", "--least"],
            2,
            "cannot be used with",
        ),
        (&["--failure-rate", "20"], 2, "a rate is 0 to 1"),
        (&["--workers", "0"], 2, "1 to 4096"),
        (&["--state-dir", file], 1, "cannot be used"),
    ] {
        let mut all = vec!["--listen", "127.0.0.1:0"];
        all.extend(args);
        let output = run(&all);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(expected), "{args:?}: {said}");
        assert!(
            output.stdout.is_empty(),
            "results only to stdout, and this is none"
        );
    }
}

#[test]
fn help_shows_each_variable_and_whose_argument_it_is() {
    let output = run(&["--help"]);
    let help = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    for text in [
        "\nService:",
        "\nPipeline:",
        "\nMock:",
        "ORCHESTRA_MISBEHAVE",
        "ORCHESTRA_PROVIDER",
    ] {
        assert!(help.contains(text), "{text} in {help}");
    }
    assert_eq!(
        help.matches("\n      --").count(),
        help.matches("[env: ORCHESTRA_").count()
    );
}

#[tokio::test]
async fn a_taken_port_and_a_taken_memory_are_named() {
    let scene = Scene::start().await;
    let mock = scene.mock(&[]).await;
    let taken = mock.base.trim_start_matches("http://");
    let output = run(&["--listen", taken]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(taken) && said.contains("--listen"), "{said}");
    assert_eq!(said.lines().count(), 1, "nothing was begun before: {said}");

    let state = scene.state("");
    let output = run(&["--listen", "127.0.0.1:0", "--state-dir", state.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("another process uses") && said.contains("--state-dir"),
        "{said}"
    );
    mock.stop().await;
}

#[tokio::test]
async fn a_term_lets_what_is_at_work_finish_and_leaves_with_0() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let delay = ["--min-delay", "1s", "--max-delay", "1s", "--workers", "1"];
    let mut mock = scene.mock(&delay).await;
    mock.begin(&request("works", 1)).await;
    mock.begin(&request("waits", 1)).await;
    mock.at_work("works").await;
    mock.signal(Signal::TERM);
    let status = mock.exit().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert_eq!(
        scene.versions("QPO_ECL", 42).await.len(),
        1,
        "what was at work is done"
    );

    let mut told = Vec::new();
    said(&mut feed, |activity| {
        if let Activity::Status(status) = activity
            && status.service.as_str() == PROVIDER
        {
            told.push(status.state);
        }
        told.contains(&ServiceState::Stopped).then_some(())
    })
    .await;
    told.dedup();
    assert!(
        told.ends_with(&[ServiceState::Draining, ServiceState::Stopped]),
        "{told:?}"
    );

    let mock = scene.mock(&[]).await;
    let works = mock.run("works").await.unwrap();
    assert_eq!(works.state, ProcessingState::Succeeded);
    let waits = mock.run("waits").await.unwrap().error.unwrap();
    assert_eq!(
        (waits.class, waits.code.as_str()),
        (ErrorClass::Retriable, "stopped")
    );
    mock.begin(&request("waits", 2)).await;
    assert_eq!(mock.ended("waits").await.state, ProcessingState::Succeeded);
    mock.stop().await;
}

#[tokio::test]
async fn what_does_not_finish_in_its_time_ends_as_stopped() {
    let scene = Scene::start().await;
    let mut feed = scene.listen().await;
    let args = ["--misbehave", "QPO_ECL=hang", "--drain", "100ms"];
    let mock = scene.mock(&args).await;
    mock.begin(&request("r", 1)).await;
    mock.at_work("r").await;
    mock.stop().await;
    let failed = heard(&mut feed, "r", ProcessingState::Failed).await;
    assert_eq!(failed.error.unwrap().code, "stopped");
    assert!(scene.versions("QPO_ECL", 42).await.is_empty());
}
