//! The stable `code`s of problem bodies that a client acts upon.

/// 404 and permanent: the pipeline or the graph has no such product.
pub const UNKNOWN_PRODUCT: &str = "unknown-product";
/// 404: the service has no such run. Only this code says so; a bare 404 means 'not offered'.
pub const UNKNOWN_RUN: &str = "unknown-run";
/// 404: there is no such observation.
pub const UNKNOWN_OBSERVATION: &str = "unknown-observation";
/// 404: no alert stands, and no cell failed, with this fingerprint.
pub const UNKNOWN_FINGERPRINT: &str = "unknown-fingerprint";
/// 404: the SDB or the source has no such product, or no such version of it.
pub const UNKNOWN_VERSION: &str = "unknown-version";
/// 422 and permanent: the request makes no sense.
pub const INVALID_REQUEST: &str = "invalid-request";
/// 422: the `obs_id` is none.
pub const INVALID_OBS_ID: &str = "invalid-obs-id";
/// 429: come back later, it costs no attempt.
pub const BUSY: &str = "busy";
/// 503: it stops; come back later, it costs no attempt.
pub const DRAINING: &str = "draining";
/// 409: a higher attempt of this run is known already.
pub const STALE_ATTEMPT: &str = "stale-attempt";
/// 409: the feed was restored, its positions mean something else now.
pub const FEED_CHANGED: &str = "feed-changed";
/// 410: this version was withdrawn.
pub const RETRACTED: &str = "retracted";
/// 413: the body is over the limit.
pub const TOO_LARGE: &str = "too-large";
/// 422: an idempotency key came again with other bytes.
pub const IDEMPOTENCY_KEY_REUSED: &str = "idempotency-key-reused";
/// 409: mandatory inputs are missing; the problem carries `why`.
pub const INPUTS_MISSING: &str = "inputs-missing";
/// 412: another graph is in force than the one of `If-Match`; the problem carries its `sha256`, `by` and `note`.
pub const GRAPH_CHANGED: &str = "graph-changed";
/// 422: the graph has mistakes; the problem carries them all as `mistakes`.
pub const INVALID_GRAPH: &str = "invalid-graph";
/// 422: a selector that selects everything.
pub const SELECTOR_EMPTY: &str = "selector-empty";
