//! What an importer says beside the bytes: their type, `X-Meta`, `X-Provenance`, `Idempotency-Key`.

use super::{body::Received, digest, form::Form, problems};
use crate::store::Sent;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use domain::{JsonObject, Provenance, Sha256};
use serde::de::DeserializeOwned;
use service_kit::Problem;
use smol_str::SmolStr;

/// The largest `X-Meta` and `X-Provenance`, in bytes (`docs/protocol.md` section 3.2): proxies on the way
/// stop at 8 KiB or soon after.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// The largest `meta` and `provenance` inside of a document, in bytes: both travel on `data.sdb`, whose
/// messages a nats-server limits to 1 MiB.
const MAX_MEMBER_BYTES: usize = 128 * 1024;

/// The longest `Idempotency-Key`, `Content-Type` and burst, in characters: they are columns and index keys.
const MAX_KEY_CHARS: usize = 255;
const MAX_TYPE_CHARS: usize = 255;
const MAX_BURST_CHARS: usize = 64;

/// The type of bytes whose importer says nothing (RFC 9110, section 8.3).
const UNKNOWN_TYPE: &str = "application/octet-stream";

const META: &str = "x-meta";
const PROVENANCE: &str = "x-provenance";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// All of it, checked.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) content_type: String,
    pub(super) digests: Vec<Sha256>,
    pub(super) idempotency_key: Option<String>,
    pub(super) meta: Option<Sent<JsonObject>>,
    pub(super) provenance: Option<Sent<Provenance>>,
}

impl Description {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        if let Some(encoding) = headers
            .get(header::CONTENT_ENCODING)
            .filter(|encoding| *encoding != "identity")
        {
            let detail = format!(
                "Content-Encoding {encoding:?} is not undone here; send the product's own bytes, with its Content-Type"
            );
            return Err(problems::unsupported(detail));
        }
        Ok(Self {
            content_type: text(headers, &header::CONTENT_TYPE, MAX_TYPE_CHARS)?
                .unwrap_or_else(|| UNKNOWN_TYPE.to_owned()),
            digests: digest::stated(headers)?,
            idempotency_key: text(headers, &IDEMPOTENCY_KEY, MAX_KEY_CHARS)?,
            meta: json(headers, META, "invalid-meta")?,
            provenance: json(headers, PROVENANCE, "invalid-provenance")?,
        })
    }

    /// Takes what a document says of itself where the headers say nothing.
    pub(super) fn complete(&mut self, meta: Option<&str>, provenance: Option<&str>) -> Result<(), Problem> {
        if let (None, Some(text)) = (&self.meta, meta) {
            self.meta = Some(member(text, "meta", "invalid-meta")?);
        }
        if let (None, Some(text)) = (&self.provenance, provenance) {
            self.provenance = Some(member(text, "provenance", "invalid-provenance")?);
        }
        Ok(())
    }

    /// Takes what a form says where the headers say nothing; gives back its bytes and burst.
    pub(super) fn fill(&mut self, form: Form) -> Result<(Received, Option<String>), Problem> {
        self.complete(form.meta.as_deref(), form.provenance.as_deref())?;
        let file = form
            .file
            .ok_or_else(|| problems::invalid_form("the form has no part file"))?;
        self.content_type = match file.content_type {
            Some(content_type) if content_type.len() <= MAX_TYPE_CHARS => content_type,
            Some(_) => return Err(problems::invalid_form("the type of the part file is too long")),
            None => UNKNOWN_TYPE.to_owned(),
        };
        Ok((file.received, form.burst_id))
    }

    /// Checks the bytes against every digest that was stated.
    pub(super) fn check(&self, found: Sha256) -> Result<(), Problem> {
        match self.digests.iter().find(|said| **said != found) {
            Some(said) => Err(problems::digest_mismatch(*said, found)),
            None => Ok(()),
        }
    }

    /// The burst that the importer names: `stated`, or else `burst_id` of `X-Meta`.
    pub(super) fn burst_id(&self, stated: Option<String>) -> Result<Option<SmolStr>, Problem> {
        let wrong = || {
            let detail = format!(
                "burst_id is a text of 1 to {MAX_BURST_CHARS} visible ASCII characters, as in sb26022501"
            );
            problems::invalid("invalid-meta", "burst_id", detail)
        };
        let text = match (
            stated,
            self.meta.as_ref().and_then(|meta| meta.value.get("burst_id")),
        ) {
            (Some(stated), _) => stated,
            (None, Some(serde_json::Value::String(text))) => text.clone(),
            (None, Some(serde_json::Value::Null) | None) => return Ok(None),
            (None, Some(_)) => return Err(wrong()),
        };
        let valid = (1..=MAX_BURST_CHARS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if valid {
            Ok(Some(SmolStr::from(text)))
        } else {
            Err(wrong())
        }
    }
}

fn text(headers: &HeaderMap, name: &HeaderName, max_chars: usize) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(text) if (1..=max_chars).contains(&text.len()) => Ok(Some(text.to_owned())),
        Ok(_) | Err(_) => {
            let problem = Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-header",
                "A header is not valid",
            );
            Err(problem
                .with_detail(format!("{name} takes 1 to {max_chars} ASCII characters"))
                .with("field", name.as_str()))
        }
    }
}

fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    name: &'static str,
    code: &'static str,
) -> Result<Option<Sent<T>>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    if value.len() > MAX_HEADER_BYTES {
        let problem = Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "header-too-large",
            "A header is too large",
        );
        let detail = format!(
            "{name} has {} bytes; at most {MAX_HEADER_BYTES} are taken",
            value.len()
        );
        return Err(problem.with_detail(detail).with("field", name));
    }
    match value.to_str() {
        Ok(text) => object(text, name, code).map(Some),
        Err(_) => Err(problems::invalid(
            code,
            name,
            format!("{name} is not ASCII; write other characters as \\uXXXX"),
        )),
    }
}

fn member<T: DeserializeOwned>(
    text: &str,
    name: &'static str,
    code: &'static str,
) -> Result<Sent<T>, Problem> {
    if text.len() > MAX_MEMBER_BYTES {
        let detail = format!(
            "{name} has {} bytes; at most {MAX_MEMBER_BYTES} are taken",
            text.len()
        );
        return Err(problems::invalid(code, name, detail));
    }
    object(text, name, code)
}

fn object<T: DeserializeOwned>(
    text: &str,
    name: &'static str,
    code: &'static str,
) -> Result<Sent<T>, Problem> {
    // A struct would also read a list, of its fields in order.
    if !text.trim_start().starts_with('{') {
        return Err(problems::invalid(
            code,
            name,
            format!("{name} is not a JSON object"),
        ));
    }
    match serde_json::from_str(text) {
        Ok(value) => Ok(Sent {
            text: text.to_owned(),
            value,
        }),
        Err(error) => Err(problems::invalid(code, name, format!("{name}: {error}"))),
    }
}
