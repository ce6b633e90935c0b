//! `/openapi.json` and `/docs`: Swagger UI from inside the binary, so it needs no network.

use crate::{Problem, ServiceInfo};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use std::sync::Arc;
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_swagger_ui::Config;

const DOCUMENT: &str = "/openapi.json";

/// The routes of the document and its reader.
pub(crate) fn routes(mut document: OpenApi, info: &ServiceInfo) -> Router {
    document.info = InfoBuilder::new()
        .title(info.name)
        .version(info.version)
        .description(Some(info.description))
        .build();
    let json = match document.to_json() {
        Ok(json) => Bytes::from(json),
        Err(error) => {
            tracing::error!(%error, "the OpenAPI document cannot be written");
            Bytes::new()
        }
    };
    let config = Arc::new(Config::from(DOCUMENT));
    let page = Arc::clone(&config);
    Router::new()
        .route(
            DOCUMENT,
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json) }),
        )
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(move || async move { file("index.html", page) }))
        .route(
            "/docs/{*file}",
            get(move |Path(name): Path<String>| async move { file(&name, config) }),
        )
}

fn file(name: &str, config: Arc<Config<'static>>) -> Response {
    match utoipa_swagger_ui::serve(name, config) {
        Ok(Some(file)) => {
            let mut response = Body::from(file.bytes.into_owned()).into_response();
            if let Ok(kind) = file.content_type.parse() {
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
            }
            if file.gzpipped {
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
            }
            response
        }
        Ok(None) => Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such page").into_response(),
        Err(error) => Problem::internal(anyhow::anyhow!(error.to_string())).into_response(),
    }
}
