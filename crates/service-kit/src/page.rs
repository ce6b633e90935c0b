//! Lists: `limit` and `cursor` in, `{"items", "next"}` out.

use crate::Problem;
use axum::{extract::FromRequestParts, http::StatusCode, http::request::Parts};
use serde::{Deserialize, Serialize};

/// How many items a list has if nobody says.
const DEFAULT_LIMIT: usize = 100;
/// The most items of one answer: it bounds memory and the time of a query.
const MAX_LIMIT: usize = 1000;

/// Which part of a list is wanted. It is an extractor of its own beside the route's filters.
#[derive(Debug, Clone, PartialEq, Eq, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// How many items at most, 1 to 1000
    #[param(minimum = 1, maximum = 1000, default = 100, required = false)]
    pub limit: usize,
    /// Where to go on: the `next` of the answer before
    #[param(required = false)]
    pub cursor: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            cursor: None,
        }
    }
}

#[derive(Deserialize)]
struct RawPage {
    limit: Option<String>,
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<RawPage>::try_from_uri(&parts.uri);
        let raw = query.map_err(|error| invalid(error.body_text()))?.0;
        let limit = match raw.limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| invalid(format!("limit {text:?} is not 1 to {MAX_LIMIT}")))?,
        };
        Ok(Self {
            limit,
            cursor: raw.cursor.filter(|cursor| !cursor.is_empty()),
        })
    }
}

impl Page {
    /// 422 for a cursor that this list did not give.
    pub fn bad_cursor(&self) -> Problem {
        let cursor = self.cursor.as_deref().unwrap_or_default();
        invalid(format!(
            "cursor {cursor:?} is not the `next` of an answer of this list"
        ))
        .with("field", "cursor")
    }
}

fn invalid(detail: String) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid-request",
        "The request is not valid",
    )
    .with_detail(detail)
}

/// One part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Items<T> {
    /// The items, at most `limit`.
    pub items: Vec<T>,
    /// The `cursor` of the next part; `null` at the end.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn page(uri: &str) -> Result<Page, Problem> {
        let (mut parts, ()) = Request::builder().uri(uri).body(()).unwrap().into_parts();
        Page::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn a_limit_is_1_to_1000_and_100_if_nobody_says() {
        assert_eq!(page("/?state=failed").await.unwrap(), Page::default());
        assert_eq!(
            page("/?limit=1000&cursor=x").await.unwrap(),
            Page {
                limit: 1000,
                cursor: Some("x".into())
            }
        );
        for wrong in ["0", "1001", "-1", "ten", ""] {
            let problem = page(&format!("/?limit={wrong}")).await.unwrap_err();
            assert_eq!(
                (problem.status().as_u16(), problem.code()),
                (422, "invalid-request"),
                "{wrong:?}"
            );
        }
    }
}
