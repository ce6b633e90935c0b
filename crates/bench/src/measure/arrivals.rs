//! Announcements that are sent by the clock, and the POSTs that follow from them.

use crate::figure::Times;
use crate::sink::Sink;
use anyhow::{Context as _, Result};
use domain::{Announcement, ObsId, ProductName, ServiceName};
use messaging::{Bus, Outbound};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// No POST takes this long on a machine that works.
pub(super) const POST_WITHIN: Duration = Duration::from_secs(20);

/// Announces an input of one observation after the other.
#[derive(Debug)]
pub(super) struct Arrivals<'a> {
    pub(super) bus: &'a Bus,
    pub(super) source: ServiceName,
    pub(super) product: ProductName,
    /// The observations are called after it.
    pub(super) label: &'static str,
}

impl Arrivals<'_> {
    /// Each once the POST of the one before has come.
    pub(super) async fn one_by_one(&self, sink: &mut Sink, count: usize) -> Result<Times> {
        let mut times = Times::default();
        for at in 0..count {
            let obs_id = self.obs_id(at)?;
            let sent = Instant::now();
            self.announce(&obs_id).await?;
            loop {
                let hit = sink.next(POST_WITHIN).await?;
                if hit.request.obs_id == obs_id {
                    times.push(hit.at.duration_since(sent));
                    break;
                }
            }
        }
        Ok(times)
    }

    /// So many per second, whatever comes back.
    pub(super) async fn paced(&self, sink: &mut Sink, count: usize, per_second: u32) -> Result<Times> {
        let announcing = async {
            let mut clock = interval(Duration::from_secs(1) / per_second);
            clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let mut sent = BTreeMap::new();
            for at in 0..count {
                clock.tick().await;
                let obs_id = self.obs_id(at)?;
                let began = Instant::now();
                self.announce(&obs_id).await?;
                sent.insert(obs_id, began);
            }
            anyhow::Ok(sent)
        };
        let receiving = async {
            let mut hits = BTreeMap::new();
            while hits.len() < count {
                let hit = sink
                    .next(POST_WITHIN)
                    .await
                    .with_context(|| format!("{} of {count} came", hits.len()))?;
                if self.is_ours(&hit.request.obs_id) {
                    hits.entry(hit.request.obs_id).or_insert(hit.at);
                }
            }
            Ok(hits)
        };
        let (sent, hits) = tokio::try_join!(announcing, receiving)?;
        let mut times = Times::default();
        for (obs_id, began) in sent {
            let at = hits
                .get(&obs_id)
                .with_context(|| format!("no POST for {obs_id}"))?;
            times.push(at.duration_since(began));
        }
        Ok(times)
    }

    /// As many as the server takes, and how long it took until the last POST.
    pub(super) async fn flood(&self, sink: &mut Sink, count: usize) -> Result<Duration> {
        let outbound: Vec<Outbound> = (0..count)
            .map(|at| {
                let obs_id = self.obs_id(at)?;
                let announcement = Announcement::of(self.product.clone(), obs_id.clone());
                Ok(Outbound::new(self.message_id(&obs_id), &announcement)?)
            })
            .collect::<Result<_>>()?;
        let began = Instant::now();
        let announcing = async {
            match self.bus.announce_all(&self.source, &outbound).await.failure {
                None => Ok(()),
                Some(error) => Err(error.into()),
            }
        };
        let receiving = async {
            let mut last = began;
            for _ in 0..count {
                last = sink.next(POST_WITHIN).await?.at;
            }
            anyhow::Ok(last)
        };
        let ((), last) = tokio::try_join!(announcing, receiving)?;
        Ok(last.duration_since(began))
    }

    async fn announce(&self, obs_id: &ObsId) -> Result<()> {
        let announcement = Announcement::of(self.product.clone(), obs_id.clone());
        self.bus
            .announce(&self.source, &announcement, &self.message_id(obs_id))
            .await?;
        Ok(())
    }

    fn message_id(&self, obs_id: &ObsId) -> String {
        format!("{}-{obs_id}", self.source)
    }

    fn obs_id(&self, at: usize) -> Result<ObsId> {
        Ok(format!("{}-{at}", self.label).parse()?)
    }

    fn is_ours(&self, obs_id: &ObsId) -> bool {
        let text = obs_id.to_string();
        text.strip_prefix(self.label)
            .is_some_and(|rest| rest.starts_with('-'))
    }
}
