//! The hand-over of a shift.

use super::{App, events, notes, problems, providers};
use crate::ledger::NoteFilter;
use crate::report::{self, MAX_ENTRIES, Rows};
use api::conductor::{ReportFormat, ReportQuery, ReportView};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use domain::ProviderState;
use jiff::{SignedDuration, Timestamp};
use service_kit::{ApiQuery, Problem};

/// A shift, if nobody says since when.
const SHIFT: SignedDuration = SignedDuration::from_hours(8);

/// Failed cells, acts and open runs that are read: thousands of rows are some ten milliseconds.
const MAX_ROWS: usize = 10_000;

const MARKDOWN: &str = "text/markdown";

/// Report a shift
///
/// What the next one should know: alerts, what failed and why, what is open, held and late, and what operators
/// did. Lists have a bound. As JSON, or with `Accept: text/markdown` or `format=markdown` as Markdown.
#[utoipa::path(
    get, path = "/report", tag = "alerts", params(ReportQuery),
    responses(
        (status = 200, description = "The report", content((ReportView = "application/json"), (String = "text/markdown"))),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<ReportQuery>,
) -> Result<Response, Problem> {
    let since = query.since.unwrap_or(app.clock.now() - SHIFT);
    let rows = rows(&app, since).await?;
    let report = report::report(app.timing(), rows, since);
    let format = query.format.unwrap_or(if accepts_markdown(&headers) {
        ReportFormat::Markdown
    } else {
        ReportFormat::Json
    });
    Ok(match format {
        ReportFormat::Json => Json(report).into_response(),
        ReportFormat::Markdown => {
            let head = [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")];
            (head, report::markdown(&report)).into_response()
        }
    })
}

async fn rows(app: &App, since: Timestamp) -> Result<Rows, Problem> {
    let ledger = &app.ledger;
    let read = async {
        let mut notes = ledger.notes(&NoteFilter::default(), MAX_ENTRIES).await?;
        notes.retain(|found| found.note.at >= since);
        Ok(Rows {
            runs: ledger.runs_since(since).await?,
            alerts: ledger.alerts_since(since, MAX_ENTRIES).await?,
            acknowledgements: ledger.acknowledgements(app.clock.now()).await?,
            failed: ledger.failed(None, MAX_ROWS).await?,
            open: ledger.open_cells().await?,
            held: ledger.held(MAX_ENTRIES).await?,
            open_runs: ledger.open_runs(MAX_ROWS).await?,
            providers: Vec::new(),
            acts: events::views(ledger.acts(Some(since), None, MAX_ROWS).await?),
            notes: notes::views(notes),
        })
    };
    let mut rows = read.await.map_err(problems::ledger)?;
    rows.providers = providers::board(app).await?;
    rows.providers
        .retain(|provider| provider.state != ProviderState::Up);
    Ok(rows)
}

fn accepts_markdown(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).into_iter();
    accept
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(MARKDOWN))
}
