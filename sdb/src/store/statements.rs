//! The statements that a commit is made of, and the numbers that it gives.

use super::{record::record_columns, rows::Rows};
use sqlx::{Row, SqliteConnection};

/// The statements of a commit, written out once.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) versions: Rows,
    pub(super) keys: Rows,
    pub(super) insert_records: Rows,
    pub(super) insert_payloads: Rows,
    pub(super) insert_announcements: Rows,
    pub(super) insert_keys: Rows,
}

impl Statements {
    pub(super) fn new() -> Self {
        Self {
            versions: Rows::new(
                "with wanted (place, obs_id, product) as (values",
                3,
                ") select wanted.place, (select max(r.version) from records r \
                 where r.obs_id = wanted.obs_id and r.product = wanted.product) from wanted",
            ),
            keys: Rows::new(
                "with wanted (place, obs_id, product, key) as (values",
                4,
                concat!(
                    ") select ",
                    record_columns!(),
                    ", wanted.place, k.created_at from wanted \
                     join idempotency_keys k on k.obs_id = wanted.obs_id and k.product = wanted.product and k.key = wanted.key \
                     join records r on r.id = k.record_id"
                ),
            ),
            insert_records: Rows::new(
                "insert into records (id, obs_id, product, version, size, sha256, content_type, created_at, burst_id, \
                 provider, meta, provenance, blob) values",
                13,
                "",
            ),
            insert_payloads: Rows::new("insert into payloads (record_id, bytes) values", 2, ""),
            insert_announcements: Rows::new(
                "insert into announcements (n, record_id, retracted, at) values",
                4,
                "",
            ),
            insert_keys: Rows::new(
                "insert into idempotency_keys (obs_id, product, key, record_id, created_at) values",
                5,
                "on conflict (obs_id, product, key) do update \
                 set record_id = excluded.record_id, created_at = excluded.created_at",
            ),
        }
    }
}

/// The numbers that were given last. Only a commit that succeeded moves them, so neither has gaps, and as
/// there is one writer they become visible in their order: whoever reads the feed misses none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) record: i64,
    pub(super) announcement: i64,
}

impl Numbers {
    pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let row = sqlx::query(
            "select (select coalesce(max(id), 0) from records), (select coalesce(max(n), 0) from announcements)",
        )
        .fetch_one(connection)
        .await?;
        Ok(Self {
            record: row.try_get(0)?,
            announcement: row.try_get(1)?,
        })
    }
}
