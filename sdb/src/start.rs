//! Putting the service together.

use crate::{
    Address, App, Args,
    keeper::{keep_house, sweep, watch_over},
    relay::Relay,
    status::Status,
    store::Store,
};
use anyhow::Context;
use domain::ServiceName;
use messaging::Bus;
use service_kit::{Health, ServiceInfo, Shutdown};
use std::net::SocketAddr;
use tokio::{net::TcpListener, sync::watch};

/// What the service is, in a sentence.
pub const DESCRIPTION: &str =
    "The mission database: imports and exports products, and announces them on data.sdb.";

/// How the service presents itself.
pub const INFO: ServiceInfo = ServiceInfo {
    name: "orchestra-sdb",
    version: env!("CARGO_PKG_VERSION"),
    description: DESCRIPTION,
};

/// Opens the store and starts everything; answers where it listens. NATS may be away: imports are taken all
/// the same, and announced when it is there.
pub async fn start(
    args: &Args,
    bus: Bus,
    listener: TcpListener,
    shutdown: &Shutdown,
) -> anyhow::Result<SocketAddr> {
    let listen = listener.local_addr()?;
    let address = address(args, listen);
    let (store, writer) = Store::open(&args.data_dir)
        .await
        .context("the store cannot be opened")?;
    let name: ServiceName = bus.name().clone();
    let app = App::new(store.clone(), address.clone(), args.max_body);
    let health = Health::default();
    let store_check = health.check("store");
    let (relay_trouble, relay_watch) = watch::channel(None);
    let relay = Relay {
        outbox: store.outbox(),
        source: store.feed_source(),
        feed: store.feed(),
        address,
        bus: bus.clone(),
        name: name.clone(),
        trouble: relay_trouble,
    };
    let status = Status {
        bus,
        name,
        clock: store.clock(),
        work: app.work(),
        outbox: store.outbox(),
        health: health.clone(),
        relay: relay_watch,
    };
    let spawn = |name, task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        shutdown.spawn(name, async {
            task.await;
            Ok(())
        });
    };
    spawn("writer", Box::pin(writer.run()));
    spawn("relay", Box::pin(relay.run(shutdown.token())));
    spawn("status", Box::pin(status.run(shutdown.token())));
    spawn("keeper", Box::pin(keep_house(store.clone(), shutdown.token())));
    spawn(
        "health",
        Box::pin(watch_over(store.clone(), store_check, shutdown.token())),
    );
    spawn("sweep", Box::pin(sweep(store, shutdown.token())));
    // The last holder of the store: when it has answered its last request, the writer ends.
    Ok(service_kit::serve(
        listener,
        app.router(),
        INFO,
        health,
        shutdown,
    )?)
}

fn address(args: &Args, listen: SocketAddr) -> Address {
    if let Some(url) = &args.public_url {
        return Address::new(url.as_str());
    }
    if listen.ip().is_unspecified() {
        tracing::warn!(%listen, "records will point to an address that nobody can call; give --public-url");
    }
    Address::new(&format!("http://{listen}"))
}
