//! What of a product is wanted: all of it, a part, or nothing, if the client has it already (RFC 9110, sections
//! 13 and 14).

use axum::http::{HeaderMap, header};
use headers::{ETag, HeaderMapExt, IfNoneMatch, IfRange};
use http_range_header::{RangeUnsatisfiableError, parse_range_header};
use std::ops::Range;

/// What is wanted of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of them.
    All,
    /// These; not empty, and not beyond the end.
    Part(Range<u64>),
    /// None: the client has them.
    Nothing,
    /// A part that they do not have.
    Unsatisfiable,
}

impl Wanted {
    /// What a request with these headers wants of `size` bytes with this tag. A range that cannot be read, and
    /// more than one, are answered with everything, as the RFC allows.
    pub(super) fn of(headers: &HeaderMap, size: u64, tag: &ETag) -> Self {
        let has = headers.typed_get::<IfNoneMatch>();
        if has.is_some_and(|has| !has.precondition_passes(tag)) {
            return Self::Nothing;
        }
        let another = headers.typed_get::<IfRange>();
        if another.is_some_and(|expected| expected.is_modified(Some(tag), None)) {
            return Self::All;
        }
        let Some(range) = headers.get(header::RANGE).and_then(|range| range.to_str().ok()) else {
            return Self::All;
        };
        match parse_range_header(range).and_then(|ranges| ranges.validate(size)) {
            Ok(ranges) => match ranges.as_slice() {
                [range] => Self::Part(*range.start()..range.end() + 1),
                _ => Self::All,
            },
            Err(RangeUnsatisfiableError::Invalid(_)) => Self::All,
            Err(_) => Self::Unsatisfiable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn wanted(fields: &[(HeaderName, &str)], size: u64) -> Wanted {
        let fields = fields
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        Wanted::of(&fields.collect(), size, &"\"abc\"".parse().unwrap())
    }

    #[test]
    fn a_range_is_a_part_of_what_there_is() {
        for (range, size, expected) in [
            ("bytes=2-4", 10, Wanted::Part(2..5)),
            ("bytes=2-", 10, Wanted::Part(2..10)),
            ("bytes=-3", 10, Wanted::Part(7..10)),
            ("bytes=-30", 10, Wanted::Part(0..10)),
            ("bytes=0-99", 10, Wanted::Part(0..10)),
            ("bytes=9-9", 10, Wanted::Part(9..10)),
            ("bytes=10-", 10, Wanted::Unsatisfiable),
            ("bytes=0-0", 0, Wanted::Unsatisfiable),
            ("bytes=4-2", 10, Wanted::All),
            ("bytes=0-1,4-5", 10, Wanted::All),
            ("lines=0-1", 10, Wanted::All),
            ("bytes=x-y", 10, Wanted::All),
        ] {
            assert_eq!(
                wanted(&[(header::RANGE, range)], size),
                expected,
                "{range} of {size}"
            );
        }
    }

    #[test]
    fn who_has_it_wants_nothing() {
        for (tags, expected) in [
            ("\"abc\"", Wanted::Nothing),
            ("W/\"abc\"", Wanted::Nothing),
            ("\"x\", \"abc\"", Wanted::Nothing),
            ("*", Wanted::Nothing),
            ("\"x\"", Wanted::All),
        ] {
            assert_eq!(wanted(&[(header::IF_NONE_MATCH, tags)], 10), expected, "{tags}");
        }
    }

    #[test]
    fn a_part_of_something_else_is_not_wanted() {
        let range = (header::RANGE, "bytes=2-4");
        let of = |tag| wanted(&[range.clone(), (header::IF_RANGE, tag)], 10);
        assert_eq!(of("\"abc\""), Wanted::Part(2..5));
        assert_eq!(of("\"x\""), Wanted::All);
        assert_eq!(of("Wed, 25 Feb 2026 08:52:07 GMT"), Wanted::All);
    }
}
