//! The canary goes round through real processes, names the hop that broke, and is in no list.

use api::conductor::{ObservationQuery, RunQuery};
use api::sdb::RecordQuery;
use api::{ApiError, PageQuery};
use domain::{canary_obs_id, canary_product};
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, NATS, SDB};
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually, exchange};

/// A round takes milliseconds, and seconds beside a compiler.
const DEADLINE: Duration = Duration::from_secs(90);

/// How often it is sent: `--canary`.
const PACE: &str = "ORCHESTRA_CANARY";

async fn start() -> Orchestra {
    OrchestraOptions::default()
        .without(MOCK_VHF)
        .without(MOCK_PIPELINE)
        .env(CONDUCTOR, PACE, "1s")
        .start()
        .await
}

/// What the conductor answers there.
async fn get(orchestra: &Orchestra, path: &str) -> String {
    let answer = exchange(&orchestra.url(CONDUCTOR), "GET", path, &[], b"").await;
    answer.expect("the conductor answers").body
}

/// How many rounds have ended so: `round`, or the hop that broke.
async fn ended(orchestra: &Orchestra, how: &str) -> u64 {
    let line = format!("conductor_canary_rounds_total{{ended=\"{how}\"}} ");
    let metrics = get(orchestra, "/metrics").await;
    let found = metrics.lines().find_map(|known| known.strip_prefix(&line));
    found.map_or(0, |number| number.trim().parse().expect("a counter is a number"))
}

/// Waits until a round has come back that is not yet known.
async fn goes_round(orchestra: &Orchestra) {
    let before = ended(orchestra, "round").await;
    eventually(DEADLINE, async || ended(orchestra, "round").await > before).await;
}

/// The version of each of its products that the SDB keeps, the newest first.
async fn kept(orchestra: &Orchestra) -> Result<Vec<u64>, ApiError> {
    let (obs_id, product, first) = (canary_obs_id(), canary_product(), PageQuery::default());
    let versions = orchestra.sdb().versions(&obs_id, &product, &first).await?;
    Ok(versions.items.iter().map(|record| record.version.0).collect())
}

/// What the conductor calls for because of it.
async fn alerts(orchestra: &Orchestra) -> Vec<String> {
    let alerts = orchestra
        .conductor()
        .alerts()
        .await
        .expect("the conductor answers");
    let standing = alerts
        .items
        .into_iter()
        .filter(|alert| alert.cleared_at.is_none());
    let of_canary = standing.filter(|alert| alert.fingerprint == "canary");
    of_canary.map(|alert| alert.title).collect()
}

/// Waits until the conductor is not ready because of it, and says so.
async fn is_broken(orchestra: &Orchestra, what: &str) {
    eventually(DEADLINE, async || {
        get(orchestra, "/health/ready").await.contains(what)
    })
    .await;
}

/// Waits until the conductor is ready for all that it knows of the canary.
async fn is_well(orchestra: &Orchestra) {
    eventually(DEADLINE, async || {
        !get(orchestra, "/health/ready").await.contains("broken at")
    })
    .await;
}

#[tokio::test]
async fn it_goes_round_and_is_in_no_list() {
    let orchestra = start().await;
    goes_round(&orchestra).await;
    // What others say of it is nothing, whatever they say.
    for _ in 0..50 {
        for body in [
            r#"{"product": "EclTmVhfAlert", "obs_id": "_canary"}"#,
            r#"{"obs_id": "_canary", "retracted": true}"#,
            r#"{"product": "_CANARY", "obs_id": "_canary", "run_id": "none"}"#,
        ] {
            orchestra.publish("data.vhf", body).await;
        }
    }
    for _ in 0..3 {
        goes_round(&orchestra).await;
    }
    let metrics = get(&orchestra, "/metrics").await;
    assert!(metrics.contains("conductor_canary_round_trip_seconds_count"));

    let (conductor, sdb) = (orchestra.conductor(), orchestra.sdb());
    let observations = conductor.observations(&ObservationQuery::default()).await;
    assert_eq!(observations.expect("the conductor answers").items.len(), 0);
    let runs = conductor.runs(&RunQuery::default()).await;
    assert_eq!(runs.expect("the conductor answers").items.len(), 0);
    for path in [
        "/report",
        "/providers",
        "/events",
        "/graph",
        "/observations/_canary",
    ] {
        let told = get(&orchestra, path).await;
        let detail = "nothing was ever announced of _canary";
        assert!(
            !told.replace(detail, "").to_lowercase().contains("canary"),
            "{path}: {told}"
        );
    }
    let records = sdb.records(&RecordQuery::default()).await;
    assert_eq!(records.expect("the SDB answers").items.len(), 0);
    let observations = sdb.observations(&PageQuery::default()).await;
    assert_eq!(observations.expect("the SDB answers").items.len(), 0);
    // Of all its versions the SDB keeps the latest, and for moments the one before.
    eventually(DEADLINE, async || {
        let kept = kept(&orchestra).await.expect("the SDB answers");
        kept.len() <= 2 && kept.first() > Some(&3)
    })
    .await;
}

#[tokio::test]
async fn it_says_that_the_sdb_is_gone_and_is_well_again() {
    let orchestra = start().await;
    goes_round(&orchestra).await;
    orchestra.kill(SDB).await;
    let broken = "broken at import: the SDB does not take its product";
    is_broken(&orchestra, broken).await;
    eventually(DEADLINE, async || {
        alerts(&orchestra)
            .await
            .iter()
            .any(|title| title.contains(broken))
    })
    .await;
    orchestra.restart(SDB).await;
    is_well(&orchestra).await;
    eventually(DEADLINE, async || alerts(&orchestra).await.is_empty()).await;
}

#[tokio::test]
async fn it_says_that_nats_is_gone_and_is_well_again() {
    let orchestra = start().await;
    goes_round(&orchestra).await;
    orchestra.kill(NATS).await;
    is_broken(
        &orchestra,
        "broken at publish: NATS does not take its announcement",
    )
    .await;
    orchestra.restart(NATS).await;
    is_well(&orchestra).await;
    goes_round(&orchestra).await;
}

#[tokio::test]
async fn whoever_starts_again_goes_on_where_the_ledger_stands() {
    let orchestra = start().await;
    goes_round(&orchestra).await;
    orchestra.kill(CONDUCTOR).await;
    let before = kept(&orchestra).await.expect("the SDB answers");
    orchestra.restart(CONDUCTOR).await;
    goes_round(&orchestra).await;
    assert!(kept(&orchestra).await.expect("the SDB answers") > before);
}

#[tokio::test]
async fn it_can_be_off_and_then_nothing_stands_of_it() {
    let orchestra = start().await;
    goes_round(&orchestra).await;
    orchestra.kill(SDB).await;
    is_broken(&orchestra, "broken at import").await;
    eventually(DEADLINE, async || !alerts(&orchestra).await.is_empty()).await;
    orchestra.stop(CONDUCTOR).await;
    orchestra.restart(SDB).await;
    orchestra.set_env(CONDUCTOR, PACE, Some("off"));
    orchestra.restart(CONDUCTOR).await;
    eventually(DEADLINE, async || alerts(&orchestra).await.is_empty()).await;
    assert!(!get(&orchestra, "/metrics").await.contains("conductor_canary"));
    assert!(!get(&orchestra, "/health/ready").await.contains("canary"));
}
