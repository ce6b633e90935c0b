//! A program that is started while the NATS server is away runs, answers, says what is wrong, and is ready once the
//! server is there.

use api::conductor::{NoteRequest, ObservationQuery};
use serde_json::Value;
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, NATS, SDB};
use std::time::Duration;
use testkit::{Orchestra, eventually, eventually_some, exchange};
use url::Url;

/// What is waited for takes seconds; a compiler beside it takes the rest.
const DEADLINE: Duration = Duration::from_mins(1);

const SERVICES: [&str; 4] = [SDB, CONDUCTOR, MOCK_VHF, MOCK_PIPELINE];

#[tokio::test]
async fn what_is_started_while_nats_is_away_answers_and_is_ready_when_it_is_back() {
    let orchestra = Orchestra::start().await;
    for program in [NATS].into_iter().chain(SERVICES) {
        orchestra.kill(program).await;
    }
    let look = async {
        // Without it nothing new is heard or told; imports and runs need it only to be known sooner.
        for program in [CONDUCTOR, MOCK_VHF] {
            let url = orchestra.url(program);
            let (status, detail) = eventually_some(DEADLINE, async || ready(&url).await).await;
            assert_eq!(status, 503, "{program}");
            assert!(detail.contains("nats: "), "{program}: {detail}");
        }
        for program in [SDB, MOCK_PIPELINE] {
            let url = orchestra.url(program);
            eventually(DEADLINE, async || ready(&url).await == Some((200, String::new()))).await;
        }
        let pids = pids(&orchestra);
        // The conductor's routes answer, and so does an operator's desk.
        let observations = orchestra
            .conductor()
            .observations(&ObservationQuery::default())
            .await;
        assert!(observations.is_ok(), "{observations:?}");
        let note = NoteRequest {
            note: "the server is away".to_owned(),
            product: Some("QPO_ECL".parse().expect("a name")),
            obs_id: None,
            provider: None,
        };
        let noted = orchestra.conductor().leave_note(&note).await;
        assert!(noted.is_ok(), "{noted:?}");
        orchestra.restart(NATS).await;
        pids
    };
    let ((), (), (), (), before) = tokio::join!(
        orchestra.restart(SDB),
        orchestra.restart(CONDUCTOR),
        orchestra.restart(MOCK_VHF),
        orchestra.restart(MOCK_PIPELINE),
        look
    );
    assert_eq!(pids(&orchestra), before, "nobody needed another start");
    for program in SERVICES {
        let (status, detail) = ready(&orchestra.url(program)).await.expect("it answers");
        assert_eq!((status, detail), (200, String::new()), "{program}");
    }
}

/// What a program answers when it is asked whether it is ready, and what it says is wrong; nothing before it
/// answers.
async fn ready(url: &Url) -> Option<(u16, String)> {
    let answer = exchange(url, "GET", "/health/ready", &[], b"").await.ok()?;
    let body: Value = serde_json::from_str(&answer.body).ok()?;
    Some((
        answer.status,
        body["detail"].as_str().unwrap_or_default().to_owned(),
    ))
}

/// The processes of the services.
fn pids(orchestra: &Orchestra) -> Vec<Option<u32>> {
    let reports = orchestra.reports();
    let services = reports.iter().filter(|report| report.name != NATS);
    services.map(|report| report.pid).collect()
}
