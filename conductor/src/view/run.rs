//! One run and its attempts.

use super::Timing;
use api::conductor::{AttemptState, AttemptView, RunView};
use conductor_core::{EndedAttempt, Reason, Run};
use domain::{Attempt, ObsId, ProcessingError, RunState, Version};

/// Ends of attempts that nobody reported: the provider had lost the run, or its time was up.
const LOST: [&str; 2] = ["lost", "timeout"];

/// A run; `version` is that of its product in the SDB, if it has one.
pub fn run(timing: Timing<'_>, obs_id: &ObsId, run: &Run, version: Option<Version>) -> RunView {
    let (expected, late) = timing.of_run(run);
    RunView {
        run_id: run.run_id.clone(),
        obs_id: obs_id.clone(),
        product: run.product.clone(),
        provider: run.provider.clone(),
        state: run.state,
        reason: reason(run),
        trigger: Some(run.trigger.to_string()),
        generation: run.generation,
        inputs: run.inputs.clone(),
        missing: run.missing.clone(),
        params: run.params.clone(),
        created_at: run.queued_at,
        ended_at: run.ended_at,
        retry_at: run.retry_at,
        attempt: latest_attempt(run),
        max_attempts: run.last_attempt(),
        version,
        attempts: run.ended_attempts.iter().map(ended).chain(present(run)).collect(),
        expected,
        late,
    }
}

/// The attempt that was sent last; none before the first.
pub(super) fn latest_attempt(run: &Run) -> Option<Attempt> {
    let ended = || run.ended_attempts.last().map(|ended| ended.attempt);
    present(run).map(|present| present.attempt).or_else(ended)
}

/// Why a run is not done, as its cell says it while the run is its latest.
fn reason(run: &Run) -> Option<String> {
    let provider = run.provider.clone();
    let error = run.ended_attempts.last().map(|ended| ended.error.clone());
    let reason = match (run.state, error, run.retry_at) {
        (RunState::Queued, _, _) => Reason::ProviderBusy { provider },
        (RunState::Requested, _, _) => Reason::Posted { provider },
        (RunState::Running, _, _) => Reason::AtWork { provider },
        (RunState::Retrying, Some(error), Some(retry_at)) => Reason::AttemptFailed { error, retry_at },
        (RunState::Failed, _, _) => return run.why_failed().map(|reason| reason.to_string()),
        (RunState::Retrying, _, _) => return None,
        (RunState::Succeeded, _, _) => {
            let late = |state| format!("its product came after it had been given up ({state})");
            return run.given_up.map(late);
        }
        (RunState::Cancelled, _, _) => return Some("cancelled".to_owned()),
        (RunState::Superseded, _, _) => {
            return Some("replaced, or no longer wanted, before its next attempt was sent".to_owned());
        }
    };
    Some(reason.to_string())
}

/// The attempt that is under way, or with which the run ended; none while the next one is only planned.
fn present(run: &Run) -> Option<AttemptView> {
    let state = match run.state {
        RunState::Queued | RunState::Retrying | RunState::Superseded => return None,
        RunState::Requested => AttemptState::Requested,
        RunState::Running => AttemptState::Running,
        RunState::Succeeded => AttemptState::Succeeded,
        RunState::Failed => AttemptState::Failed,
        RunState::Cancelled => AttemptState::Cancelled,
    };
    let requested_at = run.requested_at?;
    // The run may have ended between attempts, or by a product that came after its last attempt was over.
    let is_over = |ended: &EndedAttempt| ended.started_at == Some(requested_at);
    if run.ended_attempts.last().is_some_and(is_over) {
        return None;
    }
    Some(AttemptView {
        attempt: run.attempt,
        state,
        requested_at: Some(requested_at),
        started_at: run.running_at,
        ended_at: run.ended_at,
        deadline: run.deadline,
        progress: None,
        error: None,
    })
}

fn ended(ended: &EndedAttempt) -> AttemptView {
    AttemptView {
        attempt: ended.attempt,
        state: outcome(&ended.error),
        requested_at: ended.started_at,
        started_at: None,
        ended_at: Some(ended.ended_at),
        deadline: None,
        progress: None,
        error: Some(ended.error.clone()),
    }
}

fn outcome(error: &ProcessingError) -> AttemptState {
    if LOST.contains(&error.code.as_str()) {
        AttemptState::Lost
    } else {
        AttemptState::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durations::Durations;
    use conductor_core::{Failures, Fault, Trigger};
    use domain::ErrorClass;
    use jiff::Timestamp;
    use product_graph::ProductGraph;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn failed(attempt: u32, code: &str) -> EndedAttempt {
        let second = i64::from(attempt) * 10;
        EndedAttempt {
            attempt: Attempt(attempt),
            started_at: Some(at(second)),
            ended_at: at(second + 5),
            error: ProcessingError {
                class: ErrorClass::Retriable,
                code: code.into(),
                message: "no luck".into(),
            },
            fault: Fault::default(),
            retry_at: None,
        }
    }

    fn example(state: RunState, attempt: u32, requested_at: Option<i64>) -> Run {
        Run {
            run_id: "run_1".parse().unwrap(),
            alias: None,
            product: "QPO_ECL".parse().unwrap(),
            provider: "qpo".parse().unwrap(),
            inputs: Vec::new(),
            missing: Vec::new(),
            params: None,
            generation: 0,
            trigger: Trigger::GraphChanged,
            state,
            attempt: Attempt(attempt),
            attempts: 3,
            failures: Failures::default(),
            held: Vec::new(),
            queued_at: at(1),
            requested_at: requested_at.map(at),
            running_at: None,
            product_at: None,
            ended_at: None,
            given_up: None,
            deadline: None,
            retry_at: None,
            ended_attempts: Vec::new(),
        }
    }

    fn shown(run: &Run) -> (Vec<(u32, AttemptState)>, Option<u32>) {
        let graph = ProductGraph::parse(r#"{"inputs": [], "products": {}}"#).unwrap();
        let timing = Timing {
            graph: &graph,
            durations: &Durations::default(),
            now: at(100),
        };
        let view = super::super::run(timing, &42.try_into().unwrap(), run, None);
        let attempts = view
            .attempts
            .iter()
            .map(|attempt| (attempt.attempt.0, attempt.state));
        (attempts.collect(), view.attempt.map(|attempt| attempt.0))
    }

    #[test]
    fn an_attempt_is_shown_once_it_was_sent() {
        assert_eq!(shown(&example(RunState::Queued, 1, None)), (vec![], None));
        let run = example(RunState::Running, 1, Some(10));
        assert_eq!(shown(&run), (vec![(1, AttemptState::Running)], Some(1)));
    }

    #[test]
    fn between_attempts_the_last_one_counts() {
        let mut run = example(RunState::Retrying, 2, Some(10));
        run.ended_attempts.push(failed(1, "timeout"));
        run.retry_at = Some(at(20));
        assert_eq!(shown(&run), (vec![(1, AttemptState::Lost)], Some(1)));
        assert_eq!(
            reason(&run).unwrap(),
            "timeout: no luck; next attempt at 1970-01-01T00:00:20Z"
        );
        run.state = RunState::Cancelled;
        assert_eq!(shown(&run), (vec![(1, AttemptState::Lost)], Some(1)));
    }

    #[test]
    fn the_last_attempt_of_a_run_that_ended_is_shown_once() {
        let mut run = example(RunState::Failed, 2, Some(20));
        run.ended_attempts = vec![failed(1, "lost"), failed(2, "no-calibration")];
        let both = vec![(1, AttemptState::Lost), (2, AttemptState::Failed)];
        assert_eq!(shown(&run), (both.clone(), Some(2)));
        // Its product came after all.
        run.state = RunState::Succeeded;
        run.given_up = Some(RunState::Failed);
        assert_eq!(shown(&run), (both, Some(2)));
        let why = reason(&run);
        assert_eq!(
            why.as_deref(),
            Some("its product came after it had been given up (failed)")
        );
        run.ended_attempts.truncate(1);
        let both = vec![(1, AttemptState::Lost), (2, AttemptState::Succeeded)];
        assert_eq!(shown(&run), (both, Some(2)));
    }
}
