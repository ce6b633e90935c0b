//! Another graph for a running conductor.

use super::actor::{ActHeaders, Actor};
use super::if_match::IfMatch;
use super::repeats::Answer;
use super::{App, problems};
use crate::desk::PutGraph;
use crate::graph_file::GraphFile;
use api::codes;
use api::conductor::{
    CellsChange, FieldChange, GraphChange, GraphQuery, NameChange, NamesChange, UnfinishedChange,
};
use axum::http::StatusCode;
use conductor_core::Signature;
use domain::{CellState, ObsId, ProductName};
use product_graph::{Changes, GraphErrors, Mistake, Named, ProductGraph};
use serde_json::json;
use service_kit::{ApiBytes, ApiQuery, Problem};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Unfinished observations in which it is tried what the graph would do, at most: some ten milliseconds. There are
/// seldom more, and the others would tell the same.
const TRIED: u32 = 200;

/// Observations that are read at once for it: the ledger is kept from the writer for a millisecond.
const CHUNK: usize = 20;

/// Put another graph in force
///
/// The body is a `graph.json`. It is checked whole: all its mistakes are told at once, and the graph in force stays.
/// With `dry_run` it is only told what would change. Otherwise it is in force with the answer and over restarts,
/// until another is put or the file of `--graph` is changed; what is unfinished is looked at again. With `If-Match`
/// it only takes the place of the graph that it was written for.
#[utoipa::path(
    put, path = "/graph", tag = "graph",
    params(GraphQuery, ActHeaders,
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the graph that it may take the place of")),
    request_body(content = serde_json::Value, description = "A graph.json"),
    responses(
        (status = 200, description = "What changes, or would", body = GraphChange),
        (status = 412, description = "`graph-changed`: `If-Match` names another graph than the one in force", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`: over 4 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-graph` with `mistakes`, `invalid-request`, `invalid-header`, `idempotency-key-reused`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`ledger-unavailable`, `draining`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn put(
    actor: Actor,
    if_match: IfMatch,
    ApiQuery(query): ApiQuery<GraphQuery>,
    ApiBytes(body): ApiBytes,
) -> Result<Answer, Problem> {
    let app = &actor.app;
    let text = String::from_utf8(body.into()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        invalid_graph(&format!("$: not UTF-8 from byte {at} on"), &[])
    })?;
    let graph = GraphFile::parse(text, app.clock.now()).map_err(|mistakes| mistaken(&mistakes))?;
    let whole = (graph.sha256, &query);
    let put = async {
        let asker = actor.asker(query.note.clone())?;
        let in_force = app.graph.sha256;
        if !if_match.takes(in_force) {
            return Err(changed(&app.graph));
        }
        let change = change(app, &graph, query.dry_run).await?;
        if !query.dry_run {
            let file = {
                let graphs = app.graphs.clone();
                let read = tokio::task::spawn_blocking(move || graphs.file_sha256());
                read.await.map_err(Problem::internal)?
            };
            let signature = Signature {
                by: asker.by.clone(),
                note: asker.note.clone(),
                at: app.clock.now(),
            };
            let graph = GraphFile {
                signature: Some(signature),
                ..graph.clone()
            };
            // Another one may have been put since the request came.
            let replaces = if_match.is_strict().then_some(in_force);
            let put = app.desk.put_graph(Arc::new(graph), replaces, file, asker).await;
            if let PutGraph::Changed(other) = put.map_err(problems::desk)? {
                return Err(changed(&other));
            }
        }
        Answer::json(StatusCode::OK, &change)
    };
    actor.once("/graph", &whole, put).await
}

async fn change(app: &App, graph: &GraphFile, dry_run: bool) -> Result<GraphChange, Problem> {
    let changes = Changes::between(&app.graph.graph, &graph.graph);
    Ok(GraphChange {
        dry_run,
        sha256: graph.sha256,
        replaces: app.graph.sha256,
        inputs: names(changes.inputs),
        products: names(changes.products),
        providers: names(changes.providers),
        unfinished: unfinished(app, &graph.graph).await?,
        remarks: graph.graph.remarks(),
    })
}

/// Tries what the graph would do, in the unfinished observations that changed last.
async fn unfinished(app: &App, new: &ProductGraph) -> Result<UnfinishedChange, Problem> {
    let ledger = &app.ledger;
    let all = ledger.unsettled().await.map_err(problems::ledger)?;
    let tried: Vec<ObsId> = ledger.newest_of(&all, TRIED).await.map_err(problems::ledger)?;
    let mut requests = 0;
    let mut cells: BTreeMap<(ProductName, CellState, CellState), u64> = BTreeMap::new();
    let now = app.clock.now();
    for chunk in tried.chunks(CHUNK) {
        for observation in ledger.load(now, chunk).await.map_err(problems::ledger)? {
            let foreseen = observation.foresee_graph(&app.graph.graph, new, now);
            requests += foreseen.begun.len() as u64;
            for cell in foreseen.cells {
                *cells.entry(cell).or_default() += 1;
            }
        }
    }
    let cells = cells
        .into_iter()
        .map(|((product, was, state), count)| CellsChange {
            product,
            was,
            state,
            count,
        });
    Ok(UnfinishedChange {
        observations: all.len() as u64,
        looked_at: tried.len() as u64,
        requests,
        cells: cells.collect(),
    })
}

fn names<N: ToString>(named: Named<N>) -> NamesChange {
    let texts = |names: Vec<N>| names.iter().map(ToString::to_string).collect();
    let field = |change: product_graph::FieldChange| FieldChange {
        field: change.field,
        was: change.was,
        is: change.is,
    };
    let changed = named.changed.into_iter().map(|(name, fields)| NameChange {
        name: name.to_string(),
        fields: fields.into_iter().map(field).collect(),
    });
    NamesChange {
        added: texts(named.added),
        removed: texts(named.removed),
        changed: changed.collect(),
    }
}

/// Another graph is in force than the one that was meant: which, since when, by whom and why.
fn changed(other: &GraphFile) -> Problem {
    let GraphFile {
        sha256,
        loaded_at,
        signature,
        ..
    } = other;
    let who = match signature {
        Some(Signature { by, note, .. }) => {
            let note = note.as_ref().map_or_else(String::new, |note| format!(": {note}"));
            format!("put by {by}{note}")
        }
        None => "read from the file of --graph".to_owned(),
    };
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        codes::GRAPH_CHANGED,
        "Another graph is in force than the one that was meant",
    )
    .with_detail(format!(
        "since {loaded_at} it is {sha256}, {who}; nothing was changed"
    ))
    .with("sha256", json!(sha256))
    .with("loaded_at", json!(loaded_at))
    .with("by", json!(signature.as_ref().map(|signature| &signature.by)))
    .with(
        "note",
        json!(signature.as_ref().and_then(|signature| signature.note.as_ref())),
    )
}

/// All that is wrong with a graph, as `--check` tells it.
fn mistaken(mistakes: &GraphErrors) -> Problem {
    invalid_graph(&mistakes.to_string(), mistakes.mistakes())
}

fn invalid_graph(detail: &str, mistakes: &[Mistake]) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        codes::INVALID_GRAPH,
        "The graph has mistakes; the one in force stays",
    )
    .with_detail(detail)
    .with("mistakes", json!(mistakes))
}
