//! `If-Match` (RFC 9110): an act that is meant for one state only.

use axum::extract::FromRequestParts;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use domain::Sha256;
use std::convert::Infallible;

/// The tags that are taken; any if there is no such header, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// Whether not everything is taken.
    pub(super) fn is_strict(&self) -> bool {
        self.0.is_some()
    }

    /// Whether this checksum is among them. What is no strong tag, such as `W/"x"`, is no checksum.
    pub(super) fn takes(&self, sha256: Sha256) -> bool {
        let is = sha256.to_string();
        self.0.as_ref().is_none_or(|tags| tags.contains(&is))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let mut values = parts.headers.get_all(IF_MATCH).iter().peekable();
        if values.peek().is_none() {
            return Ok(Self(None));
        }
        let texts = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let tags = texts.flat_map(|text| text.split(',').map(tag).collect::<Vec<String>>());
        let tags: Vec<String> = tags.collect();
        Ok(Self(Some(tags).filter(|tags| !tags.iter().any(|tag| tag == "*"))))
    }
}

/// Its quotes are no part of a checksum, and whoever leaves them out is understood.
fn tag(text: &str) -> String {
    let text = text.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    quoted.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn of(values: &[&str]) -> IfMatch {
        let request = values.iter().fold(Request::builder(), |request, value| {
            request.header(IF_MATCH, *value)
        });
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        IfMatch::from_request_parts(&mut parts, &()).await.unwrap()
    }

    #[tokio::test]
    async fn it_takes_the_checksums_that_it_names() {
        let hex = "ab".repeat(32);
        let sha256: Sha256 = hex.parse().unwrap();
        let quoted = format!("\"{hex}\"");
        for values in [
            vec![],
            vec!["*"],
            vec![&*hex],
            vec![&*quoted],
            vec!["\"x\"", &*quoted],
            vec![&*format!("\"x\" , {quoted}")],
        ] {
            assert!(of(&values).await.takes(sha256), "{values:?}");
        }
        for values in [vec!["\"x\""], vec![""], vec![&*format!("W/{quoted}")]] {
            assert!(!of(&values).await.takes(sha256), "{values:?}");
        }
    }
}
