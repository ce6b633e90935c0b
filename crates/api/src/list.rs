//! Lists, page by page.

use serde::{Deserialize, Serialize};

/// One page of a list: `{"items": [...], "next": "..."|null}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Items<T> {
    /// The page's items.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last.
    #[serde(default = "Option::default")]
    pub next: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageQuery {
    /// How many items at most, 1 to 1000; the service's default is 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_says_so() {
        let last = Items {
            items: vec![1],
            next: None,
        };
        assert_eq!(
            serde_json::to_string(&last).unwrap(),
            r#"{"items":[1],"next":null}"#
        );
        assert_eq!(
            serde_json::from_str::<Items<u8>>(r#"{"items":[1]}"#).unwrap(),
            last
        );
    }
}
