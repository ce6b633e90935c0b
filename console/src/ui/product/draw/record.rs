//! What the SDB says of a product beside its bytes.

use super::lines;
use crate::ui::Look;
use crate::ui::theme::Role;
use api::sdb::ProductRecord;
use domain::{InputRef, Provenance};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The columns of the names.
const NAMES: usize = 10;

/// The record as names and values.
#[derive(Debug)]
pub struct Facts(Vec<(&'static str, String)>);

/// Draws the record; how many rows it took.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, record: &ProductRecord, look: Look) -> u16 {
    let width = usize::from(area.width).saturating_sub(NAMES).max(1);
    let mut texts = Vec::new();
    for (name, value) in Facts::of(record).0 {
        let mut name = name;
        for piece in wrapped(&value, width) {
            texts.push(format!("{name:<NAMES$}{piece}"));
            name = "";
        }
    }
    lines(
        buffer,
        area,
        texts.iter().map(|text| (text.as_str(), Role::Text)),
        look,
    )
}

impl Facts {
    /// What the record says.
    pub fn of(record: &ProductRecord) -> Self {
        let mut facts = vec![
            (
                "product",
                format!("{} version {}", record.product, record.version),
            ),
            ("obs_id", record.obs_id.to_string()),
            (
                "stored",
                format!("{} UTC", record.created_at.strftime("%Y-%m-%d %H:%M:%S")),
            ),
            (
                "size",
                format!("{} bytes, {}", Self::size(record.size), record.content_type),
            ),
            ("sha256", record.sha256.to_string()),
        ];
        if let Some(burst) = &record.burst_id {
            facts.insert(2, ("burst", burst.clone()));
        }
        if let Some(retracted) = &record.retracted {
            let by = retracted
                .by
                .as_ref()
                .map_or_else(String::new, |by| format!(" by {by}"));
            let at = retracted.at.strftime("%Y-%m-%d %H:%M:%S");
            facts.insert(0, ("RETRACTED", format!("{at} UTC{by}: {}", retracted.reason)));
        }
        match &record.provenance {
            Some(provenance) => made(&mut facts, provenance),
            None => facts.push(("made", "nobody said how".to_owned())),
        }
        if let Some(meta) = &record.meta {
            let meta = serde_json::Value::Object(meta.clone());
            facts.push(("meta", meta.to_string()));
        }
        Self(facts)
    }

    /// Each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// A number of bytes, whole, in groups of three digits.
    pub fn size(bytes: u64) -> String {
        let digits = bytes.to_string();
        let groups: Vec<&str> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|group| std::str::from_utf8(group).unwrap_or_default())
            .collect();
        groups.join(" ")
    }
}

fn made(facts: &mut Vec<(&'static str, String)>, provenance: &Provenance) {
    let by = match (&provenance.provider, &provenance.software_version) {
        (Some(provider), Some(software)) => Some(format!("{provider}, software {software}")),
        (Some(provider), None) => Some(provider.to_string()),
        (None, Some(software)) => Some(format!("software {software}")),
        (None, None) => None,
    };
    facts.extend(by.map(|by| ("by", by)));
    if let Some(run) = &provenance.run_id {
        let attempt = provenance
            .attempt
            .map_or_else(String::new, |attempt| format!(", attempt {attempt}"));
        facts.push(("run", format!("{run}{attempt}")));
    }
    if let Some(inputs) = &provenance.inputs {
        let all: Vec<String> = inputs.iter().map(input).collect();
        facts.push((
            "from",
            if all.is_empty() {
                "nothing".to_owned()
            } else {
                all.join(", ")
            },
        ));
    }
    if !provenance.missing.is_empty() {
        let all: Vec<&str> = provenance
            .missing
            .iter()
            .map(domain::ProductName::as_str)
            .collect();
        facts.push(("missing", all.join(", ")));
    }
    if let Some(params) = &provenance.params {
        let params = serde_json::Value::Object(params.clone());
        facts.push(("params", params.to_string()));
    }
}

fn input(input: &InputRef) -> String {
    let version = input
        .version
        .map_or_else(String::new, |version| format!(" v{version}"));
    let source = input
        .source
        .as_ref()
        .map_or_else(String::new, |source| format!(" ({source})"));
    format!("{}{version}{source}", input.product)
}

/// Pieces of a text that are no longer than a width, broken at blanks where there are some.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let last = pieces.last_mut().filter(|last| !last.is_empty());
            let used = last.as_ref().map_or(0, |last| last.chars().count() + 1);
            let length = word.chars().count();
            match last {
                Some(last) if used + length <= width => {
                    last.push(' ');
                    last.push_str(word);
                    break;
                }
                Some(_) => pieces.push(String::new()),
                None => {
                    let end = word.char_indices().nth(width).map_or(word.len(), |(end, _)| end);
                    let (head, rest) = word.split_at(end);
                    if let Some(last) = pieces.last_mut() {
                        last.push_str(head);
                    }
                    if rest.is_empty() {
                        break;
                    }
                    pieces.push(String::new());
                    word = rest;
                }
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_broken_at_blanks_or_where_they_must() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("0123456789", 4), ["0123", "4567", "89"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(Facts::size(1_234_567), "1 234 567");
        assert_eq!(Facts::size(12), "12");
    }
}
