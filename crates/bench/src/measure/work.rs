//! The peers' work: observations whose inputs arrive at once, each product a no-op and a durable import.

use super::PEERS_GRAPH;
use super::floor::{FLOOD_CPU, FLOOD_RATE};
use crate::args::Args;
use crate::figure::{Figure, median, rate};
use crate::orchestra::Orchestra;
use crate::usage;
use anyhow::{Context as _, Result, bail, ensure};
use api::{Http, PageQuery, SdbClient};
use domain::{Announcement, ObsId, ProductName, ServiceName, Version};
use futures_util::{TryStreamExt as _, stream};
use messaging::{Bus, DataFeed, Heard, Outbound};
use product_graph::ProductGraph;
use stage::{CONDUCTOR, MOCK_PIPELINE, NATS, SDB};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The budgets of 100 observations at once (DESIGN, section 6).
const BUDGET_OBSERVATIONS: usize = 100;
const BUDGET_RATE: f64 = 2500.0;
const BUDGET_CPU_MS: f64 = 0.7;

/// Whose part in that time is told: the others have none.
const AT_WORK: [&str; 4] = [NATS, SDB, CONDUCTOR, MOCK_PIPELINE];

/// A lone observation is over in milliseconds, below the clock of CPU times: so many go one after the other.
const ALONE: usize = 20;

/// What warms up caches, connections and allocators.
const WARM_UP: usize = 10;

/// Announcements that may wait to be counted: those of the largest series, inputs included, and more.
const BACKLOG: usize = 1 << 18;

/// The least that is worth waiting for, in products per second, besides the start.
const PATIENCE_RATE: usize = 50;
const PATIENCE: Duration = Duration::from_mins(1);

/// Requests to the SDB at once when its records are checked.
const CHECKS_AT_ONCE: usize = 16;

pub(super) async fn measure(args: &Args, floors: &[Figure]) -> Result<Vec<Figure>> {
    let mut orchestra = Orchestra::prepare(args, PEERS_GRAPH, |cast| {
        cast.with_args(MOCK_PIPELINE, super::NO_OP_PIPELINE)
    })?;
    orchestra.start_all().await?;
    let mut work = Work::new(&orchestra).await?;
    work.series("warm", WARM_UP).await?;
    let mut figures = Vec::new();
    for &count in &args.observations {
        figures.extend(measure_count(args, count, &orchestra, &mut work, floors).await?);
        orchestra.check_alive()?;
    }
    drop(work);
    orchestra.stop_all().await;
    Ok(figures)
}

async fn measure_count(
    args: &Args,
    count: usize,
    orchestra: &Orchestra,
    work: &mut Work,
    floors: &[Figure],
) -> Result<Vec<Figure>> {
    let repeat = if args.quick { 1 } else { args.repeat };
    let alone = if count == 1 { args.scaled(ALONE) } else { 1 };
    let (mut rates, mut cpus, mut spans) = (Vec::new(), Vec::new(), Vec::new());
    let parts_before = parts(orchestra)?;
    for run in 0..repeat {
        let before = orchestra.cpu_at_rest().await?;
        let mut busy = Duration::ZERO;
        for turn in 0..alone {
            busy += work.series(&format!("n{count}-{run}-{turn}"), count).await?;
        }
        let products = count * alone * work.graph.products().len();
        let cpu = orchestra.cpu_at_rest().await?.saturating_sub(before);
        rates.push(rate(products, busy));
        cpus.push(1000.0 / rate(products, cpu));
        spans.push(busy.as_secs_f64() * 1000.0 / rate(alone, Duration::from_secs(1)));
    }
    let label = if count == 1 {
        "1 observation".to_owned()
    } else {
        format!("{count} observations at once")
    };
    let mut products =
        Figure::new(format!("{label}: products"), median(rates), "/s").beside(floors, FLOOD_RATE);
    let mut cpu = Figure::new(
        format!("{label}: CPU of all services, per product"),
        median(cpus),
        "ms",
    )
    .beside(floors, FLOOD_CPU);
    if count == BUDGET_OBSERVATIONS {
        (products, cpu) = (products.above(BUDGET_RATE), cpu.below(BUDGET_CPU_MS));
    }
    let span = Figure::new(
        format!("{label}: first publish to last product"),
        median(spans),
        "ms",
    );
    let mut figures = vec![products, cpu];
    if count == BUDGET_OBSERVATIONS {
        let products = repeat * count * alone * work.graph.products().len();
        for ((name, before), after) in AT_WORK.into_iter().zip(parts_before).zip(parts(orchestra)?) {
            let part = 1000.0 / rate(products, after.saturating_sub(before));
            figures.push(Figure::new(format!("{label}: CPU of {name} in it"), part, "ms"));
        }
    }
    figures.push(span);
    Ok(figures)
}

/// What each of those at work has used so far.
fn parts(orchestra: &Orchestra) -> Result<Vec<Duration>> {
    let cpu = |name: &&str| usage::cpu(orchestra.pid(name)?);
    AT_WORK.iter().map(cpu).collect()
}

/// The publisher at one end, and the reader of `data.sdb` at the other.
struct Work {
    graph: ProductGraph,
    bus: Bus,
    feed: DataFeed,
    vhf: ServiceName,
    sdb: ServiceName,
    records: SdbClient,
}

impl Work {
    async fn new(orchestra: &Orchestra) -> Result<Self> {
        let bus = orchestra.bus(BACKLOG).await?;
        let feed = bus.data_watch().await?;
        Ok(Self {
            graph: ProductGraph::parse(PEERS_GRAPH)?,
            bus,
            feed,
            vhf: "vhf".parse()?,
            sdb: "sdb".parse()?,
            records: SdbClient::new(Http::new(), orchestra.url(SDB)?),
        })
    }

    /// Announces all inputs of some observations, and gives the time until the last product is announced.
    async fn series(&mut self, label: &str, count: usize) -> Result<Duration> {
        let observations: Vec<ObsId> = (0..count)
            .map(|at| Ok(format!("{label}-{at}").parse()?))
            .collect::<Result<_>>()?;
        let outbound = self.outbound(&observations)?;
        let began = Instant::now();
        let announcing = async {
            match self.bus.announce_all(&self.vhf, &outbound).await.failure {
                None => Ok(()),
                Some(error) => Err(anyhow::Error::from(error)),
            }
        };
        let products = count * self.graph.products().len();
        let reading = last_product(&mut self.feed, &self.sdb, label, products);
        let ((), last) = tokio::try_join!(announcing, reading)?;
        self.check(&observations).await?;
        Ok(last.duration_since(began))
    }

    fn outbound(&self, observations: &[ObsId]) -> Result<Vec<Outbound>> {
        let mut outbound = Vec::new();
        for obs_id in observations {
            for input in self.graph.inputs() {
                let announcement = Announcement::of(self.graph.name(input).clone(), obs_id.clone());
                let msg_id = format!("vhf-{obs_id}-{}", self.graph.name(input));
                outbound.push(Outbound::new(msg_id, &announcement)?);
            }
        }
        Ok(outbound)
    }

    /// Fails unless the SDB has each product of each observation, once.
    async fn check(&self, observations: &[ObsId]) -> Result<()> {
        let wanted: BTreeSet<&ProductName> = self.graph.products().map(|id| self.graph.name(id)).collect();
        let wanted = &wanted;
        stream::iter(observations.iter().map(Ok))
            .try_for_each_concurrent(CHECKS_AT_ONCE, async |obs_id| {
                let page = PageQuery {
                    limit: Some(1000),
                    ..PageQuery::default()
                };
                let records = self.records.observation(obs_id, &page).await?.items;
                let made: BTreeSet<&ProductName> = records.iter().map(|record| &record.product).collect();
                let repeated = records.iter().find(|record| record.version != Version::FIRST);
                ensure!(
                    made == *wanted,
                    "{obs_id} has {} of {} products",
                    made.len(),
                    wanted.len()
                );
                ensure!(
                    repeated.is_none(),
                    "{obs_id} has a product that was made twice: {repeated:?}"
                );
                anyhow::Ok(())
            })
            .await
            .context("the SDB does not have what it announced")
    }
}

/// Reads `data.sdb` until so many products of the series are announced; gives when the last one was.
async fn last_product(feed: &mut DataFeed, sdb: &ServiceName, label: &str, count: usize) -> Result<Instant> {
    let prefix = format!("{label}-");
    let patience = PATIENCE + Duration::from_secs((count / PATIENCE_RATE) as u64);
    let mut seen = BTreeSet::new();
    let reading = async {
        while seen.len() < count {
            match feed.next().await.context("the connection is closed")? {
                Heard::Message { from, said }
                    if from == *sdb && said.obs_id.to_string().starts_with(&prefix) =>
                {
                    seen.insert((said.obs_id, said.product));
                }
                Heard::Message { .. } => {}
                Heard::Unreadable { subject, reason, .. } => bail!("a message on {subject}: {reason}"),
                Heard::Missed(gap) => bail!("the bench missed announcements: {gap:?}"),
            }
        }
        Ok(Instant::now())
    };
    match tokio::time::timeout(patience, reading).await {
        Ok(read) => read,
        Err(_) => bail!("{} of {count} products within {patience:?}", seen.len()),
    }
}
