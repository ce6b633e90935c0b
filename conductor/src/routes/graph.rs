//! The graph as it is in force.

use super::App;
use crate::graph_file::GraphFile;
use api::conductor::{GraphProduct, GraphView};
use axum::http::header::ETAG;
use axum::response::IntoResponse;
use axum::{Json, extract::State};
use domain::ProductName;
use product_graph::{NodeId, ProductGraph};

/// Read the graph
#[utoipa::path(
    get, path = "/graph", tag = "graph",
    responses((status = 200, description = "The graph, and the document that it was read from", body = GraphView,
        headers(("ETag" = String, description = "Its checksum, for the `If-Match` of a `PUT`"))))
)]
pub(super) async fn graph(State(app): State<App>) -> impl IntoResponse {
    let GraphFile {
        graph,
        document,
        sha256,
        loaded_at,
        signature,
        ..
    } = &*app.graph;
    let signature = signature.as_ref();
    let product = |id| product(graph, &app, id);
    let view = GraphView {
        sha256: *sha256,
        loaded_at: *loaded_at,
        by: signature.map(|signature| signature.by.clone()),
        note: signature.and_then(|signature| signature.note.clone()),
        inputs: inputs(graph, document),
        products: graph.products().filter_map(product).collect(),
        document: document.clone(),
    };
    ([(ETAG, format!("\"{sha256}\""))], Json(view))
}

/// The inputs as the document lists them: the graph itself has them by name.
fn inputs(graph: &ProductGraph, document: &serde_json::Value) -> Vec<ProductName> {
    let listed = document["inputs"].as_array().into_iter().flatten();
    let named = listed.filter_map(|name| name.as_str()?.parse().ok());
    named.filter(|name| graph.id(name).is_some()).collect()
}

fn product(graph: &ProductGraph, app: &App, id: NodeId) -> Option<GraphProduct> {
    let recipe = graph.recipe(id)?;
    let name = graph.name(id);
    let names = |ids: &[NodeId]| ids.iter().map(|id| graph.name(*id).clone()).collect();
    Some(GraphProduct {
        product: name.clone(),
        m_input: names(&recipe.mandatory),
        o_input: names(&recipe.optional),
        provider: recipe.provider.clone(),
        url: app.targets.of(name).unwrap_or(&recipe.url).to_string(),
        group: recipe.group().to_owned(),
        level: graph.level(id),
        expected: app.timing().of_product(name),
        description: recipe.description.clone(),
    })
}
