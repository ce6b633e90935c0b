//! A night without IO: the core, providers with limits, and pipelines that take as long as they are told.

use conductor::durations::Durations;
use conductor::eta::{Etas, Stage, Standing, etas};
use conductor::ledger::History;
use conductor_core::{
    Answer, Arrival, Changes, Command, Event, Identity, Observation, Order, Provider, Report,
};
use domain::{Announcement, ErrorClass, ObsId, ProcessingError, ProductName, ProviderName, Version};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a pipeline does with an order.
pub(crate) enum Fate {
    /// It makes the product in this time.
    Made(Duration),
    /// It fails after this time.
    Failed(Duration),
    /// It has no room for so long.
    Busy(Duration),
}

/// Chance with a seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 to 1 (`SplitMix64`).
    #[expect(clippy::cast_precision_loss, reason = "53 bits are all that it has")]
    pub(crate) fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from 0 to `below`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "small numbers"
    )]
    pub(crate) fn pick(&mut self, below: usize) -> usize {
        (self.roll() * below as f64) as usize
    }
}

pub(crate) struct Night {
    pub(crate) graph: ProductGraph,
    pub(crate) now: Timestamp,
    pub(crate) dice: Dice,
    pub(crate) durations: Durations,
    pub(crate) histories: BTreeMap<ObsId, History>,
    /// When each product came, in order.
    pub(crate) made: BTreeMap<(ObsId, ProductName), Vec<Timestamp>>,
    fate: fn(&mut Dice, &Order) -> Fate,
    observations: BTreeMap<ObsId, Observation>,
    deadlines: BTreeMap<ObsId, Timestamp>,
    providers: BTreeMap<ProviderName, Provider>,
    agenda: BTreeMap<(Timestamp, u64), (ObsId, Event)>,
    sequence: u64,
}

impl Night {
    pub(crate) fn new(graph: &str, seed: u64, fate: fn(&mut Dice, &Order) -> Fate) -> Self {
        let graph = ProductGraph::parse(graph).unwrap();
        let provider = |name: &ProviderName, limit| (name.clone(), Provider::new(name.clone(), limit));
        let limits = graph.providers().iter();
        let providers = limits
            .map(|(name, spec)| provider(name, spec.max_in_flight))
            .collect();
        Self {
            graph,
            now: "2026-02-25T20:00:00Z".parse().unwrap(),
            dice: Dice(seed),
            durations: Durations::default(),
            histories: BTreeMap::new(),
            made: BTreeMap::new(),
            fate,
            observations: BTreeMap::new(),
            deadlines: BTreeMap::new(),
            providers,
            agenda: BTreeMap::new(),
            sequence: 0,
        }
    }

    /// A packet comes after a while.
    pub(crate) fn packet(&mut self, after: Duration, obs_id: &str, product: &str) {
        self.announce(after, "vhf", obs_id, product);
    }

    /// Somebody imports a product after a while.
    pub(crate) fn import(&mut self, after: Duration, obs_id: &str, product: &str) {
        self.announce(after, "sdb", obs_id, product);
    }

    fn announce(&mut self, after: Duration, source: &str, obs_id: &str, product: &str) {
        self.sequence += 1;
        let obs_id: ObsId = obs_id.parse().unwrap();
        let announcement = Announcement::of(product.parse().unwrap(), obs_id.clone());
        let identity = Identity::Sequence(self.sequence);
        self.plan(after, obs_id, data(source, announcement, identity));
    }

    /// Something happens after a while.
    pub(crate) fn plan(&mut self, after: Duration, obs_id: ObsId, event: Event) {
        self.sequence += 1;
        let at = self.now.checked_add(after).unwrap();
        self.agenda.insert((at, self.sequence), (obs_id, event));
    }

    /// Goes on for a while.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.checked_add(time).unwrap();
        while let Some(at) = self.next().filter(|at| *at <= end) {
            assert!(at >= self.now, "time goes back");
            self.now = at;
            self.step();
        }
        self.now = end;
    }

    fn next(&self) -> Option<Timestamp> {
        let planned = self.agenda.keys().next().map(|(at, _)| *at);
        let deadlines = self.deadlines.values().copied();
        let busy = self.providers.values().filter_map(Provider::next_deadline);
        planned.into_iter().chain(deadlines).chain(busy).min()
    }

    fn step(&mut self) {
        let now = self.now;
        let due: Vec<ObsId> = self
            .deadlines
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(obs_id, _)| obs_id.clone())
            .collect();
        for obs_id in due {
            self.happen(&obs_id, Event::DeadlineReached);
        }
        while let Some(planned) = self.agenda.first_entry().filter(|planned| planned.key().0 <= now) {
            let (obs_id, event) = planned.remove();
            self.happen(&obs_id, event);
        }
        self.admit();
    }

    fn happen(&mut self, obs_id: &ObsId, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let observation = self
                .observations
                .entry(obs_id.clone())
                .or_insert_with(|| Observation::new(obs_id.clone()));
            let commands = observation.apply(&self.graph, self.now, event);
            let changes = observation.take_changes();
            match observation.next_deadline() {
                Some(at) => self.deadlines.insert(obs_id.clone(), at),
                None => self.deadlines.remove(obs_id),
            };
            self.store(obs_id, changes);
            for command in commands {
                events.extend(self.carry_out(obs_id, command));
            }
        }
        self.admit();
    }

    fn admit(&mut self) {
        loop {
            let now = self.now;
            let wants = self
                .providers
                .values_mut()
                .flat_map(|provider| provider.admit(now, usize::MAX));
            let wants: Vec<_> = wants.collect();
            if wants.is_empty() {
                return;
            }
            for want in wants {
                let (product, run_id) = (want.product, want.run_id);
                self.happen(&want.obs_id, Event::Admitted { product, run_id });
            }
        }
    }

    /// Carries out a command; answers what it brings back at once.
    fn carry_out(&mut self, obs_id: &ObsId, command: Command) -> Option<Event> {
        match command {
            Command::Enqueue(want) => self.provider(&want.provider).enqueue(want),
            Command::Withdraw { provider, run_id } => self.provider(&provider).withdraw(&run_id),
            Command::Release { provider, run_id } => self.provider(&provider).release(&run_id),
            Command::Occupy { provider, run_id } => self.provider(&provider).occupy(run_id),
            Command::Busy {
                provider,
                run_id,
                until,
            } => self.provider(&provider).busy(&run_id, until),
            Command::Post(order) => self.post(obs_id, &order),
            // A least pipeline.
            Command::Ask {
                product,
                run_id,
                attempt,
                ..
            } => {
                return Some(Event::Reported {
                    product,
                    run_id,
                    attempt,
                    report: Report::NotOffered,
                });
            }
            Command::AskSdb { product, run_id } => {
                return Some(Event::SdbAsked {
                    product,
                    run_id,
                    reached: true,
                });
            }
            // What it was asked to give up, it makes all the same.
            Command::Cancel { .. } | Command::Retract { .. } | Command::Remark { .. } => {}
        }
        None
    }

    fn post(&mut self, obs_id: &ObsId, order: &Order) {
        let fate = (self.fate)(&mut self.dice, order);
        let answered = |answer| Event::Answered {
            product: order.product.clone(),
            run_id: order.run_id.clone(),
            attempt: order.attempt,
            answer,
        };
        let (after, event) = match fate {
            Fate::Made(after) => {
                self.sequence += 1;
                // The SDB had it a moment before the conductor hears of it.
                let stored_at = self.now.checked_add(after.mul_f64(0.95)).unwrap();
                let announcement = Announcement {
                    version: Some(Version(self.sequence)),
                    run_id: Some(order.run_id.clone()),
                    inputs: Some(order.inputs.clone()),
                    at: Some(stored_at),
                    ..Announcement::of(order.product.clone(), obs_id.clone())
                };
                (
                    after,
                    data("sdb", announcement, Identity::Version(Version(self.sequence))),
                )
            }
            Fate::Failed(after) => (after, answered(Answer::Faulty(failure()))),
            Fate::Busy(retry_after) => (Duration::ZERO, answered(Answer::Busy { retry_after })),
        };
        self.plan(after, obs_id.clone(), event);
    }

    fn provider(&mut self, name: &ProviderName) -> &mut Provider {
        self.providers.get_mut(name).unwrap()
    }

    /// What the ledger would hold.
    fn store(&mut self, obs_id: &ObsId, changes: Changes) {
        let rows = self.durations.after([&changes], self.now);
        self.durations.take_up(rows);
        let history = self.histories.entry(obs_id.clone()).or_insert_with(|| History {
            obs_id: obs_id.clone(),
            first_at: self.now,
            cells: Vec::new(),
            data: Vec::new(),
            runs: Vec::new(),
        });
        for datum in changes.data {
            if datum.is_exported() && !history.data.iter().any(|known| known.identity == datum.identity) {
                let cell = (obs_id.clone(), datum.product.clone());
                self.made.entry(cell).or_default().push(datum.at);
            }
            replace(&mut history.data, datum, |a, b| {
                a.product == b.product && a.revision == b.revision
            });
        }
        for cell in changes.cells {
            replace(&mut history.cells, cell, |a, b| a.product == b.product);
        }
        for run in changes.runs {
            replace(&mut history.runs, run, |a, b| a.run_id == b.run_id);
        }
    }

    /// When everything will be there, as of now.
    pub(crate) fn etas(&self) -> Etas {
        let standing = |observation: &Observation| {
            let cells = observation.cells();
            let standing = cells.map(|cell| {
                Standing::new(observation.obs_id().clone(), cell, observation.run(&cell.product))
            });
            standing.collect::<Vec<_>>()
        };
        let moves = |cells: &Vec<Standing>| cells.iter().any(|cell| cell.stage != Stage::Still);
        let observations = self.observations.values().map(standing);
        let cells: Vec<Standing> = observations.filter(moves).flatten().collect();
        etas(&conductor::eta::Night {
            graph: &self.graph,
            durations: &self.durations,
            now: self.now,
            cells: &cells,
        })
    }
}

fn replace<T>(rows: &mut Vec<T>, row: T, same: impl Fn(&T, &T) -> bool) {
    match rows.iter_mut().find(|known| same(known, &row)) {
        Some(known) => *known = row,
        None => rows.push(row),
    }
}

fn data(source: &str, announcement: Announcement, identity: Identity) -> Event {
    Event::Data(Box::new(Arrival {
        source: source.parse().unwrap(),
        product: announcement.product.clone().unwrap(),
        identity,
        announcement,
    }))
}

fn failure() -> ProcessingError {
    ProcessingError {
        class: ErrorClass::Retriable,
        code: "no-luck".into(),
        message: "the dice fell badly".into(),
    }
}
