//! Services that are away, or are others than meant.

use crate::scene::{DEADLINE, Scene, row};
use domain::CellState;
use stage::{CONDUCTOR, NATS, SDB};
use testkit::{eventually, eventually_some};

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
