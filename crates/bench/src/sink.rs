//! A pipeline that only notes when it is asked: the other end of every latency.

use anyhow::{Context as _, Result};
use api::pipeline::{ProcessingReply, ProcessingRequest};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use domain::{Attempt, ProcessingState, RunId};
use service_kit::Shutdown;
use std::future::IntoFuture as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// POSTs that may wait to be looked at: more than any section has under way.
const BACKLOG: usize = 1 << 16;

/// One POST.
#[derive(Debug)]
pub(crate) struct Hit {
    /// When its body was there.
    pub(crate) at: Instant,
    /// What it asks for.
    pub(crate) request: ProcessingRequest,
    /// The run as the sink calls it.
    pub(crate) run_id: RunId,
}

/// The pipeline. It runs as long as this lives.
#[derive(Debug)]
pub(crate) struct Sink {
    address: SocketAddr,
    hits: mpsc::Receiver<Hit>,
    shutdown: Shutdown,
}

struct Notes {
    hits: mpsc::Sender<Hit>,
    unnamed: AtomicU64,
}

impl Sink {
    /// Listens on a free port.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("the sink cannot listen")?;
        let address = listener.local_addr()?;
        let (sender, hits) = mpsc::channel(BACKLOG);
        let notes = Arc::new(Notes {
            hits: sender,
            unnamed: AtomicU64::new(0),
        });
        let router = Router::new()
            .route("/{provider}/processing", post(note))
            .with_state(notes);
        let shutdown = Shutdown::default();
        let token = shutdown.token();
        shutdown.spawn("sink", async move {
            let serving = axum::serve(listener, router).into_future();
            tokio::select! {
                served = serving => Ok(served?),
                () = token.cancelled() => Ok(()),
            }
        });
        Ok(Self {
            address,
            hits,
            shutdown,
        })
    }

    /// The base URL of a provider.
    pub(crate) fn url(&self, provider: &str) -> String {
        format!("http://{}/{provider}", self.address)
    }

    /// The next POST.
    pub(crate) async fn next(&mut self, within: Duration) -> Result<Hit> {
        let hit = timeout(within, self.hits.recv())
            .await
            .with_context(|| format!("no POST came within {within:?}"))?;
        hit.context("the sink has ended")
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.shutdown.stop();
    }
}

async fn note(
    State(notes): State<Arc<Notes>>,
    Json(request): Json<ProcessingRequest>,
) -> (StatusCode, Json<ProcessingReply>) {
    let at = Instant::now();
    let run_id = request.run_id.clone().unwrap_or_else(|| {
        let n = notes.unnamed.fetch_add(1, Ordering::Relaxed);
        format!("sink-{n}")
            .parse()
            .expect("letters, digits and a dash are a run_id")
    });
    let reply = ProcessingReply {
        run_id: run_id.clone(),
        product: request.product.clone(),
        obs_id: request.obs_id.clone(),
        state: ProcessingState::Accepted,
        attempt: request.attempt.unwrap_or(Attempt::FIRST),
    };
    // Full only if nobody measures any more.
    notes.hits.try_send(Hit { at, request, run_id }).ok();
    (StatusCode::ACCEPTED, Json(reply))
}
