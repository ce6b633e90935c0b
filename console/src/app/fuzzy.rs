//! The best of many for a few letters.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Those of the candidates that contain the letters, in a row first, the best first; all of them for no letters.
///
/// Ties keep their order, so what stood first before a letter was typed stands first after it.
pub(super) fn best<T, S: AsRef<str>>(letters: &str, candidates: impl IntoIterator<Item = (T, S)>) -> Vec<T> {
    let letters = letters.trim();
    if letters.is_empty() {
        return candidates.into_iter().map(|(candidate, _)| candidate).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = |kind| Pattern::new(letters, CaseMatching::Ignore, Normalization::Smart, kind);
    let (in_a_row, anyhow) = (pattern(AtomKind::Substring), pattern(AtomKind::Fuzzy));
    let mut buffer = Vec::new();
    let mut found: Vec<((bool, u32), T)> = candidates
        .into_iter()
        .filter_map(|(candidate, text)| {
            let haystack = Utf32Str::new(text.as_ref(), &mut buffer);
            let substring = in_a_row.score(haystack, &mut matcher);
            let score = substring.or_else(|| anyhow.score(haystack, &mut matcher))?;
            Some(((substring.is_some(), score), candidate))
        })
        .collect();
    found.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(letters: &str, names: &[&'static str]) -> Vec<&'static str> {
        best(letters, names.iter().map(|name| (*name, *name)))
    }

    #[test]
    fn letters_in_a_row_are_better_than_scattered_ones() {
        let names = ["r-e-t-r-y", "retry-observation", "retry"];
        assert_eq!(of("retry", &names), ["retry-observation", "retry", "r-e-t-r-y"]);
        assert_eq!(of("", &names), names);
        assert_eq!(of("9", &names), [""; 0]);
    }
}
