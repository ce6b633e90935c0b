//! The way of one run, cut into what it was spent with.

use super::records::Records;
use super::waterfall::Waterfall;
use api::conductor::{Segment, SegmentKind};
use conductor_core::{Datum, HeldTime, Run, Trigger};
use domain::{Attempt, RunState};
use jiff::Timestamp;
use product_graph::ProductGraph;

/// The segments of a run from `first_at` to `end`, where `made` came if the run brought a product. `held` are all
/// times during which it was held, or still is.
pub(super) fn of_run(
    graph: &ProductGraph,
    records: &Records<'_>,
    run: &Run,
    made: Option<&Datum>,
    held: &[HeldTime],
    (first_at, end): (Timestamp, Timestamp),
) -> Vec<Segment> {
    let mut fall = Waterfall::new(first_at, end);
    for_inputs(&mut fall, graph, records, run);
    // Before that, nothing was held up by being held.
    fall.hold(held);
    for_others(&mut fall, records, run);
    let (kind, attempt) = attempts(&mut fall, run);
    if let Some(stored_at) = made.and_then(|datum| datum.published_at) {
        fall.reach(kind, stored_at, attempt);
        return fall.finish(SegmentKind::Import, attempt);
    }
    fall.finish(kind, attempt)
}

/// Until the last of its mandatory inputs was there.
fn for_inputs(fall: &mut Waterfall, graph: &ProductGraph, records: &Records<'_>, run: &Run) {
    let recipe = graph.id(&run.product).and_then(|id| graph.recipe(id));
    let is_optional = |name| recipe.is_some_and(|r| r.optional.iter().any(|id| graph.name(*id) == name));
    let mandatory = run.inputs.iter().filter(|input| !is_optional(&input.product));
    let given = mandatory.filter_map(|input| records.given(input));
    if let Some(last) = given.map(|datum| datum.at).max() {
        fall.reach(SegmentKind::Waiting, last.min(run.queued_at), None);
    }
}

/// Until the run became ready: for whatever else kept it.
fn for_others(fall: &mut Waterfall, records: &Records<'_>, run: &Run) {
    let idle = match run.trigger {
        Trigger::NewInput { .. } | Trigger::Approved { .. } => SegmentKind::Grace,
        Trigger::Manual { .. } | Trigger::Retry { .. } | Trigger::GraphChanged | Trigger::Foreign { .. } => {
            SegmentKind::Trigger
        }
    };
    for earlier in records.before(run) {
        // One that was over before the inputs came is behind, and spends nothing.
        if let Some(ended_at) = earlier.ended_at.filter(|ended_at| *ended_at > fall.at()) {
            fall.reach(idle, earlier.queued_at, None);
            fall.reach(SegmentKind::EarlierRun, ended_at.min(run.queued_at), None);
        }
    }
    fall.reach(idle, run.queued_at, None);
}

/// From the queue on, attempt by attempt; answers what the rest was, or is, spent with.
fn attempts(fall: &mut Waterfall, run: &Run) -> (SegmentKind, Option<Attempt>) {
    if let Some(first) = run.ended_attempts.first()
        && run.failures.total() as usize > run.ended_attempts.len()
    {
        fall.reach(
            SegmentKind::Forgotten,
            first.started_at.unwrap_or(first.ended_at),
            None,
        );
    }
    let mut retry_at = None;
    for ended in &run.ended_attempts {
        let attempt = Some(ended.attempt);
        let sent_at = ended.started_at.unwrap_or(ended.ended_at);
        wait(fall, retry_at, sent_at, attempt);
        fall.reach(SegmentKind::Provider, ended.ended_at, attempt);
        retry_at = ended.retry_at;
    }
    let over = run.ended_attempts.last();
    let attempt = Some(run.attempt);
    let is_new = |sent_at: &Timestamp| over.is_none_or(|over| *sent_at >= over.ended_at);
    if let Some(sent_at) = run.requested_at.filter(is_new) {
        wait(fall, retry_at, sent_at, attempt);
        return (SegmentKind::Provider, attempt);
    }
    match run.state {
        RunState::Retrying => (SegmentKind::Backoff, attempt),
        RunState::Queued | RunState::Superseded | RunState::Cancelled => {
            if let Some(retry_at) = retry_at {
                fall.reach(SegmentKind::Backoff, retry_at, attempt);
            }
            (SegmentKind::Queue, attempt)
        }
        // A product that came after its last attempt was given up.
        RunState::Requested | RunState::Running | RunState::Succeeded | RunState::Failed => {
            (SegmentKind::Provider, over.map(|over| over.attempt))
        }
    }
}

/// Before an attempt was sent: the wait after the one before, then the queue.
fn wait(fall: &mut Waterfall, retry_at: Option<Timestamp>, sent_at: Timestamp, attempt: Option<Attempt>) {
    if let Some(retry_at) = retry_at {
        fall.reach(SegmentKind::Backoff, retry_at.min(sent_at), attempt);
    }
    fall.reach(SegmentKind::Queue, sent_at, attempt);
}
