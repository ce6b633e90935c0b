//! Any one program is killed with -9 while bursts are replayed, and started again: what was made and what
//! failed is what it would have been, and nothing is made twice.
//!
//! When it is killed is chosen by what was made until then, so that the kills fall evenly into the work
//! however fast the machine is.

use api::feed::FeedQuery;
use api::vhf::ReplayRequest;
use api::{ApiError, FeedClient, Http, PageQuery};
use stage::{CONDUCTOR, MOCK_PIPELINE, MOCK_VHF, NATS, SDB};
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, Promise, eventually, write_graph};

/// How long it may take from one kill to the moment of the next, and from the last to the end. Alone it is
/// seconds; a word that is lost with the server is asked about after half a minute.
const DEADLINE: Duration = Duration::from_secs(150);

/// Kills in one replay; with more cycles there are more replays.
const KILLS: usize = 20;

/// Bursts that between them have every instrument that saw one, and the packets that come twice.
const SOME: [&str; 8] = [
    "sb25020504",
    "sb25020701",
    "sb26020402",
    "sb26022501",
    "sb26022802",
    "sb26042105",
    "sb26050402",
    "sb26051101",
];

/// Products whose pipelines always fail: one that others do without, and one that they wait for.
const BROKEN: [&str; 2] = ["QCAT_ECL", "QHR_GRM"];

/// A fifth of the other attempts fails.
const PIPELINES: [&str; 8] = [
    "--min-delay",
    "1ms",
    "--max-delay",
    "60ms",
    "--seed",
    "3",
    "--misbehave",
    "QCAT_ECL=permanent,QHR_GRM=permanent",
];

#[tokio::test]
async fn a_killed_conductor_goes_on_where_it_was() {
    killed_again_and_again(CONDUCTOR).await;
}

#[tokio::test]
async fn a_killed_sdb_loses_nothing() {
    killed_again_and_again(SDB).await;
}

#[tokio::test]
async fn killed_pipelines_make_what_they_had_begun() {
    killed_again_and_again(MOCK_PIPELINE).await;
}

#[tokio::test]
async fn a_killed_source_goes_on_with_its_replay() {
    killed_again_and_again(MOCK_VHF).await;
}

#[tokio::test]
async fn a_killed_nats_server_loses_nothing_for_good() {
    killed_again_and_again(NATS).await;
}

async fn killed_again_and_again(program: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let graph = folder.path().join("graph.json");
    write_graph(&graph, |_, product| {
        product.insert("attempts".to_owned(), 20.into());
        product.insert("backoff".to_owned(), "50ms".into());
    });
    let promise = Promise::of(&graph, &BROKEN);
    let options = OrchestraOptions::default().graph(&graph);
    let orchestra = options.args(MOCK_PIPELINE, PIPELINES).start().await;
    let mut left = cycles();
    while left > 0 {
        let kills = left.min(KILLS);
        left -= kills;
        let replayed = if kills == KILLS { Vec::new() } else { SOME.to_vec() };
        let moments = Moments::of(&orchestra, program, &promise, &replayed).await;
        replay(&orchestra, &replayed).await;
        for kill in 0..kills {
            moments.wait(&orchestra, kill, kills).await;
            orchestra.kill(program).await;
            orchestra.restart(program).await;
        }
        promise.kept(&orchestra, DEADLINE).await;
    }
}

/// How many kills there are of each program.
fn cycles() -> usize {
    std::env::var("ORCHESTRA_CYCLES").map_or(3, |text| text.parse().expect("ORCHESTRA_CYCLES is a number"))
}

/// Starts to replay these bursts side by side, or all of them one after the other.
async fn replay(orchestra: &Orchestra, bursts: &[&str]) {
    let request = |burst: Option<&str>| ReplayRequest {
        all: burst.is_none(),
        burst: burst.map(str::to_owned),
        speed: Some(20_000.0),
        gap: Some("50ms".to_owned()),
    };
    let mut requests: Vec<_> = bursts.iter().map(|burst| request(Some(burst))).collect();
    if requests.is_empty() {
        requests.push(request(None));
    }
    for request in requests {
        let replay = orchestra.vhf().replay(&request).await;
        replay.expect("the source takes up a replay");
    }
}

/// The moments of the kills: evenly over what a feed is going to announce.
struct Moments {
    feed: FeedClient,
    /// Where the feed stood before.
    from: u64,
    /// How much is still to be announced at least.
    more: u64,
}

impl Moments {
    /// Of the packets for the source that announces them, of the products for everybody else.
    async fn of(orchestra: &Orchestra, program: &str, promise: &Promise, bursts: &[&str]) -> Self {
        let page = PageQuery {
            limit: Some(1000),
            cursor: None,
        };
        let mut all = orchestra
            .vhf()
            .bursts(&page)
            .await
            .expect("the source has bursts")
            .items;
        all.retain(|burst| bursts.is_empty() || bursts.contains(&burst.burst_id.as_str()));
        assert!(
            all.len() >= bursts.len(),
            "the source does not know all of {bursts:?}"
        );
        let (base, more) = if program == MOCK_VHF {
            (MOCK_VHF, all.iter().map(|burst| burst.packets).sum())
        } else {
            // What was withdrawn may not be made.
            let whole = all.iter().filter(|burst| burst.retractions == 0);
            let products = whole.map(|burst| {
                let inputs: BTreeSet<_> = burst.inputs.iter().map(ToString::to_string).collect();
                promise.made_of(&inputs).0.len() as u64
            });
            (SDB, products.sum())
        };
        let feed = FeedClient::new(Http::new(), orchestra.url(base));
        let from = head(&feed).await.expect("a feed says where it ends");
        assert!(more > 0);
        Self { feed, from, more }
    }

    /// Waits for the moment of one of some kills.
    async fn wait(&self, orchestra: &Orchestra, kill: usize, kills: usize) {
        let (kill, kills) = (kill as u64, kills as u64);
        let until = self.from + self.more * (kill + 1) / (kills + 1);
        let reached = async || head(&self.feed).await.is_ok_and(|head| head >= until);
        eventually(DEADLINE, reached).await;
        // All that is needed runs: what does not come now never comes.
        let reports = orchestra.reports();
        let is_up = |report: &stage::Report| report.state == stage::State::Ready;
        assert!(reports.iter().all(is_up), "{reports:?}");
    }
}

async fn head(feed: &FeedClient) -> Result<u64, ApiError> {
    let query = FeedQuery {
        after: 0,
        feed: None,
        limit: Some(1),
    };
    Ok(feed.page(&query).await?.head.unwrap_or_default())
}
