//! A disk is full: who needs it says so, in the same words everywhere, loses nothing, and goes on by itself when
//! there is room.

use api::conductor::ObservationQuery;
use domain::{Activity, AlertState, CellState, ServiceState, StatusActivity};
use messaging::{ActivityFeed, Bus, BusOptions, Heard};
use serde_json::{Value, json};
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, SDB};
use std::path::{Path, PathBuf};
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, SmallDisk, eventually, exchange};
use tokio::time::timeout;

/// What is waited for takes seconds; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(1);

/// Observations before the disk is full, and while it is.
const OBSERVATIONS: u64 = 10;

/// Who makes the product.
const PROVIDER: &str = "a";

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// Where the server says what of the stream the conductor has acknowledged.
const CONSUMER: &str = "CONSUMER.INFO.DATA.conductor";

#[tokio::test]
async fn a_full_disk_under_the_ledger_stops_the_conductor_until_there_is_room() {
    for disk in SmallDisk::all() {
        full_under_the_ledger(disk).await;
    }
}

#[tokio::test]
async fn every_service_says_the_same_of_its_full_disk_whoever_asks() {
    for disk in SmallDisk::all() {
        same_words(disk).await;
    }
}

#[tokio::test]
async fn an_alert_that_the_ledger_refuses_holds_up_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let product = |within: &str| {
        json!({"m_input": ["IN"], "provider": PROVIDER, "url": "http://a:5000/pipeline",
               "due": {"from": "first_input", "within": within}})
    };
    // Nobody makes them. Told are they in two calls: what comes within two seconds is one.
    let products = json!({"EARLY": product("4s"), "LATER": product("9s")});
    let file = folder.path().join("graph.json");
    let graph = json!({"inputs": ["IN"], "products": products}).to_string();
    std::fs::write(&file, graph).expect("the graph can be written");
    let orchestra = OrchestraOptions::default()
        .graph(file)
        .without(MOCK_VHF)
        .without(MOCK_PIPELINE)
        .disk(CONDUCTOR, SmallDisk::Limited)
        .start()
        .await;
    let mut activity = hear(&orchestra).await;
    announce(&orchestra, 0..1).await;
    eventually(DEADLINE, async || {
        let page = orchestra
            .conductor()
            .observations(&ObservationQuery::default())
            .await;
        page.is_ok_and(|page| !page.items.is_empty())
    })
    .await;
    orchestra.fill_disk(CONDUCTOR);
    for fingerprint in ["overdue-EARLY", "overdue-LATER"] {
        is_called(&mut activity, fingerprint).await;
    }
    let stored = orchestra.conductor().alerts().await;
    assert_eq!(
        stored.expect("alerts are listed").items,
        [],
        "the ledger takes none"
    );
    orchestra.clear_disk(CONDUCTOR);
    eventually(DEADLINE, async || {
        let stored = orchestra.conductor().alerts().await;
        stored.is_ok_and(|stored| stored.items.len() == 2)
    })
    .await;
}

#[tokio::test]
async fn an_import_that_finds_no_room_is_told_so_whether_rows_or_bytes_do_not_fit() {
    for disk in SmallDisk::all() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let options = OrchestraOptions::default().graph(graph(folder.path()));
        let orchestra = options.disk(SDB, disk).start().await;
        let url = orchestra.url(SDB);
        orchestra.fill_disk(SDB);
        for size in [40_000, 400_000] {
            let bytes = vec![b'x'; size];
            let mut tries = 0..;
            // There may be some room left in what is there.
            eventually(DEADLINE, async || {
                let path = format!("/products/{size}-{}/B", tries.next().unwrap_or(0));
                let answer = exchange(&url, "POST", &path, &[], &bytes).await;
                let answer = answer.expect("the SDB answers");
                assert!(
                    matches!(answer.status, 201 | 507),
                    "{disk:?}, {size} bytes: {answer:?}"
                );
                answer.status == 507
            })
            .await;
        }
    }
}

async fn same_words(disk: SmallDisk) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut options = OrchestraOptions::default().graph(graph(folder.path()));
    for program in [SDB, CONDUCTOR, MOCK_VHF, MOCK_PIPELINE] {
        options = options.disk(program, disk);
    }
    let orchestra = options.start().await;
    let mut activity = hear(&orchestra).await;
    let mut tries = 0..;
    for (program, service) in [
        (SDB, SDB),
        (CONDUCTOR, CONDUCTOR),
        (MOCK_VHF, "vhf"),
        (MOCK_PIPELINE, PROVIDER),
    ] {
        // A source that refuses a replay is well; one that cannot go on with it is not.
        write(&orchestra, program, tries.next().unwrap_or(0)).await;
        orchestra.fill_disk(program);
        eventually(DEADLINE, async || {
            write(&orchestra, program, tries.next().unwrap_or(0)).await;
            ready(&orchestra, program).await.0 == 503
        })
        .await;
        let said = says(&mut activity, service, |status| {
            status.state == ServiceState::Degraded
        })
        .await;
        let (_, answered) = ready(&orchestra, program).await;
        assert!(!said.detail.is_empty(), "{said:?}");
        assert_eq!(said.detail, answered, "{disk:?}: {service}");
        orchestra.clear_disk(program);
        eventually(DEADLINE, async || {
            write(&orchestra, program, tries.next().unwrap_or(0)).await;
            ready(&orchestra, program).await.0 == 200
        })
        .await;
        let is_well =
            |status: &StatusActivity| status.state != ServiceState::Degraded && status.detail != said.detail;
        says(&mut activity, service, is_well).await;
    }
}

/// Gives a program something to store, whatever it answers.
async fn write(orchestra: &Orchestra, program: &str, n: u64) {
    let noise = vec![b'x'; 40_000];
    let url = orchestra.url(program);
    let request = json!({"product": "A", "obs_id": format!("asked-{n}")}).to_string();
    let asked = match program {
        SDB => exchange(&url, "POST", &format!("/products/imported-{n}/B"), &[], &noise).await,
        CONDUCTOR => {
            announce(orchestra, n..n + 1).await;
            return;
        }
        MOCK_VHF => {
            exchange(
                &url,
                "POST",
                "/replay",
                &JSON,
                br#"{"all": true, "speed": 20000, "gap": "50ms"}"#,
            )
            .await
        }
        _ => {
            exchange(
                &url,
                "POST",
                &format!("/{PROVIDER}/processing"),
                &JSON,
                request.as_bytes(),
            )
            .await
        }
    };
    asked.expect("the program answers");
}

/// A graph with one product.
fn graph(folder: &Path) -> PathBuf {
    let product = json!({"m_input": ["IN"], "provider": PROVIDER, "url": "http://a:5000/pipeline"});
    let path = folder.join("graph.json");
    let text = json!({"inputs": ["IN"], "products": {"A": product}}).to_string();
    std::fs::write(&path, text).expect("the graph can be written");
    path
}

async fn full_under_the_ledger(disk: SmallDisk) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let pipelines = ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"];
    let orchestra = OrchestraOptions::default()
        .graph(graph(folder.path()))
        .without(MOCK_VHF)
        .args(MOCK_PIPELINE, pipelines)
        .disk(CONDUCTOR, disk)
        .start()
        .await;
    announce(&orchestra, 0..OBSERVATIONS).await;
    eventually(DEADLINE, async || done(&orchestra).await == OBSERVATIONS).await;
    let mut activity = hear(&orchestra).await;

    orchestra.fill_disk(CONDUCTOR);
    let acknowledged = acknowledged(&orchestra).await;
    announce(&orchestra, OBSERVATIONS..2 * OBSERVATIONS).await;
    let said = says(&mut activity, CONDUCTOR, |status| {
        status.state == ServiceState::Degraded
    })
    .await;
    assert!(said.detail.starts_with("ledger: "), "{disk:?}: {said:?}");
    assert_eq!(ready(&orchestra, CONDUCTOR).await, (503, said.detail));
    if disk == SmallDisk::Mounted {
        is_called(&mut activity, "disk-ledger").await;
    }
    // What is known can still be read.
    assert_eq!(done(&orchestra).await, OBSERVATIONS);
    assert_eq!(self::acknowledged(&orchestra).await, acknowledged, "{disk:?}");

    orchestra.clear_disk(CONDUCTOR);
    says(&mut activity, CONDUCTOR, |status| {
        status.state == ServiceState::Ready
    })
    .await;
    eventually(DEADLINE, async || done(&orchestra).await == 2 * OBSERVATIONS).await;
    assert_eq!(ready(&orchestra, CONDUCTOR).await.0, 200);
    let runs = orchestra
        .conductor()
        .runs(&api::conductor::RunQuery::default())
        .await;
    let runs = runs.expect("the conductor lists runs").items.len() as u64;
    assert_eq!(runs, 2 * OBSERVATIONS, "{disk:?}: each was made once");
    let restarts = orchestra
        .reports()
        .iter()
        .map(|report| report.restarts)
        .sum::<u32>();
    assert_eq!(restarts, 0);
}

async fn announce(orchestra: &Orchestra, observations: std::ops::Range<u64>) {
    for obs_id in observations {
        let packet = json!({"product": "IN", "obs_id": obs_id}).to_string();
        orchestra.publish("data.vhf", packet).await;
    }
}

/// How many products are there.
async fn done(orchestra: &Orchestra) -> u64 {
    let page = orchestra
        .conductor()
        .observations(&ObservationQuery::default())
        .await;
    let items = page.expect("the conductor lists observations").items;
    items
        .iter()
        .filter_map(|item| item.counts.get(&CellState::Done))
        .sum()
}

/// Up to where the conductor has acknowledged the stream.
async fn acknowledged(orchestra: &Orchestra) -> u64 {
    let answers = orchestra.jetstream(&[(CONSUMER, json!({}))]).await;
    let floor = &answers[0]["ack_floor"]["stream_seq"];
    floor.as_u64().unwrap_or_else(|| panic!("{}", answers[0]))
}

/// What a program answers when it is asked whether it is ready, and what it says is wrong.
async fn ready(orchestra: &Orchestra, program: &str) -> (u16, String) {
    let answer = exchange(&orchestra.url(program), "GET", "/health/ready", &[], b"").await;
    let answer = answer.expect("the program answers");
    let body: Value = serde_json::from_str(&answer.body).expect("it answers in JSON");
    let detail = body["detail"].as_str().unwrap_or_default();
    (answer.status, detail.to_owned())
}

async fn hear(orchestra: &Orchestra) -> ActivityFeed {
    let name = "testkit".parse().expect("a name");
    let bus = Bus::connect(BusOptions::new([orchestra.nats_url()], name)).await;
    let bus = bus.expect("the server is there");
    let activity = bus.activity().await.expect("activity can be heard");
    assert!(bus.flush(DEADLINE).await);
    activity
}

/// Waits until this service says that it is so.
async fn says(
    activity: &mut ActivityFeed,
    service: &str,
    is_so: impl Fn(&StatusActivity) -> bool,
) -> StatusActivity {
    let wanted = |said| {
        let Activity::Status(status) = said else {
            return None;
        };
        (status.service.as_str() == service && is_so(&status)).then_some(status)
    };
    listen(activity, wanted).await
}

/// Waits until a human is called for this.
async fn is_called(activity: &mut ActivityFeed, fingerprint: &str) {
    let wanted = |said| {
        let Activity::Alert(alert) = said else {
            return None;
        };
        (alert.fingerprint == fingerprint && alert.state == AlertState::Raised).then_some(())
    };
    listen(activity, wanted).await;
}

async fn listen<T>(activity: &mut ActivityFeed, wanted: impl Fn(Activity) -> Option<T>) -> T {
    let heard = timeout(DEADLINE, async {
        loop {
            if let Heard::Message { said, .. } = activity.next().await.expect("the connection stays")
                && let Some(wanted) = wanted(said)
            {
                return wanted;
            }
        }
    });
    heard.await.expect("it is said in time")
}
