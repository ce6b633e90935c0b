//! A small world around one observation: providers without limits, and an SDB that announces.

use crate::graphs::graph;
use conductor_core::{
    Answer, Arrival, Command, Event, Explanation, Identity, Observation, Order, Provider, Report, Restraint,
    RestraintKind, Signature, Verb,
};
use domain::{Announcement, CellState, ErrorClass, ProcessingError, ProductName, Version};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::BTreeMap;

/// More rounds than any history of these tests needs to come to rest.
const ROUNDS: usize = 200;

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) graph: ProductGraph,
    pub(crate) observation: Observation,
    pub(crate) now: Timestamp,
    pub(crate) posts: Vec<Order>,
    pub(crate) others: Vec<Command>,
    /// How many POSTs there were of each product.
    pub(crate) sent: BTreeMap<ProductName, u32>,
    /// How many runs the provider takes at a time.
    pub(crate) limit: Option<u32>,
    /// What an operator wants of the provider.
    restraint: Option<Restraint>,
    providers: BTreeMap<String, Provider>,
    versions: BTreeMap<ProductName, u64>,
    sequence: u64,
}

pub(crate) fn name(text: &str) -> ProductName {
    text.parse().unwrap()
}

pub(crate) fn failure(class: ErrorClass) -> ProcessingError {
    ProcessingError {
        class,
        code: "no-calibration".into(),
        message: "no calibration".into(),
    }
}

impl World {
    pub(crate) fn new(text: &str) -> Self {
        Self::with(text, "")
    }

    pub(crate) fn with(text: &str, extra: &str) -> Self {
        Self {
            graph: graph(text, extra),
            observation: Observation::new("42".parse().unwrap()),
            now: "2026-02-25T08:52:07Z".parse().unwrap(),
            posts: Vec::new(),
            others: Vec::new(),
            sent: BTreeMap::new(),
            limit: None,
            restraint: None,
            providers: BTreeMap::new(),
            versions: BTreeMap::new(),
            sequence: 0,
        }
    }

    /// Applies an event, and everything that follows at once from it.
    pub(crate) fn apply(&mut self, event: Event) {
        let commands = self.observation.apply(&self.graph, self.now, event);
        self.carry_out_all(commands);
    }

    /// An operator does something; what it was foreseen to do is what it does.
    pub(crate) fn operate(&mut self, product: &str, verb: Verb) {
        let product = name(product);
        let foreseen = self.observation.foresee(&self.graph, self.now, &product, &verb);
        let before = self.observation.clone();
        let (by, note) = ("ops".into(), Some("shift 2".into()));
        let event = Event::Operated {
            product: product.clone(),
            verb,
            by,
            note,
        };
        let commands = self.observation.apply(&self.graph, self.now, event);
        let state = self.observation.outlook(&self.graph, &product).0;
        assert_eq!(foreseen.state, state, "{verb} of {product}");
        if !foreseen.touched {
            assert!(commands.is_empty(), "{verb} of {product}");
            assert!(before.cells().eq(self.observation.cells()), "{verb} of {product}");
        }
        self.carry_out_all(commands);
    }

    /// How the provider answers the latest POST.
    pub(crate) fn answered(&self, answer: Answer) -> Event {
        let order = self.posts.last().unwrap();
        Event::Answered {
            product: order.product.clone(),
            run_id: order.run_id.clone(),
            attempt: order.attempt,
            answer,
        }
    }

    /// What the provider says of the latest POST.
    pub(crate) fn reported(&self, report: Report) -> Event {
        let order = self.posts.last().unwrap();
        Event::Reported {
            product: order.product.clone(),
            run_id: order.run_id.clone(),
            attempt: order.attempt,
            report,
        }
    }

    /// The conductor has died and come back with this observation from its ledger.
    pub(crate) fn restart(&mut self, observation: Observation) {
        self.observation = observation;
        self.posts.clear();
        self.providers.clear();
        let holders: Vec<_> = self
            .graph
            .products()
            .filter_map(|id| self.observation.run(self.graph.name(id)))
            .filter(|run| run.state.holds_slot())
            .map(|run| (run.provider.clone(), run.run_id.clone()))
            .collect();
        for (provider, run_id) in holders {
            self.provider(&provider).occupy(run_id);
        }
        if let Some(restraint) = self.restraint.clone() {
            self.restrain(restraint.kind);
        }
        let commands = self.observation.outstanding(&self.graph);
        self.carry_out_all(commands);
    }

    /// An operator pauses or drains the provider.
    pub(crate) fn restrain(&mut self, kind: RestraintKind) {
        let signature = Signature {
            by: "ops".into(),
            note: None,
            at: self.now,
        };
        let restraint = Restraint { kind, signature };
        self.restraint = Some(restraint.clone());
        for want in self.provider(&"p".parse().unwrap()).restrain(restraint.clone()) {
            self.apply(Event::Restrained {
                product: want.product,
                run_id: want.run_id,
                restraint: restraint.clone(),
            });
        }
    }

    /// And lets it go on.
    pub(crate) fn resume(&mut self) {
        self.restraint = None;
        for want in self.provider(&"p".parse().unwrap()).resume() {
            self.apply(Event::Resumed {
                product: want.product,
                run_id: want.run_id,
            });
        }
    }

    /// A call to the provider found nobody, or somebody.
    pub(crate) fn reach(&mut self, reached: bool) {
        let now = self.now;
        let provider = self.provider(&"p".parse().unwrap());
        if reached {
            provider.answered();
        } else {
            provider.unreached(now);
        }
        self.carry_out_all(Vec::new());
    }

    fn carry_out_all(&mut self, mut commands: Vec<Command>) {
        loop {
            for command in std::mem::take(&mut commands) {
                let restrained = match (&command, &self.restraint) {
                    (Command::Enqueue(want), Some(restraint)) => Some(Event::Restrained {
                        product: want.product.clone(),
                        run_id: want.run_id.clone(),
                        restraint: restraint.clone(),
                    }),
                    (_, Some(_) | None) => None,
                };
                self.carry_out(command);
                if let Some(event) = restrained {
                    commands.extend(self.observation.apply(&self.graph, self.now, event));
                }
            }
            let admitted: Vec<_> = self
                .providers
                .values_mut()
                .flat_map(|p| p.admit(self.now, usize::MAX))
                .collect();
            if admitted.is_empty() && commands.is_empty() {
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

    fn carry_out(&mut self, command: Command) {
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
                *self.sent.entry(order.product.clone()).or_default() += 1;
                self.posts.push(*order);
            }
            other @ (Command::Ask { .. }
            | Command::Cancel { .. }
            | Command::Retract { .. }
            | Command::AskSdb { .. }
            | Command::Remark { .. }) => {
                self.others.push(other);
            }
        }
    }

    fn provider(&mut self, name: &domain::ProviderName) -> &mut Provider {
        let limit = self.limit;
        self.providers
            .entry(name.to_string())
            .or_insert_with(|| Provider::new(name.clone(), limit))
    }

    /// The next version of an input arrives from the VHF source.
    pub(crate) fn arrive(&mut self, product: &str) {
        let version = self.next_version(product);
        self.announce("vhf", product, version, None);
    }

    /// A source withdraws one version of a product.
    pub(crate) fn withdraw_version(&mut self, source: &str, product: &str, version: Version) {
        let mut announcement = Announcement::of(name(product), "42".parse().unwrap());
        announcement.retracted = true;
        announcement.version = Some(version);
        self.apply(Event::Data(Box::new(Arrival {
            source: source.parse().unwrap(),
            product: name(product),
            identity: Identity::Version(version),
            announcement,
        })));
    }

    /// The SDB or the VHF source withdraws every version of a product.
    pub(crate) fn withdraw(&mut self, product: &str) {
        self.sequence += 1;
        let mut announcement = Announcement::of(name(product), "42".parse().unwrap());
        announcement.retracted = true;
        self.apply(Event::Data(Box::new(Arrival {
            source: "vhf".parse().unwrap(),
            product: name(product),
            identity: Identity::Sequence(self.sequence),
            announcement,
        })));
    }

    /// Why a cell is as it is.
    pub(crate) fn explain(&self, product: &str) -> Explanation {
        let providers = |provider: &domain::ProviderName| {
            let provider = self.providers.get(provider.as_str())?;
            Some(provider.view(self.now))
        };
        self.observation
            .explain(&self.graph, &name(product), providers, self.now)
    }

    /// The VHF source says that an input will not come.
    pub(crate) fn declare_absent(&mut self, product: &str) {
        self.sequence += 1;
        let mut announcement = Announcement::of(name(product), "42".parse().unwrap());
        announcement.absent = true;
        self.apply(Event::Data(Box::new(Arrival {
            source: "vhf".parse().unwrap(),
            product: name(product),
            identity: Identity::Sequence(self.sequence),
            announcement,
        })));
    }

    pub(crate) fn announce(&mut self, source: &str, product: &str, version: u64, made_by: Option<&Order>) {
        self.sequence += 1;
        let mut announcement = Announcement::of(name(product), "42".parse().unwrap());
        announcement.version = Some(Version(version));
        if let Some(order) = made_by {
            announcement.run_id = Some(order.run_id.clone());
            announcement.inputs = Some(order.inputs.clone());
        }
        self.apply(Event::Data(Box::new(Arrival {
            source: source.parse().unwrap(),
            product: name(product),
            identity: Identity::Version(Version(version)),
            announcement,
        })));
    }

    pub(crate) fn next_version(&mut self, product: &str) -> u64 {
        let version = self.versions.entry(name(product)).or_insert(0);
        *version += 1;
        *version
    }

    /// The SDB announces the product of an order.
    pub(crate) fn make(&mut self, order: &Order) {
        let version = self.next_version(order.product.as_str());
        self.announce("sdb", order.product.as_str(), version, Some(order));
    }

    /// Makes everything that is asked for, first come first served, until nothing is.
    pub(crate) fn make_all(&mut self) -> Vec<String> {
        let mut made = Vec::new();
        while !self.posts.is_empty() {
            let order = self.posts.remove(0);
            made.push(order.product.to_string());
            self.make(&order);
        }
        made
    }

    /// Makes what is asked for, or lets the next wait end; says whether there was such a thing.
    pub(crate) fn go_on(&mut self) -> bool {
        if !self.posts.is_empty() {
            self.make_all();
        } else if self.observation.next_deadline().is_some() {
            self.wait();
        } else {
            return false;
        }
        true
    }

    /// Goes on until nothing more happens by itself, with something between.
    pub(crate) fn rest(&mut self, mut between: impl FnMut(&mut Self)) {
        for _ in 0..ROUNDS {
            between(self);
            if !self.go_on() {
                return;
            }
        }
        panic!("it does not come to rest");
    }

    /// The provider says something of the run of an order.
    pub(crate) fn say(&mut self, order: Order, report: Report) {
        let (product, run_id, attempt) = (order.product, order.run_id, order.attempt);
        self.apply(Event::Reported {
            product,
            run_id,
            attempt,
            report,
        });
    }

    pub(crate) fn state(&self, product: &str) -> CellState {
        self.observation
            .cell(&name(product))
            .map_or(CellState::NotExpected, |cell| cell.state)
    }

    pub(crate) fn reason(&self, product: &str) -> String {
        let cell = self.observation.cell(&name(product)).unwrap();
        cell.reason.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    pub(crate) fn posted(&self) -> Vec<&str> {
        self.posts.iter().map(|order| order.product.as_str()).collect()
    }

    /// Lets time pass to the next deadline.
    pub(crate) fn wait(&mut self) {
        let deadline = self.observation.next_deadline().expect("nothing to wait for");
        assert!(deadline >= self.now, "a deadline in the past");
        self.now = deadline;
        self.apply(Event::DeadlineReached);
    }
}
