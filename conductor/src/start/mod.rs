//! Putting the service together.

mod furnish;
mod house;
mod listen;
mod watch;

use crate::args::Args;
use house::House;
use service_kit::{Health, ServiceArgs, ServiceInfo, Shutdown};
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

/// How the service presents itself.
pub const INFO: ServiceInfo = ServiceInfo {
    name: "orchestra-conductor",
    version: env!("CARGO_PKG_VERSION"),
    description: "The conductor: decides what can be made now and by whom, and sees each run to its end.",
};

/// The name of the service on `activity.*`, and of its consumer of the stream `DATA`.
const NAME: &str = "conductor";

/// Why the service does not start, with all causes.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What it was told cannot be right: the graph, a flag.
    #[error("{0:#}")]
    Config(anyhow::Error),
    /// The port, the ledger, or another part of the machine.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

/// Opens the ledger and starts everything. NATS, the SDB and the pipelines may be away: what they miss is
/// caught up with.
///
/// # Errors
/// [`StartError`].
pub async fn start(args: &Args, shutdown: &Shutdown) -> Result<(), StartError> {
    let house = House::build(args, shutdown).await?;
    let listener = args.service.bind().await.map_err(anyhow::Error::new)?;
    let health = house.health.clone();
    let local = listener.local_addr().map_err(anyhow::Error::new)?;
    let router = house.furnish(args, local).await?;
    let address =
        service_kit::serve(listener, router, INFO, health.clone(), shutdown).map_err(anyhow::Error::new)?;
    tracing::info!(listen = %address, "listening; the rest is caught up with");
    shutdown.spawn(
        "ready",
        tell_ready(args.service.clone(), address, health, shutdown.token()),
    );
    Ok(())
}

/// Says that the service is ready when it is: with NATS, and with nothing left to catch up with.
async fn tell_ready(
    args: ServiceArgs<5002>,
    address: SocketAddr,
    health: Health,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut changes = health.watch();
    while !health.is_ready() {
        tokio::select! {
            () = changes.changed() => {}
            () = stop.cancelled() => return Ok(()),
        }
    }
    Ok(args.tell_ready(address)?)
}
