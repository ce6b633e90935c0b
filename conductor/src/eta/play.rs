//! One way in which the night may go on.

use super::plan::{Begin, Plan};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// Milliseconds from now.
type At = u64;

/// Something that happens to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// Its product is there.
    Made,
    /// Its wait is over.
    WaitOver,
    /// It is put into the queue.
    Ready,
}

/// Plays the plan to its end, and answers when each task's product was there.
pub(super) fn play(plan: &Plan<'_>, luck: impl Fn(usize) -> f64) -> Vec<At> {
    let mut scene = Scene {
        plan,
        luck,
        agenda: BinaryHeap::new(),
        open: plan
            .tasks
            .iter()
            .map(|task| (task.mandatory, task.optional))
            .collect(),
        inputs_at: vec![0; plan.tasks.len()],
        ready: vec![false; plan.tasks.len()],
        queues: vec![BTreeSet::new(); plan.limits.len()],
        in_flight: vec![0; plan.limits.len()],
        made_at: vec![0; plan.tasks.len()],
    };
    scene.begin();
    while let Some(Reverse((at, what, index))) = scene.agenda.pop() {
        match what {
            What::Made => scene.made(at, index),
            What::WaitOver if !scene.ready[index] => scene.ready(at, index),
            What::WaitOver => {}
            What::Ready => scene.enqueue(at, 0, index),
        }
    }
    scene.made_at
}

struct Scene<'p, 'a, L> {
    plan: &'p Plan<'a>,
    luck: L,
    agenda: BinaryHeap<Reverse<(At, What, usize)>>,
    /// How many mandatory and optional inputs of a task are still to be made.
    open: Vec<(usize, usize)>,
    /// When the mandatory inputs of a task were there.
    inputs_at: Vec<At>,
    ready: Vec<bool>,
    /// Higher priority first, then who waits longer.
    queues: Vec<BTreeSet<(Reverse<i32>, i128, usize)>>,
    in_flight: Vec<usize>,
    made_at: Vec<At>,
}

impl<L: Fn(usize) -> f64> Scene<'_, '_, L> {
    fn begin(&mut self) {
        for (index, task) in self.plan.tasks.iter().enumerate() {
            match task.begin {
                Begin::Provider { elapsed } => {
                    self.in_flight[task.provider] += 1;
                    let rest = task.sample.draw_rest(elapsed, (self.luck)(index));
                    self.agenda.push(Reverse((rest, What::Made, index)));
                }
                Begin::Later { after } => self.agenda.push(Reverse((after, What::Ready, index))),
                Begin::Inputs | Begin::Queue { .. } => {}
            }
        }
        for (index, task) in self.plan.tasks.iter().enumerate() {
            match task.begin {
                Begin::Queue { waited } => self.enqueue(0, waited, index),
                Begin::Inputs if task.mandatory == 0 => self.inputs_there(0, index),
                Begin::Inputs | Begin::Provider { .. } | Begin::Later { .. } => {}
            }
        }
    }

    fn made(&mut self, at: At, index: usize) {
        let task = &self.plan.tasks[index];
        self.made_at[index] = at;
        self.in_flight[task.provider] -= 1;
        for (dependant, mandatory) in &task.dependants {
            let (must, may) = &mut self.open[*dependant];
            if *mandatory {
                *must -= 1;
                if *must == 0 {
                    self.inputs_there(at, *dependant);
                }
            } else {
                *may -= 1;
                if (*must, *may) == (0, 0) && !self.ready[*dependant] {
                    self.all_made(at, *dependant);
                }
            }
        }
        self.admit(at, task.provider);
    }

    /// The mandatory inputs are there; those in progress are waited for as long as they may be.
    fn inputs_there(&mut self, at: At, index: usize) {
        self.inputs_at[index] = at;
        if self.open[index].1 == 0 {
            return self.all_made(at, index);
        }
        let task = &self.plan.tasks[index];
        let end = task.in_progress.end(at).max(task.awaited.end(at));
        self.agenda.push(Reverse((end, What::WaitOver, index)));
    }

    /// Nothing that it waits for is in progress any more.
    fn all_made(&mut self, at: At, index: usize) {
        let end = self.plan.tasks[index].awaited.end(self.inputs_at[index]);
        if end > at {
            self.agenda.push(Reverse((end, What::WaitOver, index)));
        } else {
            self.ready(at, index);
        }
    }

    fn ready(&mut self, at: At, index: usize) {
        self.ready[index] = true;
        self.enqueue(at, 0, index);
    }

    fn enqueue(&mut self, at: At, waited: u64, index: usize) {
        let task = &self.plan.tasks[index];
        let since = i128::from(at) - i128::from(waited);
        self.queues[task.provider].insert((Reverse(task.priority), since, index));
        self.admit(at, task.provider);
    }

    fn admit(&mut self, at: At, provider: usize) {
        while self.in_flight[provider] < self.plan.limits[provider] {
            let Some((_, _, index)) = self.queues[provider].pop_first() else {
                return;
            };
            let task = &self.plan.tasks[index];
            self.in_flight[provider] += 1;
            let made_at = at.saturating_add(task.sample.draw((self.luck)(index)));
            self.agenda.push(Reverse((made_at, What::Made, index)));
        }
    }
}
