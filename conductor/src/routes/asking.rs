//! What all acts have in common: who asks and why, the parameters for the pipeline, and limits on both.

use super::problems;
use crate::desk::Asker;
use domain::JsonObject;
use service_kit::{Operator, Problem};

/// The longest note, in characters: a sentence or two for the audit log, not a report.
const MAX_NOTE_CHARS: usize = 1000;

/// The largest parameters, in bytes of JSON: they go with each request and come back in the provenance of
/// the product, of which the SDB takes 128 KiB.
const MAX_PARAMS_BYTES: usize = 64 * 1024;

/// Who asks, and why; a blank note is none.
pub(super) fn asker(operator: &Operator, note: Option<String>) -> Result<Asker, Problem> {
    let note = note.filter(|note| !note.trim().is_empty());
    if let Some(note) = &note
        && note.chars().count() > MAX_NOTE_CHARS
    {
        let detail = format!("note takes at most {MAX_NOTE_CHARS} characters");
        return Err(problems::invalid("note", detail));
    }
    Ok(Asker {
        by: operator.to_string(),
        note,
    })
}

/// The parameters for the pipeline; empty ones are none.
pub(super) fn params(params: JsonObject) -> Result<Option<JsonObject>, Problem> {
    if params.is_empty() {
        return Ok(None);
    }
    let bytes = serde_json::to_vec(&params).map_err(Problem::internal)?.len();
    if bytes > MAX_PARAMS_BYTES {
        let detail = format!("params take at most {MAX_PARAMS_BYTES} bytes of JSON, these have {bytes}");
        return Err(problems::invalid("params", detail));
    }
    Ok(Some(params))
}
