//! Somebody who acts: who it is, and that an act that is repeated is done once.

use super::repeats::{Answer, IdempotencyKey, Repeats};
use super::{App, Shared, asking};
use crate::desk::Asker;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use service_kit::{Operator, Problem};
use std::sync::Arc;

/// The headers of an act, for its description.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes headers that are read elsewhere")]
pub(super) struct ActHeaders {
    /// Who acts
    #[param(rename = "X-Operator")]
    operator: Option<String>,
    /// A repeat gets the answer of the first and does nothing, until a restart
    #[param(rename = "Idempotency-Key")]
    key: Option<String>,
}

/// Who sends a request that changes something.
pub(super) struct Actor {
    pub(super) app: App,
    repeats: Arc<Repeats>,
    operator: Operator,
    key: IdempotencyKey,
}

impl FromRequestParts<Shared> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        Ok(Self {
            app: shared.app.now(),
            repeats: Arc::clone(&shared.repeats),
            operator: Operator::from_request_parts(parts, shared).await?,
            key: IdempotencyKey::from_request_parts(parts, shared).await?,
        })
    }
}

impl Actor {
    /// Who asks, and why.
    pub(super) fn asker(&self, note: Option<String>) -> Result<Asker, Problem> {
        asking::asker(&self.operator, note)
    }

    /// Does the work once, however often the request comes.
    pub(super) async fn once(
        &self,
        route: &'static str,
        request: &impl Serialize,
        work: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Answer, Problem> {
        self.repeats.once(route, self.key.clone(), request, work).await
    }
}
