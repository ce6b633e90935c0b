//! What operators found worth knowing, the last note first.

use super::{as_count, as_limit, parsed};
use crate::ledger::{Ledger, LedgerError, Note};
use domain::{ObsId, ProductName, ProviderName};
use sqlx::{QueryBuilder, Sqlite};

/// Which notes: those about all that is named here. A note that names nothing of a kind is about every one.
#[derive(Debug, Clone, Default)]
pub struct NoteFilter {
    /// About this observation.
    pub obs_id: Option<ObsId>,
    /// About this product.
    pub product: Option<ProductName>,
    /// About this provider.
    pub provider: Option<ProviderName>,
    /// Left before the note of this number.
    pub before: Option<u64>,
}

/// A note and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRecord {
    /// Its place, rising.
    pub n: u64,
    /// The note.
    pub note: Note,
}

type NoteRow = (
    i64,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
);

impl Ledger {
    /// The notes that are selected, at most `limit`.
    pub async fn notes(&self, filter: &NoteFilter, limit: usize) -> Result<Vec<NoteRecord>, LedgerError> {
        let mut query: QueryBuilder<Sqlite> =
            QueryBuilder::new("SELECT n, at, asker, obs_id, product, provider, body FROM note WHERE true");
        let named = [
            ("obs_id", filter.obs_id.as_ref().map(ToString::to_string)),
            ("product", filter.product.as_ref().map(ToString::to_string)),
            ("provider", filter.provider.as_ref().map(ToString::to_string)),
        ];
        for (column, name) in named {
            if let Some(name) = name {
                query.push(format!(" AND ({column} IS NULL OR {column} = "));
                query.push_bind(name).push(")");
            }
        }
        if let Some(before) = filter.before {
            query.push(" AND n < ");
            query.push_bind(i64::try_from(before).unwrap_or(i64::MAX));
        }
        query.push(" ORDER BY n DESC LIMIT ").push_bind(as_limit(limit));
        let rows: Vec<NoteRow> = query.build_query_as().fetch_all(&self.reader).await?;
        rows.into_iter().map(of_row).collect()
    }
}

fn of_row((n, at, by, obs_id, product, provider, text): NoteRow) -> Result<NoteRecord, LedgerError> {
    Ok(NoteRecord {
        n: as_count(n),
        note: Note {
            at: parsed(&at)?,
            by,
            obs_id: obs_id.as_deref().map(parsed).transpose()?,
            product: product.as_deref().map(parsed).transpose()?,
            provider: provider.as_deref().map(parsed).transpose()?,
            text,
        },
    })
}
