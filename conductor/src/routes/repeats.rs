//! `Idempotency-Key`: a repeat of a POST gets the answer of the first and does nothing.
//!
//! In memory, and only of what succeeded. After a restart, or once later answers have pushed a key out, a
//! repeat is decided anew, which starts nothing twice either unless `force` is said: an open run and a made
//! product are the answer, and only a failed cell is retried.

use axum::extract::FromRequestParts;
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use domain::Sha256;
use serde::Serialize;
use service_kit::Problem;
use sha2::Digest as _;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most keys: an operator repeats within minutes, and a script that sends more in that time is told so
/// by nobody but has what the header says above.
const MAX_KEYS: usize = 1000;

/// The most bytes of all answers together; that of a large retry has a megabyte.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The longest key, in characters, as in the SDB.
const MAX_KEY_CHARS: usize = 255;

const HEADER: &str = "idempotency-key";

/// The header, if it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdempotencyKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(HEADER) else {
            return Ok(Self(None));
        };
        match value.to_str() {
            Ok(key) if (1..=MAX_KEY_CHARS).contains(&key.len()) => Ok(Self(Some(key.to_owned()))),
            Ok(_) | Err(_) => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-header",
                "A header is not valid",
            )
            .with_detail(format!(
                "Idempotency-Key takes 1 to {MAX_KEY_CHARS} ASCII characters"
            ))
            .with("field", HEADER)),
        }
    }
}

/// An answer that can be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    status: StatusCode,
    location: Option<HeaderValue>,
    body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self {
            status,
            location: None,
            body: serde_json::to_vec(body).map_err(Problem::internal)?,
        })
    }

    pub(super) fn at(mut self, location: &str) -> Result<Self, Problem> {
        self.location = Some(location.try_into().map_err(Problem::internal)?);
        Ok(self)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (self.status, json, self.body).into_response();
        if let Some(location) = self.location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// The answers that were given under a key.
#[derive(Debug, Default)]
pub(super) struct Repeats(Mutex<Known>);

type Key = (&'static str, String);

#[derive(Debug, Default)]
struct Known {
    places: BTreeMap<Key, Place>,
    /// The oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Place {
    given: Arc<tokio::sync::Mutex<Option<Given>>>,
    bytes: usize,
}

#[derive(Debug)]
struct Given {
    request: Sha256,
    answer: Answer,
}

impl Repeats {
    /// Does the work, unless its route gave an answer under this key already. A repeat that comes while the
    /// first is at work waits for it.
    pub(super) async fn once(
        &self,
        route: &'static str,
        IdempotencyKey(key): IdempotencyKey,
        request: &impl Serialize,
        work: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Answer, Problem> {
        let Some(key) = key else { return work.await };
        let request = serde_json::to_vec(request).map_err(Problem::internal)?;
        let request = Sha256::from_bytes(sha2::Sha256::digest(request).into());
        let key = (route, key);
        let given = self.known().place(&key);
        let mut given = given.lock().await;
        if let Some(given) = &*given {
            return if given.request == request {
                Ok(given.answer.clone())
            } else {
                Err(reused(&key.1))
            };
        }
        let answer = work.await?;
        *given = Some(Given {
            request,
            answer: answer.clone(),
        });
        self.known().grow(&key, answer.body.len());
        Ok(answer)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing that is done under the lock can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn place(&mut self, key: &Key) -> Arc<tokio::sync::Mutex<Option<Given>>> {
        if let Some(place) = self.places.get(key) {
            return Arc::clone(&place.given);
        }
        let place = Place::default();
        let given = Arc::clone(&place.given);
        self.places.insert(key.clone(), place);
        self.order.push_back(key.clone());
        self.forget();
        given
    }

    fn grow(&mut self, key: &Key, bytes: usize) {
        if let Some(place) = self.places.get_mut(key) {
            place.bytes = bytes;
            self.bytes += bytes;
            self.forget();
        }
    }

    fn forget(&mut self) {
        while self.order.len() > MAX_KEYS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            let forgotten = self.places.remove(&oldest);
            self.bytes -= forgotten.map_or(0, |place| place.bytes);
        }
    }
}

fn reused(key: &str) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        api::codes::IDEMPOTENCY_KEY_REUSED,
        "The Idempotency-Key came before with another request",
    )
    .with_detail(format!(
        "{key} stands for another request; a new one needs another key"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey(Some(text.to_owned()))
    }

    async fn ask(repeats: &Repeats, name: &str, body: &[u8]) -> Vec<u8> {
        let answer = Answer {
            status: StatusCode::OK,
            location: None,
            body: body.to_vec(),
        };
        let work = async { Ok(answer) };
        repeats.once("/x", key(name), &1, work).await.unwrap().body
    }

    #[tokio::test]
    async fn what_failed_is_done_again_and_what_succeeded_is_not() {
        let repeats = Repeats::default();
        let failing = async { Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "x", "x")) };
        assert!(repeats.once("/x", key("a"), &1, failing).await.is_err());
        assert_eq!(ask(&repeats, "a", b"first").await, b"first");
        assert_eq!(ask(&repeats, "a", b"second").await, b"first");
        let other = repeats
            .once("/x", key("a"), &2, async { panic!("not done") })
            .await;
        assert_eq!(other.unwrap_err().code(), "idempotency-key-reused");
    }

    #[tokio::test]
    async fn the_oldest_are_forgotten_by_number_and_by_size() {
        let repeats = Repeats::default();
        for n in 0..=MAX_KEYS {
            ask(&repeats, &n.to_string(), b"first").await;
        }
        assert_eq!(ask(&repeats, "1", b"second").await, b"first");
        assert_eq!(ask(&repeats, "0", b"second").await, b"second");
        ask(&repeats, "large", &vec![0; MAX_BYTES]).await;
        assert_eq!(ask(&repeats, "0", b"third").await, b"third");
        assert!(repeats.known().bytes <= MAX_BYTES);
    }

    #[tokio::test]
    async fn a_repeat_waits_for_the_first() {
        let repeats = Repeats::default();
        let (go, wait) = tokio::sync::oneshot::channel();
        let slow = async {
            wait.await.unwrap();
            Answer::json(StatusCode::ACCEPTED, &"first")
        };
        let first = repeats.once("/x", key("a"), &1, slow);
        let repeat = async {
            let panicking = async { panic!("not done") };
            let repeat = repeats.once("/x", key("a"), &1, panicking);
            tokio::pin!(repeat);
            assert!(futures_util::poll!(&mut repeat).is_pending());
            go.send(()).unwrap();
            repeat.await
        };
        let (first, repeat) = tokio::join!(first, repeat);
        assert_eq!(first.unwrap(), repeat.unwrap());
    }
}
