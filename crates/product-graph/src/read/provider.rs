//! An entry of `providers`.

use super::fields::Fields;
use super::value;
use crate::RequestForm;
use crate::json::Json;
use crate::mistake::Mistakes;
use crate::path::Path;
use url::Url;

const KEYS: &[&str] = &["max_in_flight", "request", "url"];

/// What the document says of a provider itself.
#[derive(Debug, Default)]
pub(super) struct DraftProvider {
    pub(super) url: Option<Url>,
    pub(super) max_in_flight: Option<u32>,
    pub(super) request: RequestForm,
    /// Whether a `url` stands there but is wrong: its products are then not told to give one.
    pub(super) has_bad_url: bool,
}

/// Reads one entry; what is wrong is reported and left at its default.
pub(super) fn read(json: &Json, path: &Path, mistakes: &mut Mistakes) -> DraftProvider {
    let mut provider = DraftProvider::default();
    let Some(fields) = Fields::of(json, path, KEYS, mistakes) else {
        return provider;
    };
    provider.url = fields.read("url", mistakes, value::url);
    provider.has_bad_url = provider.url.is_none() && fields.all("url").next().is_some();
    provider.max_in_flight = fields.read("max_in_flight", mistakes, |json, path, m| {
        value::integer(1..=u32::MAX, json, path, m)
    });
    fields.read_into("request", &mut provider.request, mistakes, |json, path, m| {
        value::word(RequestForm::WORDS, json, path, m)
    });
    provider
}
