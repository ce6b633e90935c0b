//! The orchestra behind the screen: so many observations of 60 products.

use anyhow::{Result, ensure};
use api::conductor::ObservationQuery;
use bench::crowd;
use domain::{Activity, Announcement, CellState, ProductName};
use messaging::{Bus, BusOptions, Outbound, Streams};
use serde_json::{Value, json};
use stage::{MOCK_PIPELINE, MOCK_VHF};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::{Orchestra, OrchestraOptions, eventually};
use tokio::time::{MissedTickBehavior, interval};

/// Products with the inputs.
pub(crate) const PRODUCTS: usize = 60;
/// Those that a pipeline makes for as long as anybody looks, once their input comes.
pub(crate) const SLOW: usize = 9;
const SLOW_INPUT: &str = "Slow";

/// Messages of a burst go out in batches of this time.
const BEAT: Duration = Duration::from_millis(10);
/// What can be made is made by then.
const MADE_WITHIN: Duration = Duration::from_mins(5);
/// What was said is with the server by then.
const FLUSHED_WITHIN: Duration = Duration::from_secs(30);

/// An orchestra, and somebody who says things in it.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) orchestra: Orchestra,
    pub(crate) bus: Bus,
    /// How many cells were changed so far.
    said: u64,
    /// The revision of each cell by its observation, once any was changed: as the conductor would, each change says the
    /// next, since after a gap the console reads the whole observation anew.
    revs: Vec<BTreeMap<ProductName, u64>>,
    observations: usize,
    _folder: TempDir,
}

/// 3 inputs, 9 products that take for ever once their input comes, and 48 that are made at once, or never begin.
pub(crate) fn graph(made: bool) -> Value {
    let other = if made { crowd::PRESENT } else { "Never" };
    let product = |name: &str, input: &str, provider: &str| {
        let inputs = BTreeSet::from([crowd::PRESENT, input]);
        let url = format!("http://{provider}:5000/pipeline");
        (
            name.to_owned(),
            json!({"m_input": inputs, "provider": provider, "url": url}),
        )
    };
    let waits = SLOW + 3..PRODUCTS;
    let slow = (0..SLOW).map(|at| product(&format!("SLOW_{at:02}"), SLOW_INPUT, "slow"));
    let pairs = waits.map(|at| product(&format!("PAIR_{at:02}"), other, "pair"));
    let products: serde_json::Map<String, Value> = slow.chain(pairs).collect();
    json!({"inputs": [crowd::PRESENT, "Never", SLOW_INPUT], "products": products})
}

impl Scene {
    /// Starts the services, and waits until the conductor knows so many observations.
    pub(crate) async fn open(graph: &Value, observations: usize) -> Result<Self> {
        let folder = TempDir::new()?;
        let file = folder.path().join("graph.json");
        std::fs::write(&file, graph.to_string())?;
        let orchestra = options(&file).start().await;
        let bus = Bus::connect(BusOptions::new([orchestra.nats_url()], "conductor".parse()?)).await?;
        bus.ensure_streams(&Streams::default()).await?;
        crowd::announce(&bus, observations).await?;
        let conductor = orchestra.conductor();
        crowd::folded(&conductor, observations).await?;
        let moving = [CellState::Queued, CellState::Requested, CellState::Running];
        eventually(MADE_WITHIN, async || {
            let left = moving.map(|state| ObservationQuery {
                state: Some(state),
                limit: Some(1),
                ..ObservationQuery::default()
            });
            let left = left.iter().map(|query| conductor.observations(query));
            let left = futures_util::future::join_all(left).await;
            left.iter()
                .all(|page| page.as_ref().is_ok_and(|page| page.items.is_empty()))
        })
        .await;
        Ok(Self {
            orchestra,
            bus,
            said: 0,
            revs: Vec::new(),
            observations,
            _folder: folder,
        })
    }

    /// Lets the slow products of one observation begin.
    pub(crate) async fn begin_slow(&self) -> Result<()> {
        let announcement = Announcement::of(SLOW_INPUT.parse()?, crowd::obs_id(0)?);
        let outbound = [Outbound::new("slow", &announcement)?];
        let failure = self.bus.announce_all(&"vhf".parse()?, &outbound).await.failure;
        failure.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Says so many changes of cells as fast as they go.
    pub(crate) async fn burst(&mut self, count: u64) -> Result<()> {
        self.know_revs().await?;
        for _ in 0..count {
            self.say_one().await?;
        }
        self.flushed().await
    }

    /// Says changes of cells by the clock, and gives how many they were.
    pub(crate) async fn paced(&mut self, per_second: u64, time: Duration) -> Result<u64> {
        self.know_revs().await?;
        let mut clock = interval(BEAT);
        clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (began, mut sent) = (Instant::now(), 0);
        while began.elapsed() < time {
            clock.tick().await;
            let due = began.elapsed().as_millis() * u128::from(per_second) / 1000;
            while u128::from(sent) < due {
                self.say_one().await?;
                sent += 1;
            }
        }
        self.flushed().await?;
        Ok(sent)
    }

    /// Says something that everybody sees who looks at the events.
    pub(crate) async fn mark(&self, text: &str) -> Result<()> {
        let said = json!({"kind": "processing", "service": "bench", "product": "SLOW_00", "obs_id": crowd::obs_id(0)?,
            "run_id": "run_of_nobody", "state": "accepted", "message": text});
        self.bus.say(&serde_json::from_value::<Activity>(said)?).await?;
        self.flushed().await
    }

    /// Asks the conductor once for the revisions that it has given.
    async fn know_revs(&mut self) -> Result<()> {
        let conductor = self.orchestra.conductor();
        for at in self.revs.len()..self.observations {
            let view = conductor.observation(&crowd::obs_id(at)?).await?;
            let cells = view.cells.into_iter().map(|cell| (cell.product, cell.rev));
            self.revs.push(cells.collect());
        }
        Ok(())
    }

    /// Another cell, in another state than before, later than anything that the conductor has said of it.
    async fn say_one(&mut self) -> Result<()> {
        self.said += 1;
        let at = usize::try_from(self.said)?;
        let obs_id = crowd::obs_id(at % self.observations)?;
        let product = SLOW + 3 + at / self.observations % (PRODUCTS - SLOW - 3);
        let product: ProductName = format!("PAIR_{product:02}").parse()?;
        let round = at / self.observations / (PRODUCTS - SLOW - 3);
        let rev = self.revs[at % self.observations]
            .entry(product.clone())
            .or_default();
        *rev += 1;
        let state = ["queued", "running", "done", "running"][round % 4];
        let said = json!({"kind": "cell", "service": "conductor", "rev": *rev, "product": product, "obs_id": obs_id,
            "state": state, "since": "2026-11-24T04:09:05Z"});
        let said: Activity = serde_json::from_value(said)?;
        while self.bus.say(&said).await.is_err() {
            // A buffer that is full for a moment has room in the next.
            self.flushed().await?;
        }
        Ok(())
    }

    async fn flushed(&self) -> Result<()> {
        ensure!(self.bus.flush(FLUSHED_WITHIN).await, "NATS takes nothing more");
        Ok(())
    }
}

fn options(graph: &Path) -> OrchestraOptions {
    let hang: Vec<String> = (0..SLOW).map(|at| format!("SLOW_{at:02}=hang")).collect();
    let misbehave = format!("--misbehave={}", hang.join(","));
    let swift = [
        "--min-delay=0s",
        "--max-delay=0s",
        "--failure-rate=0",
        "--workers=64",
        "--queue=65536",
        &misbehave,
    ];
    OrchestraOptions::default()
        .graph(graph)
        .without(MOCK_VHF)
        .args(MOCK_PIPELINE, swift)
}
