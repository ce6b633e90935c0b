//! Errors of the ledger, of the desk, and of requests, as problems.

use crate::desk::DeskError;
use crate::ledger::LedgerError;
use api::codes;
use axum::http::StatusCode;
use domain::{ObsId, ProductName, ProviderName, RunId};
use service_kit::Problem;

/// When a client should come back after a failure that needs somebody to act.
const RETRY_AFTER_S: u64 = 5;

pub(super) fn ledger(error: LedgerError) -> Problem {
    match error {
        LedgerError::Database(_)
        | LedgerError::Migration(_)
        | LedgerError::Folder { .. }
        | LedgerError::InUse { .. } => {
            let cause: &(dyn std::error::Error + 'static) = &error;
            tracing::error!(error = cause, "a request failed");
            ledger_unavailable()
        }
        LedgerError::Row { .. } | LedgerError::Record(_) => Problem::internal(error),
    }
}

pub(super) fn desk(error: DeskError) -> Problem {
    match error {
        DeskError::Closed => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            codes::DRAINING,
            "The service is stopping",
        )
        .retry_after(1),
        DeskError::Late => ledger_unavailable()
            .with_detail("there was no decision in time; the request may still be carried out"),
    }
}

fn ledger_unavailable() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "ledger-unavailable",
        "The ledger is unavailable",
    )
    .retry_after(RETRY_AFTER_S)
}

pub(super) fn unknown_observation(obs_id: &ObsId) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        codes::UNKNOWN_OBSERVATION,
        "There is no such observation",
    )
    .with_detail(format!("nothing was ever announced of {obs_id}"))
}

/// A product that is neither in the graph nor among the cells of the observation, if one is meant.
pub(super) fn unknown_product(product: &ProductName, obs_id: Option<&ObsId>) -> Problem {
    let detail = match obs_id {
        None => format!("the graph has no {product}; GET /graph lists what it has"),
        Some(obs_id) => format!("the graph has no {product}, and none was announced of {obs_id}"),
    };
    Problem::new(
        StatusCode::NOT_FOUND,
        codes::UNKNOWN_PRODUCT,
        "There is no such product",
    )
    .with_detail(detail)
}

/// A product that is to be made, but that the graph does not make.
pub(super) fn not_made(product: &ProductName) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        codes::UNKNOWN_PRODUCT,
        "The graph makes no such product",
    )
    .with_detail(format!(
        "no provider makes {product}; GET /graph lists what is made"
    ))
}

pub(super) fn unknown_provider(provider: &ProviderName) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown-provider",
        "There is no such provider",
    )
    .with_detail(format!(
        "the graph has no {provider}; GET /providers lists those it has"
    ))
}

pub(super) fn unknown_run(run_id: &RunId) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, codes::UNKNOWN_RUN, "There is no such run")
        .with_detail(format!("the ledger has no run {run_id}"))
}

pub(super) fn invalid(field: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        codes::INVALID_REQUEST,
        "The request is not valid",
    )
    .with_detail(detail)
    .with("field", field)
}
