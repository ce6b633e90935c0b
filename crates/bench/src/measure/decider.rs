//! The decider alone: `conductor-core` plays the peers' graph, observation after observation.

use super::PEERS_GRAPH;
use crate::args::Args;
use crate::figure::{Figure, rate};
use anyhow::{Result, ensure};
use conductor_core::{Answer, Arrival, Command, Event, Identity, Observation, Order, Provider};
use domain::{Announcement, CellState, ObsId, ProductName, ProviderName, ServiceName, Version};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Observations that are played.
const OBSERVATIONS: usize = 2000;

/// One event in the decider (DESIGN, section 6), in us.
const BUDGET_US: f64 = 5.0;

/// Plays observations and gives the time of an event, changes included, as the shell takes them.
pub(super) fn measure(args: &Args) -> Result<Vec<Figure>> {
    let graph = ProductGraph::parse(PEERS_GRAPH)?;
    let mut play = Play::new(&graph)?;
    let observations = args.scaled(OBSERVATIONS);
    // The caches and the allocator warm up on the first few.
    for at in 0..observations.div_ceil(10) {
        play.observation(&ObsId::try_from(at as u64)?)?;
    }
    play.forget_times();
    for at in 0..observations {
        play.observation(&ObsId::try_from(at as u64)?)?;
    }
    let per_second = rate(play.events, play.time);
    let observation_us = play.time.as_secs_f64() * 1e6 / rate(observations, Duration::from_secs(1));
    Ok(vec![
        Figure::new("core: one event", 1e6 / per_second, "us").below(BUDGET_US),
        Figure::new("core: decisions", per_second, "/s"),
        Figure::new("core: one observation of 30 products", observation_us, "us"),
    ])
}

/// The world around the decider: providers without limits, pipelines that succeed at once.
struct Play<'a> {
    graph: &'a ProductGraph,
    providers: BTreeMap<ProviderName, Provider>,
    vhf: ServiceName,
    sdb: ServiceName,
    now: Timestamp,
    events: usize,
    time: Duration,
}

impl<'a> Play<'a> {
    fn new(graph: &'a ProductGraph) -> Result<Self> {
        let provider = |name: &ProviderName| (name.clone(), Provider::new(name.clone(), None));
        Ok(Self {
            graph,
            providers: graph.providers().keys().map(provider).collect(),
            vhf: "vhf".parse()?,
            sdb: "sdb".parse()?,
            now: "2026-02-25T08:52:07Z".parse()?,
            events: 0,
            time: Duration::ZERO,
        })
    }

    fn forget_times(&mut self) {
        self.events = 0;
        self.time = Duration::ZERO;
    }

    /// From the three inputs to the thirtieth product.
    fn observation(&mut self, obs_id: &ObsId) -> Result<()> {
        let mut observation = Observation::new(obs_id.clone());
        let graph = self.graph;
        let mut coming: VecDeque<Event> = graph
            .inputs()
            .map(|input| self.arrival(obs_id, graph.name(input), None))
            .collect();
        while let Some(event) = coming.pop_front() {
            for command in self.apply(&mut observation, event) {
                self.carry_out(obs_id, command, &mut coming);
            }
        }
        let done = graph.products().filter(|id| {
            observation
                .cell(graph.name(*id))
                .is_some_and(|cell| cell.state == CellState::Done)
        });
        let done = done.count();
        ensure!(
            done == graph.products().len(),
            "the decider ended with {done} products"
        );
        Ok(())
    }

    /// The only part that is timed.
    fn apply(&mut self, observation: &mut Observation, event: Event) -> Vec<Command> {
        let began = Instant::now();
        let commands = observation.apply(self.graph, self.now, event);
        let changes = observation.take_changes();
        self.time += began.elapsed();
        self.events += 1;
        std::hint::black_box(changes);
        commands
    }

    fn carry_out(&mut self, obs_id: &ObsId, command: Command, coming: &mut VecDeque<Event>) {
        match command {
            Command::Enqueue(want) => {
                let now = self.now;
                if let Some(provider) = self.providers.get_mut(&want.provider) {
                    provider.enqueue(want);
                    let admitted = provider.admit(now, usize::MAX).into_iter();
                    coming.extend(admitted.map(|want| Event::Admitted {
                        product: want.product,
                        run_id: want.run_id,
                    }));
                }
            }
            Command::Post(order) => {
                coming.push_back(Event::Answered {
                    product: order.product.clone(),
                    run_id: order.run_id.clone(),
                    attempt: order.attempt,
                    answer: Answer::Accepted { alias: None },
                });
                coming.push_back(self.arrival(obs_id, &order.product, Some(&order)));
            }
            Command::Release { provider, run_id } => {
                if let Some(provider) = self.providers.get_mut(&provider) {
                    provider.release(&run_id);
                }
            }
            Command::Withdraw { .. }
            | Command::Occupy { .. }
            | Command::Busy { .. }
            | Command::Ask { .. }
            | Command::Cancel { .. }
            | Command::Retract { .. }
            | Command::AskSdb { .. }
            | Command::Remark { .. } => {}
        }
    }

    /// The first version of a product: from the VHF source, or from the SDB if a run made it.
    fn arrival(&self, obs_id: &ObsId, product: &ProductName, made_by: Option<&Order>) -> Event {
        let mut announcement = Announcement::of(product.clone(), obs_id.clone());
        announcement.version = Some(Version::FIRST);
        if let Some(order) = made_by {
            announcement.run_id = Some(order.run_id.clone());
            announcement.attempt = Some(order.attempt);
            announcement.provider = Some(order.provider.clone());
            announcement.inputs = Some(order.inputs.clone());
        }
        Event::Data(Box::new(Arrival {
            source: if made_by.is_some() {
                self.sdb.clone()
            } else {
                self.vhf.clone()
            },
            product: product.clone(),
            identity: Identity::Version(Version::FIRST),
            announcement,
        }))
    }
}
