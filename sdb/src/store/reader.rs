//! Reading: the last commit as it is, without waiting for the writer.

use super::{
    error::StoreError,
    record::{AFTER_RECORD, Cell, Entry, Record, record_columns, timestamp},
};
use domain::{CANARY, ObsId, ProductName, ProviderName, Version};
use jiff::Timestamp;
use sqlx::{
    AssertSqlSafe, Row, Sqlite, SqlitePool,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

/// The read connections.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pool: SqlitePool,
}

/// A record, with its bytes if they are in the database.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// The bytes; `None` if they are in the object store.
    pub inline: Option<Vec<u8>>,
}

/// Which records; all that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this observation.
    pub obs_id: Option<ObsId>,
    /// Of this product.
    pub product: Option<ProductName>,
    /// Made by this provider.
    pub provider: Option<ProviderName>,
    /// Of this burst.
    pub burst_id: Option<String>,
    /// Imported at this time or later.
    pub since: Option<Timestamp>,
    /// Imported before this time.
    pub until: Option<Timestamp>,
    /// Imported before the record with this id.
    pub before: Option<i64>,
}

/// An observation as the store sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The observation.
    pub obs_id: ObsId,
    /// How many products it has.
    pub products: u64,
    /// When the first of their versions came.
    pub first_import: Timestamp,
    /// When the last one came.
    pub last_import: Timestamp,
}

impl Reader {
    pub(super) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// A version of a product, the latest if none is named.
    pub(super) async fn stored(
        &self,
        cell: &Cell,
        version: Option<Version>,
    ) -> Result<Option<Stored>, StoreError> {
        let latest = concat!(
            "select ",
            record_columns!(),
            ", p.bytes from records r left join payloads p on p.record_id = r.id \
             where r.obs_id = $1 and r.product = $2 order by r.version desc limit 1"
        );
        let exact = concat!(
            "select ",
            record_columns!(),
            ", p.bytes from records r left join payloads p on p.record_id = r.id \
             where r.obs_id = $1 and r.product = $2 and r.version = $3"
        );
        let query = sqlx::query(if version.is_some() { exact } else { latest })
            .bind(cell.obs_id.to_string())
            .bind(cell.product.to_string());
        let query = match version.map(|version| i64::try_from(version.0)) {
            None => query,
            Some(Ok(version)) => query.bind(version),
            Some(Err(_)) => return Ok(None), // no version is as high as that
        };
        let Some(row) = query.fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        Ok(Some(Stored {
            record: Record::from_row(&row)?,
            inline: row.try_get(AFTER_RECORD)?,
        }))
    }

    /// Records, the last imported first, at most `limit`. The canary's only if its observation is asked for.
    pub(super) async fn records(&self, filter: &Filter, limit: usize) -> Result<Vec<Record>, StoreError> {
        let mut select = Select::default();
        select.when(filter.obs_id.as_ref(), "r.obs_id = ", ToString::to_string);
        if filter.obs_id.is_none() {
            select.push("r.obs_id <> ", Value::Text(CANARY.to_owned()));
        }
        select.when(filter.product.as_ref(), "r.product = ", ToString::to_string);
        select.when(filter.provider.as_ref(), "r.provider = ", ToString::to_string);
        select.when(filter.burst_id.as_ref(), "r.burst_id = ", Clone::clone);
        // Times become ids, which the other indexes are ordered by.
        if let Some(since) = filter.since {
            let Some(first) = self.first_id_at(since).await? else {
                return Ok(Vec::new());
            };
            select.number("r.id >= ", first);
        }
        if let Some(until) = filter.until
            && let Some(first) = self.first_id_at(until).await?
        {
            select.number("r.id < ", first);
        }
        if let Some(before) = filter.before {
            select.number("r.id < ", before);
        }
        let rows = select.query(limit).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| Record::from_row(row).map_err(StoreError::from))
            .collect()
    }

    /// The latest version of each product of an observation, by name.
    pub(super) async fn latest(&self, obs_id: &ObsId) -> Result<Vec<Record>, StoreError> {
        let query = concat!(
            "select ",
            record_columns!(),
            " from records r where r.obs_id = $1 and r.version = (select max(version) from records \
             where obs_id = r.obs_id and product = r.product) order by r.product"
        );
        let rows = sqlx::query(query)
            .bind(obs_id.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| Record::from_row(row).map_err(StoreError::from))
            .collect()
    }

    /// Observations by their id, those after `after`, without the canary's.
    pub(super) async fn observations(
        &self,
        after: Option<&ObsId>,
        limit: usize,
    ) -> Result<Vec<Observation>, StoreError> {
        let query = "select obs_id, count(distinct product), min(created_at), max(created_at) from records \
                     where obs_id > $1 and obs_id <> $3 group by obs_id order by obs_id limit $2";
        let rows = sqlx::query(query)
            .bind(after.map(ToString::to_string).unwrap_or_default())
            .bind(as_limit(limit))
            .bind(CANARY)
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| observation(row).map_err(StoreError::from))
            .collect()
    }

    /// The feed after `n`, in order.
    pub(super) async fn feed(&self, n: i64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let query = concat!(
            "select ",
            record_columns!(),
            ", a.n, a.at, a.retracted from announcements a join records r on r.id = a.record_id \
             where a.n > $1 order by a.n limit $2"
        );
        let rows = sqlx::query(query)
            .bind(n)
            .bind(as_limit(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| Entry::from_row(row).map_err(StoreError::from))
            .collect()
    }

    /// The last `n` of the feed.
    pub(super) async fn feed_head(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("select coalesce(max(n), 0) from announcements")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Whether a record names this blob.
    pub(super) async fn names_blob(&self, key: &str) -> Result<bool, StoreError> {
        let query = "select 1 from records where blob = $1";
        Ok(sqlx::query(query)
            .bind(key.to_owned())
            .fetch_optional(&self.pool)
            .await?
            .is_some())
    }

    /// Closes the connections.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    async fn first_id_at(&self, time: Timestamp) -> Result<Option<i64>, StoreError> {
        let query = "select id from records where created_at >= $1 order by created_at, id limit 1";
        let row = sqlx::query(query)
            .bind(ceiling_microsecond(time))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}

/// The conditions of a list, put together as they are asked for: `x is null or ..` in one text would keep
/// the planner from every index.
#[derive(Debug, Default)]
struct Select {
    conditions: Vec<String>,
    values: Vec<Value>,
}

#[derive(Debug)]
enum Value {
    Text(String),
    Number(i64),
}

impl Select {
    fn when<T>(&mut self, given: Option<&T>, condition: &str, text: impl Fn(&T) -> String) {
        if let Some(given) = given {
            self.push(condition, Value::Text(text(given)));
        }
    }

    fn number(&mut self, condition: &str, number: i64) {
        self.push(condition, Value::Number(number));
    }

    fn push(&mut self, condition: &str, value: Value) {
        self.values.push(value);
        self.conditions.push(format!("{condition}${}", self.values.len()));
    }

    fn query(self, limit: usize) -> Query<'static, Sqlite, SqliteArguments> {
        let condition = if self.conditions.is_empty() {
            "true".to_owned()
        } else {
            self.conditions.join(" and ")
        };
        let text = format!(
            "select {} from records r where {condition} order by r.id desc limit ${}",
            record_columns!(),
            self.values.len() + 1
        );
        // Safe: all texts above are ours, what was asked for is bound.
        let query = sqlx::query(AssertSqlSafe(text));
        let query = self.values.into_iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
        });
        query.bind(as_limit(limit))
    }
}

fn observation(row: &SqliteRow) -> Result<Observation, sqlx::Error> {
    let decode = |error| sqlx::Error::Decode(Box::new(error));
    Ok(Observation {
        obs_id: row.try_get::<&str, _>(0)?.parse().map_err(decode)?,
        products: u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0),
        first_import: timestamp(row.try_get(2)?)?,
        last_import: timestamp(row.try_get(3)?)?,
    })
}

/// Times are kept in whole microseconds, so 'at or after' a finer time begins at the next one.
fn ceiling_microsecond(time: Timestamp) -> i64 {
    let microsecond = time.as_microsecond();
    if Timestamp::from_microsecond(microsecond).is_ok_and(|floor| floor < time) {
        microsecond + 1
    } else {
        microsecond
    }
}

fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
