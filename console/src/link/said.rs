//! What was answered to a request by hand, for a person.

use api::conductor::{ManualAnswer, ManualRequest};
use api::pipeline::{Posted, ProcessingRequest};

/// What came of a request to the conductor; `force` is how one asks for it all the same.
pub(crate) fn made(request: &ManualRequest, answer: &ManualAnswer, is_known: bool, force: &str) -> String {
    let ManualRequest { product, obs_id, .. } = request;
    let (run, state) = (&answer.run_id, answer.state);
    if !is_known {
        format!("{product} of {obs_id} is {state} as {run}")
    } else if state.is_active() {
        format!("{product} of {obs_id} is {state} already, as {run}")
    } else {
        format!("{product} of {obs_id} is {state}, by {run}; {force} makes it again")
    }
}

/// What came of a request to a pipeline.
pub(crate) fn taken(request: &ProcessingRequest, posted: &Posted) -> String {
    let ProcessingRequest { product, obs_id, .. } = request;
    let run = posted.run_id.as_ref();
    let run = run.map_or_else(String::new, |run| format!(" as {run}"));
    format!("its pipeline takes {product} of {obs_id}{run}")
}
