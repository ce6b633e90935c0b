//! One round of the canary, decided by the core. Pure.

use super::Hop;
use crate::writer::Providers;
use conductor_core::{Arrival, Cell, Command, Event, Identity, Observation};
use domain::{
    Announcement, CellState, ObsId, RunId, ServiceName, Version, canary_input, canary_obs_id, canary_product,
    canary_source,
};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::VecDeque;
use std::sync::Arc;

/// A round under way.
#[derive(Debug)]
pub(super) struct Flight {
    graph: Arc<ProductGraph>,
    number: u32,
    observation: Observation,
    providers: Providers,
    hop: Hop,
}

impl Flight {
    /// A round that is to begin. `graph` makes the canary's product, `number` is no other round's.
    pub(super) fn new(graph: Arc<ProductGraph>, number: u32, now: Timestamp) -> Self {
        // As if it had had as many runs before: so its run's id is that of no other round.
        let cell = Cell {
            generation: number,
            ..Cell::new(canary_product(), now)
        };
        let observation = Observation::restore(canary_obs_id(), now, vec![cell], Vec::new(), Vec::new());
        let providers = Providers::new(&graph, Arc::default());
        Self {
            graph,
            number,
            observation,
            providers,
            hop: Hop::Publish,
        }
    }

    /// What is announced on `data._canary`.
    pub(super) fn announcement(&self) -> Announcement {
        Announcement {
            version: Some(Version(self.number.into())),
            ..Announcement::of(canary_input(), canary_obs_id())
        }
    }

    /// What the round waits for.
    pub(super) fn hop(&self) -> Hop {
        self.hop
    }

    /// The canary's observation.
    pub(super) fn obs_id(&self) -> &ObsId {
        self.observation.obs_id()
    }

    /// Its run, once there is one.
    pub(super) fn run_id(&self) -> Option<&RunId> {
        self.observation.run(&canary_product()).map(|run| &run.run_id)
    }

    /// Why its product is not made, as far as the core knows.
    pub(super) fn why_not(&self) -> Option<String> {
        let cell = self.observation.cell(&canary_product())?;
        cell.reason.as_ref().map(ToString::to_string)
    }

    /// The stream has the announcement.
    pub(super) fn published(&mut self) {
        self.reach(Hop::Hear);
    }

    /// Something was announced of the canary, and is committed. What is of another round is nothing. Answers
    /// what is to be sent.
    #[must_use = "a dropped command is a hop that nobody takes"]
    pub(super) fn heard(
        &mut self,
        now: Timestamp,
        source: ServiceName,
        announcement: Announcement,
    ) -> Vec<Command> {
        let Some(product) = announcement.product.clone() else {
            return Vec::new();
        };
        let number = Some(Version(self.number.into()));
        let is_own_input =
            source == canary_source() && product == canary_input() && announcement.version == number;
        let is_own_product = announcement.run_id.is_some()
            && announcement.run_id.as_ref() == self.run_id()
            && product == canary_product();
        let Some(version) = announcement.version.filter(|_| is_own_input || is_own_product) else {
            return Vec::new();
        };
        let arrival = Arrival {
            source,
            product,
            identity: Identity::Version(version),
            announcement,
        };
        self.happened(now, Event::Data(Box::new(arrival)))
    }

    /// Its pipeline has made the product of a run, and brings it to the SDB.
    pub(super) fn made(&mut self, run_id: &RunId) {
        if self.run_id() == Some(run_id) {
            self.reach(Hop::Import);
        }
    }

    /// Something happened to its run. Answers what is to be sent.
    #[must_use = "a dropped command is a hop that nobody takes"]
    pub(super) fn happened(&mut self, now: Timestamp, event: Event) -> Vec<Command> {
        let mut open = VecDeque::from(self.observation.apply(&self.graph, now, event));
        let mut errands = Vec::new();
        loop {
            while let Some(command) = open.pop_front() {
                errands.extend(self.providers.carry_out(command));
            }
            for want in self.providers.admit(now, |_| 1) {
                let event = Event::Admitted {
                    product: want.product,
                    run_id: want.run_id,
                };
                open.extend(self.observation.apply(&self.graph, now, event));
            }
            if open.is_empty() {
                break;
            }
        }
        // It is told on nobody's behalf: nothing of it is stored.
        let _ = self.observation.take_changes();
        if errands.iter().any(|command| matches!(command, Command::Post(_))) {
            self.reach(Hop::Post);
        }
        let cell = self.observation.cell(&canary_product());
        if cell.is_some_and(|cell| cell.state == CellState::Done) {
            self.reach(Hop::Round);
        }
        errands.retain(|command| !matches!(command, Command::Remark { .. }));
        errands
    }

    /// Words may come in another order than what they tell of.
    fn reach(&mut self, hop: Hop) {
        self.hop = self.hop.max(hop);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::canary_provider;
    use std::time::Duration;

    fn now() -> Timestamp {
        "2026-11-24T08:00:00Z".parse().unwrap()
    }

    fn flight(number: u32) -> Flight {
        let graph = ProductGraph::of_one(
            canary_input(),
            canary_product(),
            canary_provider(),
            "http://127.0.0.1:5002/canary/_canary".parse().unwrap(),
            Duration::from_secs(30),
        );
        Flight::new(Arc::new(graph), number, now())
    }

    fn stored(run_id: &RunId) -> Announcement {
        Announcement {
            version: Some(Version(7)),
            run_id: Some(run_id.clone()),
            ..Announcement::of(canary_product(), canary_obs_id())
        }
    }

    /// As far as its POST; with the run's id.
    fn posted(flight: &mut Flight) -> RunId {
        flight.published();
        let announcement = flight.announcement();
        let errands = flight.heard(now(), canary_source(), announcement);
        let [Command::Post(order)] = errands.as_slice() else {
            panic!("{errands:?}");
        };
        assert_eq!(order.product, canary_product());
        order.run_id.clone()
    }

    #[test]
    fn a_round_goes_from_hop_to_hop() {
        let mut flight = flight(1);
        assert_eq!(flight.hop(), Hop::Publish);
        flight.published();
        assert_eq!(flight.hop(), Hop::Hear);
        let run_id = posted(&mut flight);
        assert_eq!(flight.hop(), Hop::Post);
        flight.made(&run_id);
        assert_eq!(flight.hop(), Hop::Import);
        let after = flight.heard(now(), "sdb".parse().unwrap(), stored(&run_id));
        assert_eq!((flight.hop(), after), (Hop::Round, Vec::new()));
    }

    #[test]
    fn no_two_rounds_have_the_same_run() {
        let runs: std::collections::BTreeSet<RunId> =
            (1..100).map(|number| posted(&mut flight(number))).collect();
        assert_eq!(runs.len(), 99);
    }

    #[test]
    fn what_is_of_another_round_is_nothing() {
        let mut flight = flight(2);
        let others = self::flight(1).announcement();
        assert!(flight.heard(now(), canary_source(), others).is_empty());
        assert!(
            flight
                .heard(now(), "vhf".parse().unwrap(), flight.announcement())
                .is_empty()
        );
        let run_id = posted(&mut flight);
        let other = posted(&mut self::flight(1));
        flight.made(&other);
        let sdb: ServiceName = "sdb".parse().unwrap();
        assert!(flight.heard(now(), sdb.clone(), stored(&other)).is_empty());
        assert_eq!(flight.hop(), Hop::Post);
        let by_hand = Announcement {
            run_id: None,
            ..stored(&run_id)
        };
        assert!(flight.heard(now(), sdb, by_hand).is_empty());
        assert_eq!(flight.hop(), Hop::Post);
    }

    #[test]
    fn a_product_may_be_heard_of_before_its_pipeline() {
        let mut flight = flight(3);
        let run_id = posted(&mut flight);
        let _ = flight.heard(now(), "sdb".parse().unwrap(), stored(&run_id));
        flight.made(&run_id);
        assert_eq!(flight.hop(), Hop::Round);
    }
}
