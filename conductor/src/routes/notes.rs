//! What operators found worth knowing.

use super::actor::{ActHeaders, Actor};
use super::repeats::Answer;
use super::{App, cursor, problems};
use crate::desk::Asker;
use crate::ledger::{Note, NoteFilter, NoteRecord};
use api::codes;
use api::conductor::{NoteQuery, NoteRequest, NoteView};
use axum::http::StatusCode;
use axum::{Json, extract::State};
use service_kit::{ApiJson, ApiQuery, Items, Page, Problem};

/// Leave a note
///
/// About an observation, a product, a provider, or what is in all that are named. It changes nothing; it is
/// shown to whoever looks, and stands in the report of the shift.
#[utoipa::path(
    post, path = "/notes", tag = "acts",
    params(ActHeaders),
    request_body(content = NoteRequest),
    responses(
        (status = 201, description = "The note", body = NoteView),
        (status = 404, description = "`unknown-product`, `unknown-provider`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`selector-empty`, `invalid-obs-id`, `invalid-request`, `invalid-header`, `idempotency-key-reused`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn leave(actor: Actor, ApiJson(request): ApiJson<NoteRequest>) -> Result<Answer, Problem> {
    let asked = request.clone();
    let leave = async {
        let app = &actor.app;
        check(app, &request)?;
        let Asker { by, note } = actor.asker(Some(request.note))?;
        let text = note.ok_or_else(|| problems::invalid("note", "a note says something"))?;
        let note = Note {
            at: app.clock.now(),
            by,
            obs_id: request.obs_id,
            product: request.product,
            provider: request.provider,
            text,
        };
        app.desk.note(note.clone()).await.map_err(problems::desk)?;
        Answer::json(StatusCode::CREATED, &view(note))
    };
    actor.once("/notes", &asked, leave).await
}

/// Read the notes
///
/// Those about all that is named, the last one first. A note that names no observation is about every one,
/// and so for product and provider.
#[utoipa::path(
    get, path = "/notes", tag = "events", params(NoteQuery),
    responses(
        (status = 200, description = "The notes", body = Items<NoteView>),
        (status = 422, description = "`invalid-obs-id`, `invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<NoteQuery>,
    page: Page,
) -> Result<Json<Items<NoteView>>, Problem> {
    let before = cursor::parse(&page)?;
    let filter = NoteFilter {
        obs_id: query.obs_id,
        product: query.product,
        provider: query.provider,
        before,
    };
    let found = app.ledger.notes(&filter, page.limit + 1).await;
    let found = found.map_err(problems::ledger)?;
    let (found, next) = cursor::cut(found, page.limit, |found| found.n.to_string());
    Ok(Json(Items {
        items: views(found),
        next,
    }))
}

/// The notes as they are shown.
pub(super) fn views(found: Vec<NoteRecord>) -> Vec<NoteView> {
    found.into_iter().map(|found| view(found.note)).collect()
}

/// A note is about something that there is. An observation may be noted before its first packet comes.
fn check(app: &App, request: &NoteRequest) -> Result<(), Problem> {
    let graph = &app.graph.graph;
    if request.obs_id.is_none() && request.product.is_none() && request.provider.is_none() {
        let nothing = "The note is about nothing";
        return Err(
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, codes::SELECTOR_EMPTY, nothing)
                .with_detail("say at least one of obs_id, product and provider"),
        );
    }
    match (&request.product, &request.provider) {
        (Some(product), _) if graph.id(product).is_none() => Err(problems::unknown_product(product, None)),
        (_, Some(provider)) if graph.provider(provider).is_none() => {
            Err(problems::unknown_provider(provider))
        }
        _ => Ok(()),
    }
}

fn view(note: Note) -> NoteView {
    NoteView {
        at: note.at,
        by: note.by,
        obs_id: note.obs_id,
        product: note.product,
        provider: note.provider,
        note: note.text,
    }
}
