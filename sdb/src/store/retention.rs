//! What is not kept for ever: of the canary's products only the latest version.
//!
//! The conductor has one made every minute to see that the whole loop works, half a million a year. An older
//! version goes, with its bytes, key and announcements, once those are published. The last announcement of all
//! stays, so that no number of the feed is ever given twice; whoever reads the feed finds no `n` where others were.

use super::{error::StoreError, record::Entry};
use domain::CANARY;
use sqlx::SqliteTransaction;

/// How many versions go at once: there is one more each minute, and a commit has no time to lose.
const AT_ONCE: i64 = 100;

/// Versions that are not the latest and whose announcements are all published. Bytes in the object store would
/// be left behind, but no canary is that large.
const OUTLIVED: &str = "select distinct c.record_id from canary_announcements c join records r on r.id = c.record_id \
    where r.blob is null \
    and r.version < (select max(l.version) from records l where l.obs_id = r.obs_id and l.product = r.product) \
    and not exists (select 1 from canary_announcements a where a.record_id = r.id \
        and (a.n > $1 or a.n = (select max(n) from announcements))) limit $2";

/// `$1` are the versions, `$2` is the canary's observation. `canary_announcements` goes last: it says where to look.
const FORGET: [&str; 5] = [
    "delete from announcements where n in (select n from canary_announcements \
     where record_id in (select value from json_each($1)))",
    "delete from idempotency_keys where obs_id = $2 and record_id in (select value from json_each($1))",
    "delete from payloads where record_id in (select value from json_each($1))",
    "delete from records where id in (select value from json_each($1))",
    "delete from canary_announcements where record_id in (select value from json_each($1))",
];

/// Remembers an announcement of the canary, so that it is found when it is to be forgotten.
pub(super) async fn note_canary(
    transaction: &mut SqliteTransaction<'_>,
    entry: &Entry,
) -> Result<(), StoreError> {
    sqlx::query("insert into canary_announcements (n, record_id) values ($1, $2)")
        .bind(entry.n)
        .bind(entry.record.id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Forgets the outlived versions; `published` is up to where the feed is published.
pub(super) async fn forget_canaries(
    transaction: &mut SqliteTransaction<'_>,
    published: i64,
) -> Result<(), StoreError> {
    let outlived: Vec<i64> = sqlx::query_scalar(OUTLIVED)
        .bind(published)
        .bind(AT_ONCE)
        .fetch_all(&mut **transaction)
        .await?;
    if outlived.is_empty() {
        return Ok(());
    }
    let outlived = serde_json::json!(outlived).to_string();
    for statement in FORGET {
        sqlx::query(statement)
            .bind(outlived.clone())
            .bind(CANARY)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}
