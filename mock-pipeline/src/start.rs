//! Puts the parts together.

use crate::{
    Args, Mock, least,
    misbehaviour::MisbehaviourOf,
    providers::{Announcements, announced},
    refuse::refuse,
};
use api::{Http, SdbClient};
use axum::{extract::Request, middleware::Next};
use pipeline_bricks::Host;
use service_kit::{Health, ServiceInfo, Shutdown};
use std::{net::SocketAddr, sync::Arc};
use utoipa_axum::router::OpenApiRouter;

const INFO: ServiceInfo = ServiceInfo {
    name: "mock-pipeline",
    version: env!("CARGO_PKG_VERSION"),
    description: "Any product of any provider, in one to five seconds, failing with a probability.",
};

/// Starts the service and says where it listens.
///
/// # Errors
/// A wrong graph ([`GraphFault`](crate::GraphFault)), a state directory in use, an address in use.
pub async fn start(args: &Args, shutdown: &Shutdown) -> anyhow::Result<SocketAddr> {
    let announced = announced(args)?;
    let listener = args.service.bind().await?;
    let health = Health::default();
    let router = if args.least {
        tracing::info!("serving any provider, as the least pipeline there can be");
        let sdb = SdbClient::new(Http::new(), args.host.sdb.clone());
        least::routes(sdb, args.fate(), args.host.workers, shutdown.clone())
    } else {
        host(args, announced, &health, shutdown).await?
    };
    let address = service_kit::serve(listener, router, INFO, health, shutdown)?;
    args.service.tell_ready(address)?;
    Ok(address)
}

async fn host(
    args: &Args,
    announced: Announcements,
    health: &Health,
    shutdown: &Shutdown,
) -> anyhow::Result<OpenApiRouter> {
    let (fate, misbehaviours): (_, Arc<[MisbehaviourOf]>) = (args.fate(), args.misbehave.clone().into());
    let mut host = Host::new(&args.host, INFO.version, health, shutdown).await?;
    let providers: Vec<_> = announced.keys().map(ToString::to_string).collect();
    for (provider, products) in announced {
        host.add(&provider, Mock::new(products, fate, Arc::clone(&misbehaviours)))?;
    }
    let for_any = Arc::clone(&misbehaviours);
    host.add_any(move |_| Some(Mock::new(None, fate, Arc::clone(&for_any))))?;
    match providers.as_slice() {
        [] => tracing::info!(sdb = %args.host.sdb, "serving any provider"),
        named => tracing::info!(sdb = %args.host.sdb, "serving {} and any other provider", named.join(", ")),
    }
    let router = host.start();
    if misbehaviours.is_empty() {
        return Ok(router);
    }
    for misbehaviour in misbehaviours.iter() {
        tracing::warn!("misbehaving: {misbehaviour}");
    }
    let guard = move |request: Request, next: Next| refuse(Arc::clone(&misbehaviours), request, next);
    Ok(router.layer(axum::middleware::from_fn(guard)))
}
