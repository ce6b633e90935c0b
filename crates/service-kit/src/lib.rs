//! What every program needs: arguments, telemetry, health, metrics, problems, graceful stop.
//!
//! The life of a program fits one screen:
//!
//! ```no_run
//! # use clap::Parser;
//! # use service_kit::{Health, ServiceArgs, ServiceInfo, Shutdown};
//! # use std::{process::ExitCode, time::Duration};
//! #[derive(Parser)]
//! struct Args {
//!     #[command(flatten)]
//!     service: ServiceArgs<5001>,
//! }
//!
//! #[tokio::main]
//! async fn main() -> anyhow::Result<ExitCode> {
//!     let args = Args::parse();
//!     service_kit::telemetry::init(&args.service.log)?;
//!     let (shutdown, health) = (Shutdown::default(), Health::default());
//!     let listener = args.service.bind().await?;
//!     let info = ServiceInfo { name: "example", version: env!("CARGO_PKG_VERSION"), description: "An example." };
//!     let router = utoipa_axum::router::OpenApiRouter::new();
//!     let address = service_kit::serve(listener, router, info, health, &shutdown)?;
//!     args.service.tell_ready(address)?;
//!     Ok(shutdown.run_until_stopped(Duration::from_secs(10)).await)
//! }
//! ```
//!
//! Nothing here knows a word of the orchestra: no domain type, no NATS, no product.

mod args;
mod clock;
pub mod crash;
pub mod exit;
mod extract;
mod health;
mod in_full;
mod metrics;
mod openapi;
mod page;
mod problem;
mod process;
mod serve;
mod shutdown;
pub mod telemetry;
mod trace_parent;

pub use args::{ArgsError, LogArgs, LogFormat, ServiceArgs};
pub use clock::{Clock, WALL_IS_OFF};
pub use extract::{ApiBytes, ApiJson, ApiPath, ApiQuery, Operator};
pub use health::{Check, Health, HealthWatch};
pub use in_full::in_full;
pub use page::{Items, Page};
pub use problem::Problem;
pub use serve::{ServiceInfo, assemble, serve};
pub use shutdown::Shutdown;
pub use trace_parent::{TraceParent, TraceParentError};
