//! One commit: any number of imports and withdrawals in one transaction, by a constant number of statements.

use super::{
    error::StoreError,
    import::{Imported, NewImport, Payload, Planned, Withdrawal},
    record::{AFTER_RECORD, Cell, Entry, Record, Retraction, record_columns},
    retention::{forget_canaries, note_canary},
    statements::{Numbers, Statements},
};
use domain::Version;
use jiff::{SignedDuration, Timestamp};
use sqlx::{Row, SqliteTransaction};
use std::{collections::HashMap, sync::Arc};

/// How long an `Idempotency-Key` is remembered (`docs/protocol.md` section 3.2).
const KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many outlived keys a commit forgets at most: the rest has time, and a commit has none to lose.
const FORGOTTEN_AT_ONCE: i64 = 5000;

/// What is done in one transaction.
#[derive(Debug)]
pub(super) struct Commit<'a, 'c> {
    transaction: &'a mut SqliteTransaction<'c>,
    statements: &'a Statements,
    numbers: Numbers,
    now: Timestamp,
    entries: Vec<Entry>,
}

impl<'a, 'c> Commit<'a, 'c> {
    pub(super) fn new(
        transaction: &'a mut SqliteTransaction<'c>,
        statements: &'a Statements,
        numbers: Numbers,
        now: Timestamp,
    ) -> Self {
        Self {
            transaction,
            statements,
            numbers,
            now,
            entries: Vec::new(),
        }
    }

    /// Gives each import its version, or finds what its key stands for, and writes what is new. The answers
    /// are in the order of the imports; the payloads come back so that blobs outlive the commit.
    pub(super) async fn import(
        &mut self,
        imports: Vec<NewImport>,
    ) -> Result<(Vec<Imported>, Vec<Payload>), StoreError> {
        let mut versions = self.highest_versions(&imports).await?;
        let remembered = self.remembered(&imports).await?;
        let mut fresh: HashMap<(Cell, String), Arc<Record>> = HashMap::new();
        let mut planned = Vec::with_capacity(imports.len());
        let mut answers = Vec::with_capacity(imports.len());
        let mut unused = Vec::new();
        for (place, import) in imports.into_iter().enumerate() {
            let key = import
                .idempotency_key
                .as_ref()
                .map(|key| (import.cell.clone(), key.clone()));
            let first = remembered
                .get(&place)
                .or_else(|| fresh.get(key.as_ref()?))
                .cloned();
            if let Some(first) = first {
                answers.push(self.repeat(first, &import));
                unused.push(import.payload);
                continue;
            }
            let highest = versions.entry(import.cell.clone()).or_insert(Version(0));
            *highest = highest.next();
            self.numbers.record += 1;
            let new = import.into_record(self.numbers.record, *highest, self.now);
            if let Some(key) = key {
                fresh.insert(key, Arc::clone(&new.record));
            }
            self.announce(Arc::clone(&new.record), false);
            answers.push(Imported::New(Arc::clone(&new.record)));
            planned.push(new);
        }
        let kept = self.insert(planned).await?;
        drop(unused); // repeated bytes in the object store are deleted
        Ok((answers, kept))
    }

    /// Withdraws a version and announces that; what is withdrawn already is announced again. `None` if there
    /// is no such version.
    pub(super) async fn withdraw(
        &mut self,
        withdrawal: &Withdrawal,
    ) -> Result<Option<Arc<Record>>, StoreError> {
        let query = concat!(
            "select ",
            record_columns!(),
            " from records r where r.obs_id = $1 and r.product = $2 and ($3 is null or r.version = $3) \
             order by r.version desc limit 1"
        );
        let row = sqlx::query(query)
            .bind(withdrawal.cell.obs_id.to_string())
            .bind(withdrawal.cell.product.to_string())
            .bind(withdrawal.version.map(|version| as_bigint(version.0)))
            .fetch_optional(&mut **self.transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut record = Record::from_row(&row)?;
        if record.retraction.is_none() {
            let query = "update records set retracted_at = $1, retracted_reason = $2, retracted_by = $3 where id = $4";
            sqlx::query(query)
                .bind(self.now.as_microsecond())
                .bind(withdrawal.reason.clone())
                .bind(withdrawal.by.clone())
                .bind(record.id)
                .execute(&mut **self.transaction)
                .await?;
            let (reason, by) = (withdrawal.reason.clone(), withdrawal.by.clone());
            record.retraction = Some(Retraction {
                at: self.now,
                reason,
                by,
            });
        }
        let record = Arc::new(record);
        self.announce(Arc::clone(&record), true);
        Ok(Some(record))
    }

    /// Notes up to where the feed is published.
    pub(super) async fn set_published(&mut self, n: i64) -> Result<(), StoreError> {
        sqlx::query("update state set published = $1")
            .bind(n)
            .execute(&mut **self.transaction)
            .await?;
        Ok(())
    }

    /// Notes that the left-over blobs of all starts up to this one are swept.
    pub(super) async fn set_swept(&mut self, start: i64) -> Result<(), StoreError> {
        sqlx::query("update state set swept = $1")
            .bind(start)
            .execute(&mut **self.transaction)
            .await?;
        Ok(())
    }

    /// Forgets keys that are older than 7 days.
    pub(super) async fn forget_keys(&mut self) -> Result<(), StoreError> {
        let query = "delete from idempotency_keys where (obs_id, product, key) in \
                     (select obs_id, product, key from idempotency_keys where created_at < $1 limit $2)";
        sqlx::query(query)
            .bind(self.oldest_key().as_microsecond())
            .bind(FORGOTTEN_AT_ONCE)
            .execute(&mut **self.transaction)
            .await?;
        Ok(())
    }

    /// Forgets the canary's versions that are outlived; `published` is up to where the feed is published.
    pub(super) async fn forget_canaries(&mut self, published: i64) -> Result<(), StoreError> {
        forget_canaries(self.transaction, published).await
    }

    /// Writes the announcements; answers them and the numbers that hold once all this is committed.
    pub(super) async fn finish(self) -> Result<(Vec<Entry>, Numbers), StoreError> {
        let mut entries = self.entries.iter();
        for (text, rows) in self
            .statements
            .insert_announcements
            .statements(self.entries.len())
        {
            let mut query = sqlx::query(text);
            for entry in entries.by_ref().take(rows) {
                query = query
                    .bind(entry.n)
                    .bind(entry.record.id)
                    .bind(i64::from(entry.retracted))
                    .bind(entry.at.as_microsecond());
            }
            query.execute(&mut **self.transaction).await?;
        }
        for entry in self
            .entries
            .iter()
            .filter(|entry| entry.record.cell.obs_id.is_canary())
        {
            note_canary(self.transaction, entry).await?;
        }
        Ok((self.entries, self.numbers))
    }

    fn announce(&mut self, record: Arc<Record>, retracted: bool) {
        self.numbers.announcement += 1;
        self.entries.push(Entry {
            n: self.numbers.announcement,
            at: self.now,
            retracted,
            record,
        });
    }

    /// A key that is known: the same bytes are announced again, whatever has become of them since.
    fn repeat(&mut self, first: Arc<Record>, import: &NewImport) -> Imported {
        if first.sha256 != import.sha256 {
            return Imported::KeyReused(first);
        }
        self.announce(Arc::clone(&first), first.retraction.is_some());
        Imported::Repeat(first)
    }

    fn oldest_key(&self) -> Timestamp {
        self.now.checked_sub(KEY_LIFETIME).unwrap_or(Timestamp::MIN)
    }

    async fn highest_versions(
        &mut self,
        imports: &[NewImport],
    ) -> Result<HashMap<Cell, Version>, StoreError> {
        let mut versions = HashMap::with_capacity(imports.len());
        let mut wanted = (0_i64..).zip(imports);
        for (text, rows) in self.statements.versions.statements(imports.len()) {
            let mut query = sqlx::query(text);
            for (place, import) in wanted.by_ref().take(rows) {
                let Cell { obs_id, product } = &import.cell;
                query = query
                    .bind(place)
                    .bind(obs_id.to_string())
                    .bind(product.to_string());
            }
            for row in query.fetch_all(&mut **self.transaction).await? {
                let place = usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or(usize::MAX);
                let highest = row.try_get::<Option<i64>, _>(1)?.unwrap_or(0);
                if let (Some(import), Ok(highest)) = (imports.get(place), u64::try_from(highest)) {
                    versions.insert(import.cell.clone(), Version(highest));
                }
            }
        }
        Ok(versions)
    }

    /// What the imports' keys stand for, by place in the list.
    async fn remembered(&mut self, imports: &[NewImport]) -> Result<HashMap<usize, Arc<Record>>, StoreError> {
        let keyed: Vec<_> = (0_i64..)
            .zip(imports)
            .filter_map(|(place, import)| Some((place, &import.cell, import.idempotency_key.as_ref()?)))
            .collect();
        let mut records = HashMap::with_capacity(keyed.len());
        let oldest = self.oldest_key().as_microsecond();
        let mut wanted = keyed.iter();
        for (text, rows) in self.statements.keys.statements(keyed.len()) {
            let mut query = sqlx::query(text);
            for (place, Cell { obs_id, product }, key) in wanted.by_ref().take(rows) {
                query = query
                    .bind(*place)
                    .bind(obs_id.to_string())
                    .bind(product.to_string())
                    .bind(key.as_str());
            }
            for row in query.fetch_all(&mut **self.transaction).await? {
                if row.try_get::<i64, _>(AFTER_RECORD + 1)? >= oldest {
                    let place = usize::try_from(row.try_get::<i64, _>(AFTER_RECORD)?).unwrap_or(usize::MAX);
                    records.insert(place, Arc::new(Record::from_row(&row)?));
                }
            }
        }
        Ok(records)
    }

    async fn insert(&mut self, planned: Vec<Planned>) -> Result<Vec<Payload>, StoreError> {
        self.insert_keys(&planned).await?;
        let count = planned.len();
        let mut payloads = Vec::with_capacity(count);
        let mut planned = planned.into_iter();
        for (text, rows) in self.statements.insert_records.statements(count) {
            let mut query = sqlx::query(text);
            for new in planned.by_ref().take(rows) {
                let record = &new.record;
                query = query
                    .bind(record.id)
                    .bind(record.cell.obs_id.to_string())
                    .bind(record.cell.product.to_string())
                    .bind(as_bigint(record.version.0))
                    .bind(as_bigint(record.size))
                    .bind(record.sha256.to_string())
                    .bind(record.content_type.clone())
                    .bind(record.created_at.as_microsecond())
                    .bind(record.burst_id.as_ref().map(ToString::to_string))
                    .bind(record.provider().map(ToString::to_string))
                    .bind(new.meta_text)
                    .bind(new.provenance_text)
                    .bind(record.blob.clone());
                payloads.push((record.id, new.payload));
            }
            query.execute(&mut **self.transaction).await?;
        }
        self.insert_payloads(payloads).await
    }

    /// Writes the inline payloads and gives the others back.
    async fn insert_payloads(&mut self, payloads: Vec<(i64, Payload)>) -> Result<Vec<Payload>, StoreError> {
        let mut inline = Vec::with_capacity(payloads.len());
        let mut blobs = Vec::new();
        for (id, payload) in payloads {
            match payload {
                Payload::Inline(bytes) => inline.push((id, bytes)),
                Payload::Blob(_) => blobs.push(payload),
            }
        }
        let count = inline.len();
        let mut inline = inline.into_iter();
        for (text, rows) in self.statements.insert_payloads.statements(count) {
            let mut query = sqlx::query(text);
            for (id, bytes) in inline.by_ref().take(rows) {
                query = query.bind(id).bind(bytes);
            }
            query.execute(&mut **self.transaction).await?;
        }
        Ok(blobs)
    }

    async fn insert_keys(&mut self, planned: &[Planned]) -> Result<(), StoreError> {
        let keyed: Vec<_> = planned
            .iter()
            .filter_map(|new| Some((&new.record, new.idempotency_key.as_ref()?)))
            .collect();
        let mut wanted = keyed.iter();
        for (text, rows) in self.statements.insert_keys.statements(keyed.len()) {
            let mut query = sqlx::query(text);
            for (record, key) in wanted.by_ref().take(rows) {
                query = query
                    .bind(record.cell.obs_id.to_string())
                    .bind(record.cell.product.to_string())
                    .bind(key.as_str())
                    .bind(record.id)
                    .bind(record.created_at.as_microsecond());
            }
            query.execute(&mut **self.transaction).await?;
        }
        Ok(())
    }
}

/// For columns of type bigint. Sizes and versions are far below 2^63; what is not would fail to read back.
fn as_bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
