//! The feed: every announcement in order, for anyone who missed some on `data.sdb`.

use super::{App, problems};
use api::{
    codes,
    feed::{FeedItem, FeedPage, FeedQuery},
};
use axum::{Json, extract::State, http::StatusCode};
use service_kit::{ApiQuery, Page, Problem};

/// Read the feed
///
/// The announcements with `n > after`, in order. Positions belong to one feed: after a restore it has
/// another name, and a reader that names the old one gets 409.
#[utoipa::path(
    get, path = "/events", tag = "feed", params(FeedQuery),
    responses(
        (status = 200, description = "A page of the feed", body = FeedPage),
        (status = 409, description = "`feed-changed`: read from the start, under the name in `feed`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`store-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn feed(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<FeedQuery>,
    Page { limit, .. }: Page,
) -> Result<Json<FeedPage>, Problem> {
    let feed = app.store.feed().to_string();
    if let Some(known) = query.feed.filter(|known| *known != feed) {
        return Err(
            Problem::new(StatusCode::CONFLICT, codes::FEED_CHANGED, "The feed was renewed")
                .with_detail(format!(
                    "{known} is no more; this is {feed}, its positions start at 0"
                ))
                .with("feed", feed),
        );
    }
    let failed = |error| problems::store(&error);
    // The head first: whatever is committed in between is then beyond it, and not overlooked.
    let head = app.store.feed_head().await.map_err(failed)?;
    let after = i64::try_from(query.after).unwrap_or(i64::MAX);
    let entries = app.store.feed_after(after, limit).await.map_err(failed)?;
    let last = entries.last().map(|entry| entry.n);
    let items = entries
        .iter()
        .map(|entry| FeedItem {
            n: position(entry.n),
            announcement: app.address.announcement(entry),
        })
        .collect();
    let next = last.filter(|last| *last < head).map(position);
    let head = Some(position(last.map_or(head, |last| last.max(head))));
    Ok(Json(FeedPage {
        feed,
        items,
        next,
        head,
    }))
}

fn position(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
