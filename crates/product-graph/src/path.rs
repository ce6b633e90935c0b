//! Where in graph.json: JSON paths as RFC 9535 writes them.

use std::fmt::{Display, Formatter, Result};

/// A place in the document: `$.products.QPO_ECL.m_input[0]`, `$.products['SVO-ATT-VHF']`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(String);

impl Path {
    /// The document itself.
    pub(crate) fn root() -> Self {
        Self("$".to_owned())
    }

    /// The value of a key of the object here.
    pub(crate) fn key(&self, key: &str) -> Self {
        let is_word = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_plain = is_word && !key.starts_with(|c: char| c.is_ascii_digit()) && !key.is_empty();
        if is_plain {
            Self(format!("{}.{key}", self.0))
        } else {
            let escaped: String = key.chars().flat_map(escape).collect();
            Self(format!("{}['{escaped}']", self.0))
        }
    }

    /// An item of the array here, from 0.
    pub(crate) fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

/// A double quote needs no escape between single ones; all else that would break the line does.
fn escape(c: char) -> impl Iterator<Item = char> {
    let (plain, escaped) = if c == '"' {
        (Some(c), None)
    } else {
        (None, Some(c.escape_debug()))
    };
    plain.into_iter().chain(escaped.into_iter().flatten())
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_line_that_a_reader_of_json_paths_takes() {
        let products = Path::root().key("products");
        let of = |key: &str| products.key(key).to_string();
        assert_eq!(
            products.key("QPO_ECL").key("m_input").index(0).to_string(),
            "$.products.QPO_ECL.m_input[0]"
        );
        assert_eq!(of("SVO-ATT-VHF"), "$.products['SVO-ATT-VHF']");
        assert_eq!(of(""), "$.products['']");
        assert_eq!(of("0"), "$.products['0']");
        assert_eq!(of("it's\n\"so\""), r#"$.products['it\'s\n"so"']"#);
    }
}
