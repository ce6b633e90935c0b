//! What is shown of a list.

/// A text that must be in a row, or must not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    text: String,
}

impl Filter {
    /// What was typed after `/`: `sb2602`, `!mxt`, or words that must all be there.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.trim().to_lowercase(),
        }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What `column:value` says of a column, if the filter has that.
    pub fn value(&self, column: &str) -> Option<&str> {
        let mut words = self.text.split_whitespace();
        words.find_map(|word| word.strip_prefix(column)?.strip_prefix(':'))
    }

    /// Whether a row with these texts is shown. They are made only if there is a filter: most rows have none.
    pub fn shows_with(&self, texts: impl FnOnce() -> Vec<String>) -> bool {
        if self.is_empty() {
            return true;
        }
        let row: Vec<String> = texts().iter().map(|text| text.to_lowercase()).collect();
        self.text
            .split_whitespace()
            .all(|word| match word.strip_prefix('!') {
                Some("") => true,
                Some(unwanted) => !row.iter().any(|text| text.contains(unwanted)),
                None => row.iter().any(|text| text.contains(word)),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_must_be_there_and_turned_around_must_not() {
        let row = || {
            ["sb26022501", "QPO_ECL", "qpo_ecl_pipeline"]
                .map(str::to_owned)
                .to_vec()
        };
        for (filter, shown) in [
            ("", true),
            ("2501", true),
            ("qpo 2501", true),
            ("qpo 2502", false),
            ("!mxt", true),
            ("!qpo", false),
            ("2501 !mxt", true),
            ("!", true),
        ] {
            assert_eq!(Filter::new(filter).shows_with(row), shown, "{filter}");
        }
    }
}
