//! `GET {source}/events?after=N&feed=F`: a source's announcements in order, for whoever missed some.

use domain::Announcement;
use serde::{Deserialize, Serialize};

/// One page of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedPage {
    /// The feed, a uuid that a restore renews: positions of another one mean nothing here.
    pub feed: String,
    /// Its announcements with `n > after`, rising by `n`.
    pub items: Vec<FeedItem>,
    /// `after` of the next page; null when this page reaches the end.
    #[serde(default)]
    pub next: Option<u64>,
    /// The highest `n` given so far, 0 for none; a foreign source may leave it out.
    #[serde(default)]
    pub head: Option<u64>,
}

/// One announcement and its place in the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedItem {
    /// Its place, from 1, given after it was durable and never again.
    pub n: u64,
    /// The announcement as it was, or will be, published.
    #[serde(flatten)]
    pub announcement: Announcement,
}

/// The query of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// The last `n` that the asker has; 0 for all.
    #[serde(default)]
    pub after: u64,
    /// The feed that `after` belongs to; another than the source's answers 409 `feed-changed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// How many items at most, 1 to 1000, default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n_stands_beside_the_announcement() {
        let json = r#"{"feed":"f","items":[{"n":7,"product":"A","obs_id":42,"version":1,"meta":{"a":1}}],"next":null,"head":7}"#;
        let page: FeedPage = serde_json::from_str(json).unwrap();
        assert_eq!((page.items[0].n, page.next, page.head), (7, None, Some(7)));
        assert_eq!(page.items[0].announcement.obs_id, 42.try_into().unwrap());
        assert_eq!(serde_json::to_string(&page).unwrap(), json);
    }

    #[test]
    fn a_foreign_feed_may_say_less() {
        let page: FeedPage = serde_json::from_str(r#"{"feed":"f","items":[]}"#).unwrap();
        assert_eq!((page.next, page.head), (None, None));
    }
}
