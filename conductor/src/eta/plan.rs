//! What is still to be made, as tasks that wait for each other and share providers.

use super::standing::{Stage, Standing};
use super::{Night, luck};
use crate::durations::{Sample, millis};
use domain::{ObsId, ProductName, ProviderName};
use jiff::Timestamp;
use product_graph::{NodeId, Recipe};
use std::collections::BTreeMap;
use std::time::Duration;

/// All tasks, each after those of its observation that it waits for.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    pub(super) tasks: Vec<Task<'a>>,
    /// How many runs each provider takes at a time.
    pub(super) limits: Vec<usize>,
}

/// One cell that is on its way.
#[derive(Debug)]
pub(super) struct Task<'a> {
    pub(super) standing: &'a Standing,
    /// The place of its provider in [`Plan::limits`].
    pub(super) provider: usize,
    pub(super) priority: i32,
    pub(super) sample: Sample,
    pub(super) begin: Begin,
    /// Tasks that wait for it, and whether they must.
    pub(super) dependants: Vec<(usize, bool)>,
    /// How many tasks it must wait for.
    pub(super) mandatory: usize,
    /// How many tasks it waits for as long as it may.
    pub(super) optional: usize,
    /// How long it waits for inputs in progress.
    pub(super) in_progress: Wait,
    /// How long it waits for optional inputs that nobody makes.
    pub(super) awaited: Wait,
}

impl Task<'_> {
    /// What it draws its luck from.
    pub(super) fn seed(&self) -> u64 {
        luck::seed(&self.standing.obs_id, &self.standing.product)
    }
}

/// Where a task begins; times are milliseconds from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// With its inputs.
    Inputs,
    /// In the queue, for so long already.
    Queue { waited: u64 },
    /// With its provider, for so long already.
    Provider { elapsed: u64 },
    /// In the queue, after so long.
    Later { after: u64 },
}

/// A wait, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// From now.
    Until(u64),
    /// From when the mandatory inputs are there.
    For(u64),
}

impl Wait {
    /// Its end, if the mandatory inputs are there at `at`.
    pub(super) fn end(self, at: u64) -> u64 {
        match self {
            Self::Until(until) => until.max(at),
            Self::For(wait) => at.saturating_add(wait),
        }
    }

    fn new(until: Option<Timestamp>, otherwise: Duration, now: Timestamp) -> Self {
        let wait = || Self::For(u64::try_from(otherwise.as_millis()).unwrap_or(u64::MAX));
        until.map_or_else(wait, |until| Self::Until(millis(now, until)))
    }
}

impl<'a> Plan<'a> {
    /// The tasks of a night. A cell that is not on its way, that nobody knows how long it takes, or that waits for
    /// such, is none: of it nothing can be said.
    pub(super) fn new(night: &Night<'a>) -> Self {
        let mut plan = Self::default();
        let mut providers = BTreeMap::new();
        let mut observations: BTreeMap<&ObsId, BTreeMap<&ProductName, &'a Standing>> = BTreeMap::new();
        for standing in night.cells {
            let cells = observations.entry(&standing.obs_id).or_default();
            cells.insert(&standing.product, standing);
        }
        for cells in observations.values() {
            let mut placed = BTreeMap::new();
            for id in night.graph.products() {
                plan.add(night, cells, id, &mut placed, &mut providers);
            }
        }
        plan.limits = limits(night, &plan.tasks, &providers);
        plan
    }

    fn add(
        &mut self,
        night: &Night<'a>,
        cells: &BTreeMap<&ProductName, &'a Standing>,
        id: NodeId,
        placed: &mut BTreeMap<NodeId, usize>,
        providers: &mut BTreeMap<ProviderName, usize>,
    ) -> Option<()> {
        let product = night.graph.name(id);
        let recipe = night.graph.recipe(id)?;
        let standing = *cells.get(product)?;
        let sample = night.durations.sample(product, recipe)?;
        let begin = begin(&standing.stage, night.now)?;
        let place = self.tasks.len();
        let mut task = Task {
            standing,
            provider: provider(standing, recipe, providers),
            priority: standing
                .priority
                .map_or(recipe.priority, |raised| raised.max(recipe.priority)),
            sample,
            begin,
            dependants: Vec::new(),
            mandatory: 0,
            optional: 0,
            in_progress: Wait::new(standing.grace_until, recipe.wait_in_progress, night.now),
            awaited: Wait::For(0),
        };
        if begin == Begin::Inputs {
            let known = |id: &NodeId| cells.get(night.graph.name(*id)).copied();
            let lost =
                |id: &NodeId| !placed.contains_key(id) && !known(id).is_some_and(Standing::is_available);
            if recipe.approve || recipe.mandatory.iter().any(lost) {
                return None;
            }
            let may_come = |id: &NodeId| lost(id) && !known(id).is_some_and(Standing::is_given_up);
            if recipe.optional.iter().any(may_come) {
                task.awaited = Wait::new(standing.optional_until, recipe.wait_optional, night.now);
            }
            for (input, mandatory) in recipe.inputs() {
                let Some(before) = placed.get(&input) else {
                    continue;
                };
                self.tasks[*before].dependants.push((place, mandatory));
                task.mandatory += usize::from(mandatory);
                task.optional += usize::from(!mandatory);
            }
        }
        placed.insert(id, place);
        self.tasks.push(task);
        Some(())
    }
}

fn begin(stage: &Stage, now: Timestamp) -> Option<Begin> {
    match stage {
        Stage::Still => None,
        Stage::Inputs => Some(Begin::Inputs),
        Stage::Queued { since, .. } => Some(Begin::Queue {
            waited: millis(*since, now),
        }),
        Stage::Sent { since, .. } => Some(Begin::Provider {
            elapsed: millis(*since, now),
        }),
        Stage::Later { at, .. } => Some(Begin::Later {
            after: millis(now, *at),
        }),
    }
}

/// The place of the provider that makes it, or has its run.
fn provider(standing: &Standing, recipe: &Recipe, places: &mut BTreeMap<ProviderName, usize>) -> usize {
    let name = match &standing.stage {
        Stage::Still | Stage::Inputs => &recipe.provider,
        Stage::Queued { provider, .. } | Stage::Sent { provider, .. } | Stage::Later { provider, .. } => {
            provider
        }
    };
    let next = places.len();
    *places.entry(name.clone()).or_insert(next)
}

/// How many runs each takes: its limit, or if only its own 429 is one and it lets runs wait, what it has now.
fn limits(night: &Night<'_>, tasks: &[Task<'_>], places: &BTreeMap<ProviderName, usize>) -> Vec<usize> {
    let mut limits = vec![usize::MAX; places.len()];
    for (name, place) in places {
        let of_it = || tasks.iter().filter(|task| task.provider == *place);
        let said = night
            .graph
            .providers()
            .get(name)
            .and_then(|spec| spec.max_in_flight);
        let waits = || of_it().any(|task| matches!(task.begin, Begin::Queue { .. }));
        let has = || {
            of_it()
                .filter(|task| matches!(task.begin, Begin::Provider { .. }))
                .count()
        };
        limits[*place] = match said {
            Some(said) => said as usize,
            None if waits() => has().max(1),
            None => usize::MAX,
        };
    }
    limits
}
