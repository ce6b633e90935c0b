//! The provider board.

use super::{App, cursor, problems};
use crate::desk::Load;
use crate::durations::{self, Backlog, Sample};
use api::conductor::{Eta, ProviderView};
use axum::{Json, extract::State};
use domain::{ProviderName, ServiceName};
use jiff::Timestamp;
use product_graph::{NodeId, ProviderSpec};
use service_kit::{Items, Page, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// List providers
///
/// Those of the graph, and those that still have runs of an earlier graph, by name.
#[utoipa::path(
    get, path = "/providers", tag = "providers", params(Page),
    responses(
        (status = 200, description = "The providers", body = Items<ProviderView>),
        (status = 422, description = "`invalid-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(app): State<App>, page: Page) -> Result<Json<Items<ProviderView>>, Problem> {
    let after: Option<ProviderName> = cursor::parse(&page)?;
    let mut shown = board(&app).await?;
    shown.retain(|shown| after.as_ref().is_none_or(|after| shown.provider > *after));
    let (items, next) = cursor::cut(shown, page.limit, |shown: &ProviderView| {
        shown.provider.to_string()
    });
    Ok(Json(Items { items, next }))
}

/// All providers, by name.
pub(super) async fn board(app: &App) -> Result<Vec<ProviderView>, Problem> {
    let loads = app.desk.loads().await.map_err(problems::desk)?;
    let loads: BTreeMap<&ProviderName, &Load> = loads.iter().map(|load| (&load.provider, load)).collect();
    let of_graph = app.graph.graph.providers();
    let names: BTreeSet<&ProviderName> = of_graph.keys().chain(loads.keys().copied()).collect();
    let now = app.clock.now();
    let shown = |name| provider(app, now, name, loads.get(name).copied());
    Ok(names.into_iter().map(shown).collect())
}

fn provider(app: &App, now: Timestamp, name: &ProviderName, load: Option<&Load>) -> ProviderView {
    let graph = &app.graph.graph;
    let spec = graph.provider(name);
    let products: Vec<_> = spec
        .iter()
        .flat_map(|spec| &spec.products)
        .map(|id| graph.name(*id).clone())
        .collect();
    let url = products
        .first()
        .and_then(|product| app.targets.of(product))
        .or_else(|| spec.and_then(|spec| spec.url.as_ref()));
    let service = ServiceName::from(name.clone());
    let seen = app.presence.seen(&service);
    let heard = app.presence.state(&service, now);
    let signature = load
        .and_then(|load| load.restraint.as_ref())
        .map(|restraint| &restraint.signature);
    ProviderView {
        provider: name.clone(),
        state: load.map_or(heard, |load| load.state(heard)),
        url: url.map(ToString::to_string).unwrap_or_default(),
        products,
        in_flight: load.map_or(0, |load| load.in_flight as u64),
        max_in_flight: spec.and_then(|spec| spec.max_in_flight),
        queued: load.map_or(0, |load| load.queued as u64),
        clears: clears(app, spec, load, now),
        busy_until: load.and_then(|load| load.busy_until),
        probe_at: load.and_then(|load| load.open?.probe_at),
        seen_at: seen.as_ref().map(|seen| seen.at),
        detail: seen.map(|seen| seen.detail).filter(|detail| !detail.is_empty()),
        since: signature.map(|signature| signature.at),
        by: signature.map(|signature| signature.by.clone()),
        note: signature.and_then(|signature| signature.note.clone()),
    }
}

/// When the queue of a provider clears; nobody knows of one that is sent nothing.
fn clears(app: &App, spec: Option<&ProviderSpec>, load: Option<&Load>, now: Timestamp) -> Option<Eta> {
    let (spec, load) = (spec?, load?);
    if load.restraint.is_some() || load.open.is_some() {
        return None;
    }
    let graph = &app.graph.graph;
    let sample = |id: &NodeId| app.durations.sample(graph.name(*id), graph.recipe(*id)?);
    let samples: Vec<Sample> = spec.products.iter().filter_map(sample).collect();
    let backlog = Backlog {
        in_flight: load.in_flight as u64,
        queued: load.queued as u64,
        limit: spec.max_in_flight,
    };
    durations::clears(&samples, backlog, now)
}
