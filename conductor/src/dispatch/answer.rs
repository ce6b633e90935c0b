//! What a provider's answer to a POST means.

use super::error;
use api::pipeline::Posted;
use api::{ApiError, codes};
use conductor_core::{Answer, Order};
use domain::ErrorClass;
use std::time::Duration;

/// How long a provider is left alone that is busy and does not say until when.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The shortest wait for a busy provider: `Retry-After: 0` is no invitation to ask in a loop.
const MIN_RETRY_AFTER: Duration = Duration::from_millis(100);

/// The longest wait for a busy provider before it is tried again, whatever it says.
const MAX_RETRY_AFTER: Duration = Duration::from_mins(5);

/// None if the answer is a plain yes, which changes nothing: the run was `requested` when it was sent.
pub(super) fn of_post(order: &Order, posted: &Result<Posted, ApiError>) -> Option<Answer> {
    let failure = match posted {
        Ok(posted) => {
            let alias = posted.run_id.as_ref().filter(|run_id| **run_id != order.run_id)?;
            return Some(Answer::Accepted {
                alias: Some(alias.clone()),
            });
        }
        Err(failure) => failure,
    };
    Some(match failure.status() {
        Some(429 | 503) => Answer::Busy {
            retry_after: failure
                .retry_after()
                .unwrap_or(DEFAULT_RETRY_AFTER)
                .clamp(MIN_RETRY_AFTER, MAX_RETRY_AFTER),
        },
        Some(409) if failure.is_code(codes::STALE_ATTEMPT) => Answer::StaleAttempt,
        // 408: the connection, not the request, is to blame.
        Some(status) if status != 408 && status < 500 => {
            Answer::Refused(error(ErrorClass::Permanent, code(failure, "refused"), failure))
        }
        Some(_) => Answer::Faulty(error(
            ErrorClass::Retriable,
            code(failure, "provider-error"),
            failure,
        )),
        None if failure.is_unreachable() => Answer::Unreachable(failure.to_string()),
        None if failure.is_timeout() => Answer::Faulty(error(ErrorClass::Retriable, "no-answer", failure)),
        None => match failure {
            ApiError::Invalid(_) => Answer::Refused(error(ErrorClass::Permanent, "invalid-request", failure)),
            ApiError::Unreachable { .. }
            | ApiError::Timeout { .. }
            | ApiError::Interrupted { .. }
            | ApiError::Problem(_)
            | ApiError::Malformed { .. } => {
                Answer::Faulty(error(ErrorClass::Retriable, "connection-broke", failure))
            }
        },
    })
}

/// The provider's own word for what went wrong, if it has one.
fn code<'a>(failure: &'a ApiError, otherwise: &'a str) -> &'a str {
    match failure.problem() {
        Some(problem) if !problem.code.is_empty() => &problem.code,
        Some(_) | None => otherwise,
    }
}

/// Whether the provider knew the run already, and that it has ended.
pub(super) fn is_over(posted: &Result<Posted, ApiError>) -> bool {
    matches!(posted, Ok(Posted { existing: true, state: Some(state), .. }) if state.is_ended())
}
