//! Single values: each reader reports what is wrong and what would be right.

use crate::MAX_DURATION;
use crate::json::Json;
use crate::mistake::{Mistakes, quoted};
use crate::path::Path;
use domain::{NameError, ProductName, ProviderName};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;
use url::Url;

/// A text that is not empty.
pub(super) fn text<'a>(json: &'a Json, path: &Path, mistakes: &mut Mistakes) -> Option<&'a str> {
    let Json::Text(text) = json else {
        return expected("a text", json, path, mistakes);
    };
    if text.is_empty() {
        return wrong(path, mistakes, "an empty text");
    }
    Some(text)
}

/// A text that is not empty, to keep.
pub(super) fn owned(json: &Json, path: &Path, mistakes: &mut Mistakes) -> Option<String> {
    text(json, path, mistakes).map(str::to_owned)
}

/// `true` or `false`.
pub(super) fn boolean(json: &Json, path: &Path, mistakes: &mut Mistakes) -> Option<bool> {
    let Json::Bool(value) = json else {
        return expected("true or false", json, path, mistakes);
    };
    Some(*value)
}

/// An integer within a range.
pub(super) fn integer<T>(
    range: RangeInclusive<T>,
    json: &Json,
    path: &Path,
    mistakes: &mut Mistakes,
) -> Option<T>
where
    T: TryFrom<i128> + PartialOrd + std::fmt::Display,
{
    let within = format!("an integer from {} to {}", range.start(), range.end());
    let Json::Integer(value) = json else {
        return expected(&within, json, path, mistakes);
    };
    match T::try_from(*value) {
        Ok(integer) if range.contains(&integer) => Some(integer),
        Ok(_) | Err(_) => wrong(path, mistakes, format!("{value} where {within} belongs")),
    }
}

/// A duration such as `10m`, `90s`, `250ms`; zero is one.
pub(super) fn duration(json: &Json, path: &Path, mistakes: &mut Mistakes) -> Option<Duration> {
    const RIGHT: &str = "a duration such as \"10m\", \"90s\" or \"250ms\"";
    let Json::Text(text) = json else {
        return expected(RIGHT, json, path, mistakes);
    };
    match humantime::parse_duration(text) {
        Ok(duration) if duration <= MAX_DURATION => Some(duration),
        Ok(_) => wrong(path, mistakes, format!("{} is longer than a year", quoted(text))),
        Err(_) => wrong(path, mistakes, format!("{} where {RIGHT} belongs", quoted(text))),
    }
}

/// A duration that is not zero.
pub(super) fn positive_duration(json: &Json, path: &Path, mistakes: &mut Mistakes) -> Option<Duration> {
    let duration = duration(json, path, mistakes)?;
    if duration.is_zero() {
        return wrong(path, mistakes, "zero; it must be longer than that");
    }
    Some(duration)
}

/// One of a few words.
pub(super) fn word<T: Copy>(
    words: &[(&str, T)],
    json: &Json,
    path: &Path,
    mistakes: &mut Mistakes,
) -> Option<T> {
    let choices = words
        .iter()
        .map(|(word, _)| format!("{word:?}"))
        .collect::<Vec<_>>()
        .join(" or ");
    let Json::Text(text) = json else {
        return expected(&choices, json, path, mistakes);
    };
    let known = words.iter().find(|(word, _)| word == text);
    if known.is_none() {
        let meant = mistakes.did_you_mean(text, words.iter().map(|(word, _)| *word));
        mistakes.report(path, format!("{} where {choices} belongs{meant}", quoted(text)));
    }
    known.map(|(_, value)| *value)
}

/// The base URL of a pipeline.
pub(super) fn url(json: &Json, path: &Path, mistakes: &mut Mistakes) -> Option<Url> {
    let text = text(json, path, mistakes)?;
    let problem = match Url::parse(text) {
        Err(error) => error.to_string(),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => format!("its scheme is {:?}", url.scheme()),
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            "a base has neither query nor fragment".to_owned()
        }
        Ok(url) => return Some(url),
    };
    wrong(
        path,
        mistakes,
        format!(
            "{} is a bad URL: {problem}; write http://HOST:PORT/PATH",
            quoted(text)
        ),
    )
}

/// The name of a product.
pub(super) fn product_name(text: &str, path: &Path, mistakes: &mut Mistakes) -> Option<ProductName> {
    name(text, ProductName::is_reserved, path, mistakes)
}

/// The name of a provider.
pub(super) fn provider_name(text: &str, path: &Path, mistakes: &mut Mistakes) -> Option<ProviderName> {
    name(text, ProviderName::is_reserved, path, mistakes)
}

fn name<N: FromStr<Err = NameError>>(
    text: &str,
    is_reserved: impl Fn(&N) -> bool,
    path: &Path,
    mistakes: &mut Mistakes,
) -> Option<N> {
    match text.parse() {
        Err(error) => wrong(path, mistakes, format!("{} is a bad name: {error}", quoted(text))),
        Ok(name) if is_reserved(&name) => wrong(
            path,
            mistakes,
            format!("{text:?} is reserved: names that start with _ are the orchestra's own"),
        ),
        Ok(name) => Some(name),
    }
}

/// Reports a value of the wrong type.
pub(super) fn expected<T>(right: &str, json: &Json, path: &Path, mistakes: &mut Mistakes) -> Option<T> {
    wrong(path, mistakes, format!("{} where {right} belongs", json.kind()))
}

fn wrong<T>(path: &Path, mistakes: &mut Mistakes, message: impl Into<String>) -> Option<T> {
    mistakes.report(path, message);
    None
}
