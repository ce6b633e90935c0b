//! Replays as others see them: in the stream, in the feed, and as packets.

#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

mod support;

use api::vhf::ReplayState;
use api::{FeedClient, FetchClient, Http, PageQuery, codes};
use domain::{Announcement, Version};
use mock_vhf::script::{self, Act};
use mock_vhf::table;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{DEADLINE, Reader, Vhf};
use testkit::{Nats, eventually};

/// As fast as it goes.
const AT_ONCE: &str = r#"{"all":true,"speed":1e9,"gap":"0s"}"#;
/// What all bursts come to.
const ALL: u64 = 207;

/// What a replay of all bursts announces, told from the table alone: input, observation, version and
/// whether it is withdrawn.
fn expected() -> Vec<(String, String, Option<u64>, bool)> {
    let steps = table::bursts()
        .iter()
        .flat_map(|burst| script::steps(burst).into_iter().map(|step| (burst.id, step)));
    steps
        .map(|(id, step)| match step.act {
            Act::Packet { seq } => (step.product.to_string(), id.to_owned(), Some(seq + 1), false),
            Act::Retraction => (step.product.to_string(), id.to_owned(), None, true),
        })
        .collect()
}

fn told(announcement: &Announcement) -> (String, String, Option<u64>, bool) {
    let Announcement {
        product,
        obs_id,
        version,
        retracted,
        ..
    } = announcement;
    (
        product.as_ref().unwrap().to_string(),
        obs_id.to_string(),
        version.map(|version| version.0),
        *retracted,
    )
}

/// The feed and the stream both have every announcement of a replay of all bursts, once, in order, under
/// the same numbers.
async fn assert_whole(vhf: &Vhf, reader: &mut Reader) {
    let feed = vhf.feed(ALL).await;
    assert_eq!(
        feed.iter().map(|item| item.n).collect::<Vec<_>>(),
        (1..=ALL).collect::<Vec<_>>()
    );
    assert_eq!(
        feed.iter()
            .map(|item| told(&item.announcement))
            .collect::<Vec<_>>(),
        expected()
    );
    let stream = reader.read(usize::try_from(ALL).unwrap()).await;
    for (item, (msg_id, announcement)) in feed.iter().zip(&stream) {
        assert!(
            msg_id.starts_with("vhf-") && msg_id.ends_with(&format!("-{}", item.n)),
            "{msg_id}"
        );
        assert_eq!(item.announcement, *announcement);
    }
}

#[tokio::test]
async fn all_bursts_are_announced_in_the_real_order() {
    let nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    let replay = vhf.replay(AT_ONCE).await;
    assert_eq!((replay.id, replay.total, replay.bursts.len()), (1, ALL, 50));
    assert_whole(&vhf, &mut Reader::of(&nats).await).await;
    let ended = vhf.client().progress(1).await.unwrap();
    assert_eq!((ended.state, ended.announced), (ReplayState::Done, ALL));
}

#[tokio::test]
async fn every_packet_can_be_fetched_and_is_what_was_announced() {
    let nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    vhf.replay(AT_ONCE).await;
    let fetch = FetchClient::new(Http::new());
    let mut latest = HashMap::new();
    for item in vhf.feed(ALL).await {
        let announcement = item.announcement;
        let Some(href) = announcement.href else {
            assert!(announcement.retracted);
            continue;
        };
        assert_eq!(announcement.burst_id.unwrap(), announcement.obs_id.to_string());
        let bytes = fetch
            .fetch(&href.parse().unwrap())
            .await
            .unwrap()
            .bytes(16 * 1024)
            .await
            .unwrap();
        assert_eq!(announcement.size, Some(bytes.len() as u64));
        assert_eq!(
            announcement.sha256.unwrap().as_bytes(),
            Sha256::digest(&bytes).as_slice()
        );
        let without_version = href.split('?').next().unwrap().to_owned();
        latest.insert(without_version, bytes);
    }
    for (href, bytes) in latest {
        let read = fetch
            .fetch(&href.parse().unwrap())
            .await
            .unwrap()
            .bytes(16 * 1024)
            .await
            .unwrap();
        assert_eq!(read, bytes, "{href} is the latest version");
    }
}

#[tokio::test]
async fn a_burst_that_is_replayed_again_is_new_data() {
    let nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    for count in [6, 12] {
        let replay = vhf.replay(r#"{"burst":"sb26030303","speed":1e9}"#).await;
        assert_eq!(replay.total, 6);
        vhf.feed(count).await;
    }
    let alerts: Vec<_> = vhf
        .feed(12)
        .await
        .into_iter()
        .map(|item| item.announcement)
        .filter(|a| a.product == "EclTmVhfAlert".parse().ok())
        .collect();
    assert_eq!(
        alerts.iter().map(|a| a.version).collect::<Vec<_>>(),
        [Some(Version(1)), Some(Version(2))]
    );
    assert_ne!(alerts[0].sha256, alerts[1].sha256);
}

#[tokio::test]
async fn delays_are_those_of_reality_divided_by_the_speed() {
    let nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    // 130 s to the slew, 4989 s to the X-ray position.
    let replay = vhf.replay(r#"{"burst":"sb26022501","speed":10000}"#).await;
    let at: Vec<_> = vhf
        .feed(7)
        .await
        .into_iter()
        .map(|item| item.announcement.at.unwrap())
        .collect();
    assert_eq!(at[0], at[3], "the packets of one message come together");
    let total = Duration::try_from(at[6].duration_since(replay.requested_at)).unwrap();
    assert!(
        total >= Duration::from_millis(510),
        "{total:?} instead of 511.9 ms"
    );
}

#[tokio::test]
async fn kills_during_a_replay_lose_nothing_and_renumber_nothing() {
    let nats = Nats::start().await;
    let mut vhf = Vhf::start(&nats).await;
    vhf.replay(r#"{"all":true,"speed":1e9,"gap":"5ms"}"#).await;
    for announced in [1, 40, 41, 90, 150] {
        vhf.feed(announced).await;
        vhf.kill();
        vhf.launch(&[], None).await;
    }
    assert_whole(&vhf, &mut Reader::of(&nats).await).await;
}

#[tokio::test]
async fn a_crash_between_two_effects_is_repaired() {
    // All is announced in at least four batches of at most 64, and published in at least two.
    for point in [
        "after-commit",
        "after-commit:4",
        "after-publish",
        "after-publish:2",
    ] {
        let nats = Nats::start().await;
        let mut vhf = Vhf::start_with(nats.url(), &[], Some(point)).await;
        // The crash may well come before the answer.
        let request = serde_json::from_str(r#"{"all":true,"speed":1e9,"gap":"5ms"}"#).unwrap();
        vhf.client().replay(&request).await.ok();
        eventually(DEADLINE, async || vhf.has_crashed()).await;
        vhf.launch(&[], None).await;
        assert_whole(&vhf, &mut Reader::of(&nats).await).await;
    }
}

#[tokio::test]
async fn a_service_that_starts_with_a_replay_goes_on_with_it_after_a_kill() {
    let nats = Nats::start().await;
    let flags = ["--replay-all", "--speed", "1e9", "--gap", "5ms"];
    let mut vhf = Vhf::start_with(nats.url(), &flags, None).await;
    for announced in [1, 60] {
        vhf.feed(announced).await;
        vhf.launch(&flags, None).await;
    }
    assert_whole(&vhf, &mut Reader::of(&nats).await).await;
    assert_eq!(
        vhf.client()
            .replays(&PageQuery::default())
            .await
            .unwrap()
            .items
            .len(),
        1
    );
}

#[tokio::test]
async fn a_replay_goes_on_while_nats_is_away_and_catches_up() {
    let mut nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    vhf.replay(r#"{"all":true,"speed":1e9,"gap":"5ms"}"#).await;
    vhf.feed(20).await;
    nats.kill();
    vhf.feed(ALL).await;
    nats.restart().await;
    assert_whole(&vhf, &mut Reader::of(&nats).await).await;
}

#[tokio::test]
async fn a_replay_can_be_stopped() {
    let nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    let replay = vhf.replay(r#"{"all":true}"#).await;
    vhf.feed(2).await;
    let stopped = vhf.client().stop(replay.id).await.unwrap();
    assert_eq!((stopped.state, stopped.announced), (ReplayState::Stopped, 2));
}

#[tokio::test]
async fn mistakes_are_named() {
    let nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    let refused = async |json: &str| {
        let request = serde_json::from_str(json).unwrap();
        vhf.client().replay(&request).await.unwrap_err()
    };
    let error = refused(r#"{"burst":"sb1"}"#).await;
    assert!(
        error.is_code("unknown-burst") && error.to_string().contains("orchestra-mock-vhf list"),
        "{error}"
    );
    assert!(
        refused(r#"{"all":true,"speed":0}"#)
            .await
            .is_code(codes::INVALID_REQUEST)
    );

    let fetch = FetchClient::new(Http::new());
    let status = async |path: &str| {
        fetch
            .fetch(&vhf.url.join(path).unwrap())
            .await
            .unwrap_err()
            .status()
    };
    assert_eq!(status("vhf/sb26022501/EclTmVhfAlert").await, Some(404));
    assert_eq!(status("vhf/..%2F..%2Fetc/EclTmVhfAlert").await, Some(422));
    assert_eq!(status("events?limit=0").await, Some(422));
    let other = api::feed::FeedQuery {
        feed: Some("another".into()),
        ..Default::default()
    };
    let error = FeedClient::new(Http::new(), vhf.url.clone())
        .page(&other)
        .await
        .unwrap_err();
    assert!(error.is_code(codes::FEED_CHANGED));
}

#[tokio::test]
async fn the_feed_comes_page_by_page() {
    let nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    vhf.replay(AT_ONCE).await;
    vhf.feed(ALL).await;
    let client = FeedClient::new(Http::new(), vhf.url.clone());
    let (mut after, mut read) = (0, Vec::new());
    loop {
        let query = api::feed::FeedQuery {
            after,
            limit: Some(50),
            feed: None,
        };
        let page = client.page(&query).await.unwrap();
        read.extend(page.items.iter().map(|item| item.n));
        let Some(next) = page.next else { break };
        after = next;
    }
    assert_eq!(read, (1..=ALL).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_verb_follows_a_replay_to_its_end() {
    let nats = Nats::start().await;
    let vhf = Vhf::start(&nats).await;
    let url = vhf.url.to_string();
    let run = move |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestra-mock-vhf"));
        command
            .args(["replay", "--url", &url])
            .args(more)
            .output()
            .unwrap()
    };
    let started = Instant::now();
    let (done, refused) = tokio::task::spawn_blocking(move || {
        (
            run(&["--burst", "sb26022501", "--speed", "1e6"]),
            run(&["--burst", "sb1"]),
        )
    })
    .await
    .unwrap();
    assert!(done.status.success());
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.ends_with("replay 1:    7 of 7 announced, done\n"), "{text}");
    assert!(started.elapsed() < DEADLINE);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("sb1"));
}
