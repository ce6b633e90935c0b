//! W3C Trace Context, level 1: the header `traceparent`.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use std::{convert::Infallible, fmt, str::FromStr};
use uuid::Uuid;

/// Where a request belongs in a trace: read from a header, passed on over HTTP and NATS, and logged.
///
/// As an extractor it is the caller's, or a new trace where the caller has none; as `Option<TraceParent>` it is
/// the caller's or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
}

/// A text that is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a traceparent is 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, neither id all zero")]
pub struct TraceParentError;

/// The length of version 00; a later version may be longer but starts alike.
const CHARS: usize = 55;

impl TraceParent {
    /// The name of the header.
    pub const HEADER: &'static str = "traceparent";

    /// The first step of a new trace, sampled.
    pub fn root() -> Self {
        Self {
            trace_id: Uuid::now_v7().as_u128(),
            parent_id: random_id(),
            flags: 1,
        }
    }

    /// The next step of the same trace.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            parent_id: random_id(),
            ..*self
        }
    }

    /// The id of the trace: 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }
}

/// The random half of a uuid; its variant bits keep it from being zero.
fn random_id() -> u64 {
    Uuid::now_v7().as_u64_pair().1
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace_id, self.parent_id, self.flags
        )
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        let lower_hex = |field: &str| field.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !text.is_ascii() || text.len() < CHARS || (text.len() > CHARS && !text[CHARS..].starts_with('-')) {
            return Err(TraceParentError);
        }
        let fields: Vec<&str> = text[..CHARS].split('-').collect();
        let [version, trace_id, parent_id, flags] = fields[..] else {
            return Err(TraceParentError);
        };
        let known = version.len() == 2 && version != "ff" && (version != "00" || text.len() == CHARS);
        let shaped = trace_id.len() == 32 && parent_id.len() == 16 && flags.len() == 2;
        if !known || !shaped || !fields.iter().all(|field| lower_hex(field)) {
            return Err(TraceParentError);
        }
        let read = Self {
            trace_id: u128::from_str_radix(trace_id, 16).map_err(|_| TraceParentError)?,
            parent_id: u64::from_str_radix(parent_id, 16).map_err(|_| TraceParentError)?,
            flags: u8::from_str_radix(flags, 16).map_err(|_| TraceParentError)?,
        };
        if read.trace_id == 0 || read.parent_id == 0 {
            Err(TraceParentError)
        } else {
            Ok(read)
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TraceParent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(given(parts).unwrap_or_else(Self::root))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for TraceParent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Infallible> {
        Ok(given(parts))
    }
}

/// The caller's, if it has one that can be read; another is as good as none (the standard, section 3.2.2).
fn given(parts: &Parts) -> Option<TraceParent> {
    parts
        .headers
        .get(TraceParent::HEADER)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_standards_example_survives_the_round_trip() {
        let read: TraceParent = EXAMPLE.parse().unwrap();
        assert_eq!(read.to_string(), EXAMPLE);
        assert_eq!(read.child().trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(read.child(), read);
    }

    #[test]
    fn what_the_standard_forbids_is_refused() {
        let zero_trace = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        let zero_parent = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", "0".repeat(16));
        let (longer, upper) = (format!("{EXAMPLE}-x"), EXAMPLE.to_uppercase());
        let shifted = "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01".to_owned();
        let ff = EXAMPLE.replacen("00", "ff", 1);
        for text in [
            String::new(),
            zero_trace,
            zero_parent,
            longer,
            upper,
            shifted,
            ff,
            "é".repeat(30),
        ] {
            assert_eq!(text.parse::<TraceParent>(), Err(TraceParentError), "{text:?}");
        }
        let later = format!("{}-x", EXAMPLE.replacen("00", "01", 1));
        assert!(later.parse::<TraceParent>().is_ok(), "a later version may go on");
    }

    #[test]
    fn a_new_trace_is_a_valid_one() {
        let root = TraceParent::root();
        assert_eq!(root.to_string().parse(), Ok(root));
    }
}
