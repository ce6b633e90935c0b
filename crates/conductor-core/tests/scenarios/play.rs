//! Plays the events of a scenario to an observation and its providers, as the conductor would, and writes down
//! what follows.

use crate::language::{Act, Scenario};
use crate::ledger::Ledger;
use crate::tell::clock;
use crate::words::{SdbAnswer, Word};
use conductor_core::{
    Arrival, Command, Event, Identity, ManualRequest, Observation, Order, Provider, Run, Verb, Verdict,
};
use domain::{Announcement, ProductName, ProviderName, RunId, Version};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// When every scenario begins.
const T0: Timestamp = Timestamp::UNIX_EPOCH;

/// More deadlines than any scenario passes at once; beyond it, time stands still.
const DEADLINES: usize = 1000;

pub(crate) struct Player {
    pub(crate) graph: ProductGraph,
    pub(crate) observation: Observation,
    pub(crate) providers: BTreeMap<ProviderName, Provider>,
    limits: BTreeMap<String, u32>,
    ledger: Ledger,
    pub(crate) now: Timestamp,
    /// The runs of a product in the order in which they are met: their numbers.
    pub(crate) runs: BTreeMap<ProductName, Vec<RunId>>,
    orders: Vec<Order>,
    /// How long runs take, if they bring their products by themselves.
    takes: Option<Duration>,
    /// What they will bring, and when.
    under_way: VecDeque<(Timestamp, Order)>,
    versions: BTreeMap<ProductName, u64>,
    last: BTreeMap<ProductName, Arrival>,
    messages: u64,
    /// What was said of each cell last.
    pub(crate) said: BTreeMap<ProductName, String>,
    pub(crate) log: Vec<String>,
}

impl Player {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut player = Self {
            graph: scenario.graph.clone(),
            observation: Observation::new("42".parse().unwrap()),
            providers: BTreeMap::new(),
            limits: scenario.limits.clone(),
            ledger: Ledger::default(),
            now: T0,
            runs: BTreeMap::new(),
            orders: Vec::new(),
            takes: scenario.takes,
            under_way: VecDeque::new(),
            versions: BTreeMap::new(),
            last: BTreeMap::new(),
            messages: 0,
            said: BTreeMap::new(),
            log: Vec::new(),
        };
        player.cells_that_changed();
        player
    }

    /// Lets time pass, then something happen; tells the commands, then the cells that changed.
    pub(crate) fn play(&mut self, at: Option<Duration>, act: &Act) -> Result<Vec<String>, String> {
        if let Some(at) = at {
            self.pass(T0.checked_add(at).map_err(|error| error.to_string())?)?;
        }
        self.act(act)?;
        self.ledger.store(&mut self.observation);
        let mut told = std::mem::take(&mut self.log);
        told.extend(self.cells_that_changed());
        if told.is_empty() {
            told.push("nothing".to_owned());
        }
        Ok(told)
    }

    fn pass(&mut self, until: Timestamp) -> Result<(), String> {
        if until < self.now {
            return Err(format!("it is {} already", clock(self.now)));
        }
        for _ in 0..DEADLINES {
            let providers = self.providers.values().filter_map(Provider::next_deadline);
            let next = self
                .observation
                .next_deadline()
                .into_iter()
                .chain(providers)
                .min();
            let stored = self.under_way.front().map(|(at, _)| *at);
            let Some(next) = next.into_iter().chain(stored).min().filter(|next| *next <= until) else {
                self.now = until;
                return Ok(());
            };
            self.now = self.now.max(next);
            let before = self.log.len();
            match self.under_way.pop_front_if(|(at, _)| *at == next) {
                Some((_, order)) => self.bring(order.clone(), &order.product),
                None => self.apply(Event::DeadlineReached),
            }
            for line in &mut self.log[before..] {
                *line = format!("{} {line}", clock(self.now));
            }
        }
        Err(format!("a deadline at {} does not pass", clock(self.now)))
    }

    fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Nothing => {}
            Act::Arrive { product, version } => {
                let version =
                    version.unwrap_or_else(|| self.versions.get(product).map_or(1, |last| last + 1));
                self.announce("vhf", product, Some(version), |_| {});
            }
            Act::ArriveAgain(product) => {
                let arrival = self.last.get(product).ok_or("nothing came before")?.clone();
                self.apply(Event::Data(Box::new(arrival)));
            }
            Act::Absent(product) => self.announce("vhf", product, None, |message| message.absent = true),
            Act::Retract { product, version } => {
                let source = if self
                    .graph
                    .id(product)
                    .is_some_and(|id| self.graph.recipe(id).is_some())
                {
                    "sdb"
                } else {
                    "vhf"
                };
                self.announce(source, product, *version, |message| message.retracted = true);
            }
            Act::Store { product, run } => self.store(product, product, *run)?,
            Act::StoreBeside { product, of } => self.store(product, of, None)?,
            Act::StoreByHand(product) => {
                let version = self.versions.get(product).map_or(1, |last| last + 1);
                self.announce("sdb", product, Some(version), |_| {});
            }
            Act::Speak { product, of, word } => self.speak(product, *of, word)?,
            Act::Overhear {
                product,
                run_id,
                attempt,
                at_work,
            } => self.apply(Event::Overheard {
                product: product.clone(),
                run_id: run_id.clone(),
                attempt: domain::Attempt(*attempt),
                at_work: *at_work,
            }),
            Act::StoreAs { product, run_id } => {
                let version = self.versions.get(product).map_or(1, |last| last + 1);
                self.announce("sdb", product, Some(version), |message| {
                    message.run_id = Some(run_id.clone());
                });
            }
            Act::Sdb { product, answer } => {
                let product = product.clone();
                let event = match *answer {
                    SdbAnswer::Asked { reached } => Event::SdbAsked {
                        run_id: self.latest(&product)?.run_id.clone(),
                        product,
                        reached,
                    },
                    SdbAnswer::Told { version } => Event::RetractionTold { product, version },
                };
                self.apply(event);
            }
            Act::Request { product, force } => {
                let verdict = self.observation.judge(&self.graph, product, *force);
                self.log.push(format!("judged: {}", self.verdict(&verdict)));
                let request = ManualRequest {
                    force: *force,
                    by: "ops".into(),
                    ..ManualRequest::default()
                };
                if verdict == Verdict::Start {
                    self.apply(Event::Requested {
                        product: product.clone(),
                        request,
                    });
                }
            }
            Act::Operate { product, verb, note } => self.operate(product, verb, note.clone()),
            Act::Graph(graph) => {
                self.graph = graph.clone();
                self.apply(Event::GraphChanged);
            }
            Act::Restart => self.restart(),
            Act::Count => self.count(),
            Act::Why(product) => self.why(product),
        }
        Ok(())
    }

    /// An operator does something, and is told beforehand what it would do.
    fn operate(&mut self, product: &ProductName, verb: &Verb, note: Option<String>) {
        let foreseen = self.observation.foresee(&self.graph, self.now, product, verb);
        if let Some(why_not) = &foreseen.why_not {
            self.log.push(format!("refused: {why_not}"));
        }
        let event = Event::Operated {
            product: product.clone(),
            verb: *verb,
            by: "ops".into(),
            note,
        };
        let commands = self.observation.apply(&self.graph, self.now, event);
        let state = self.observation.outlook(&self.graph, product).0;
        assert_eq!(foreseen.state, state, "foreseen of {verb} of {product}");
        self.carry_out(commands);
    }

    /// The SDB announces a product of a run of `of`.
    fn store(
        &mut self,
        product: &ProductName,
        of: &ProductName,
        number: Option<usize>,
    ) -> Result<(), String> {
        let run_id = match number {
            Some(number) => self.numbered(of, number)?,
            None => self.latest(of)?.run_id.clone(),
        };
        let order = self
            .orders
            .iter()
            .rfind(|order| order.run_id == run_id)
            .ok_or("it was never POSTed")?
            .clone();
        self.bring(order, product);
        Ok(())
    }

    /// The SDB announces a product that was made for an order.
    fn bring(&mut self, order: Order, product: &ProductName) {
        let version = self.versions.get(product).map_or(1, |last| last + 1);
        self.announce("sdb", product, Some(version), |message| {
            message.run_id = Some(order.run_id);
            message.inputs = Some(order.inputs);
        });
    }

    fn speak(&mut self, product: &ProductName, of: Option<(usize, u32)>, word: &Word) -> Result<(), String> {
        let (run_id, attempt) = if let Some((run, attempt)) = of {
            (self.numbered(product, run)?, domain::Attempt(attempt))
        } else {
            let run = self.latest(product)?;
            (run.run_id.clone(), run.attempt)
        };
        let product = product.clone();
        self.apply(match word {
            Word::Answer(answer) => Event::Answered {
                product,
                run_id,
                attempt,
                answer: answer.clone(),
            },
            Word::Report(report) => Event::Reported {
                product,
                run_id,
                attempt,
                report: report.clone(),
            },
        });
        Ok(())
    }

    fn announce(
        &mut self,
        source: &str,
        product: &ProductName,
        version: Option<u64>,
        say: impl FnOnce(&mut Announcement),
    ) {
        self.messages += 1;
        let mut announcement = Announcement::of(product.clone(), "42".parse().unwrap());
        announcement.version = version.map(Version);
        say(&mut announcement);
        let last = self.versions.entry(product.clone()).or_default();
        *last = version.unwrap_or_default().max(*last);
        let identity = version.map_or(Identity::Sequence(self.messages), |version| {
            Identity::Version(Version(version))
        });
        let arrival = Arrival {
            source: source.parse().unwrap(),
            product: product.clone(),
            identity,
            announcement,
        };
        self.last.insert(product.clone(), arrival.clone());
        self.apply(Event::Data(Box::new(arrival)));
    }

    /// The conductor dies and comes back with what is in its ledger.
    fn restart(&mut self) {
        let ledger = &self.ledger;
        let (cells, data, runs) = (&ledger.cells, &ledger.data, &ledger.runs);
        self.observation = Observation::restore(
            "42".parse().unwrap(),
            self.now,
            cells.values().cloned().collect(),
            data.values().cloned().collect(),
            runs.values().cloned().collect(),
        );
        self.providers.clear();
        let holders: Vec<Run> = runs
            .values()
            .filter(|run| run.state.holds_slot())
            .cloned()
            .collect();
        for run in holders {
            self.provider(&run.provider).occupy(run.run_id);
        }
        let commands = self.observation.outstanding(&self.graph);
        self.carry_out(commands);
    }

    fn apply(&mut self, event: Event) {
        let commands = self.observation.apply(&self.graph, self.now, event);
        self.carry_out(commands);
    }

    /// Carries out commands, and those that follow from what the providers admit.
    fn carry_out(&mut self, mut commands: Vec<Command>) {
        loop {
            for command in std::mem::take(&mut commands) {
                let line = self.line(&command);
                self.log.push(line);
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
                    Command::Post(order) => {
                        let ends = self.takes.and_then(|takes| self.now.checked_add(takes).ok());
                        self.under_way.extend(ends.map(|at| (at, (*order).clone())));
                        self.orders.push(*order);
                    }
                    Command::Ask { .. }
                    | Command::Cancel { .. }
                    | Command::Retract { .. }
                    | Command::AskSdb { .. }
                    | Command::Remark { .. } => {}
                }
            }
            let providers = self.providers.values_mut();
            let admitted: Vec<_> = providers
                .flat_map(|provider| provider.admit(self.now, usize::MAX))
                .collect();
            if admitted.is_empty() {
                return;
            }
            for want in admitted {
                let event = Event::Admitted {
                    product: want.product,
                    run_id: want.run_id,
                };
                commands.extend(self.observation.apply(&self.graph, self.now, event));
            }
        }
    }

    fn provider(&mut self, name: &ProviderName) -> &mut Provider {
        let limit = self.limits.get(name.as_str()).copied();
        self.providers
            .entry(name.clone())
            .or_insert_with(|| Provider::new(name.clone(), limit))
    }

    fn numbered(&self, product: &ProductName, number: usize) -> Result<RunId, String> {
        let run = self
            .runs
            .get(product)
            .and_then(|runs| runs.get(number.checked_sub(1)?));
        run.cloned()
            .ok_or_else(|| format!("{product} has no run {number}"))
    }

    fn latest(&self, product: &ProductName) -> Result<&Run, String> {
        self.observation
            .run(product)
            .ok_or_else(|| format!("{product} has no run"))
    }
}
