//! `Repr-Digest`, `Content-Digest` (RFC 9530) and `Digest` (RFC 3230): what the importer says of its bytes.

use axum::http::{HeaderMap, StatusCode};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Sha256;
use service_kit::Problem;

/// The newer form, a structured dictionary: `sha-256=:4pri..=:, sha-512=:..:`.
const STRUCTURED: [&str; 2] = ["repr-digest", "content-digest"];

/// The older form, a plain list: `SHA-256=4pri..=,MD5=..`.
const PLAIN: &str = "digest";

/// The SHA-256 digests that a request states, in all the forms in which it may. Other algorithms are left
/// alone, as both RFCs allow; a SHA-256 that cannot be read is refused, since its sender counts on it.
pub(super) fn stated(headers: &HeaderMap) -> Result<Vec<Sha256>, Problem> {
    let mut digests = Vec::new();
    for name in STRUCTURED {
        for entry in entries(headers, name)? {
            if let Some(value) = sha256_of(entry) {
                let base64 = value.strip_prefix(':').and_then(|value| value.strip_suffix(':'));
                digests.push(base64.and_then(decode).ok_or_else(|| invalid(name, entry))?);
            }
        }
    }
    for entry in entries(headers, PLAIN)? {
        if let Some(value) = sha256_of(entry) {
            digests.push(decode(value).ok_or_else(|| invalid(PLAIN, entry))?);
        }
    }
    Ok(digests)
}

/// A digest in the newer form.
pub(super) fn structured(digest: Sha256) -> String {
    format!("sha-256=:{}:", BASE64_STANDARD.encode(digest.as_bytes()))
}

fn entries<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Vec<&'a str>, Problem> {
    let mut entries = Vec::new();
    for value in headers.get_all(name) {
        let text = value
            .to_str()
            .map_err(|_not_ascii| invalid(name, "a text that is not ASCII"))?;
        entries.extend(text.split(',').map(str::trim).filter(|entry| !entry.is_empty()));
    }
    Ok(entries)
}

fn sha256_of(entry: &str) -> Option<&str> {
    let (algorithm, value) = entry.split_once('=')?;
    algorithm
        .trim()
        .eq_ignore_ascii_case("sha-256")
        .then_some(value.trim())
}

fn decode(base64: &str) -> Option<Sha256> {
    let bytes = BASE64_STANDARD.decode(base64).ok()?;
    Some(Sha256::from_bytes(bytes.try_into().ok()?))
}

fn invalid(header: &str, entry: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-digest", "The digest cannot be read").with_detail(format!(
        "{header}: {entry} is not the base64 of 32 bytes, as in Repr-Digest: sha-256=:<base64>: or Digest: SHA-256=<base64>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    // RFC 9530, appendix B.1: the digest of {"hello": "world"} and a line feed.
    const HELLO: &str = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";

    fn read(headers: &[(&'static str, String)]) -> Result<Vec<Sha256>, Problem> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        stated(&headers.collect())
    }

    #[test]
    fn both_forms_are_read_among_other_algorithms() {
        let expected = decode(HELLO).unwrap();
        let structured = ("repr-digest", format!("sha-512=:AA==:, sha-256=:{HELLO}:"));
        let plain = ("digest", format!("MD5=AA==,SHA-256={HELLO}"));
        assert_eq!(read(&[structured, plain]).unwrap(), [expected, expected]);
        assert_eq!(super::structured(expected), format!("sha-256=:{HELLO}:"));
        assert_eq!(read(&[("repr-digest", "sha-512=:AA==:".to_owned())]).unwrap(), []);
    }

    #[test]
    fn a_sha256_that_cannot_be_read_is_refused() {
        for value in ["sha-256=:AA==:", "sha-256=AA==", "sha-256=:?:"] {
            assert_eq!(
                read(&[("repr-digest", value.to_owned())]).unwrap_err().code(),
                "invalid-digest",
                "{value}"
            );
        }
    }
}
