//! A screen without a terminal: it folds what comes, and asks for what the model lacks.

use console::link::{Commands, Linked, Settings, Tempo, start};
use console::model::{Link, Model, Peer};
use domain::{CellState, ObsId, ProductName};
use service_kit::Shutdown;
use stage::{CONDUCTOR, MOCK_PIPELINE, SDB};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use testkit::{Orchestra, OrchestraOptions, eventually};
use tokio::sync::{mpsc, watch};

pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// What one task of the console's would own.
#[derive(Debug)]
pub(crate) struct Screen {
    model: Arc<Mutex<Model>>,
    pub(crate) commands: Commands,
    is_asleep: watch::Sender<bool>,
    shutdown: Shutdown,
}

/// An orchestra whose pipelines make everything at once.
pub(crate) async fn orchestra(mock: &[&str]) -> Orchestra {
    let swift = ["--min-delay", "0s", "--max-delay", "0s", "--failure-rate", "0"];
    let options = OrchestraOptions::default().args(MOCK_PIPELINE, swift.iter().chain(mock));
    options.start().await
}

/// Where the services of an orchestra are, for somebody called Ada.
pub(crate) fn settings(orchestra: &Orchestra) -> Settings {
    Settings {
        nats: orchestra.nats_url(),
        conductor: orchestra.url(CONDUCTOR),
        sdb: orchestra.url(SDB),
        operator: "ada".to_owned(),
        record: None,
    }
}

impl Screen {
    pub(crate) async fn open(settings: Settings) -> Self {
        let shutdown = Shutdown::default();
        let linked = start(settings, &shutdown).await.unwrap();
        Self::of(linked, &shutdown)
    }

    pub(crate) fn of(linked: Linked, shutdown: &Shutdown) -> Self {
        let Linked {
            updates,
            commands,
            clock,
        } = linked;
        let model = Arc::new(Mutex::new(Model::new()));
        let (is_asleep, asleep) = watch::channel(false);
        let screen = Self {
            model: Arc::clone(&model),
            commands: commands.clone(),
            is_asleep,
            shutdown: shutdown.clone(),
        };
        shutdown.spawn("screen", drain(updates, model, commands, clock, asleep));
        screen
    }

    /// Takes nothing in, as a screen does whose terminal is stopped, or lets it go on.
    pub(crate) fn sleep(&self, is_asleep: bool) {
        self.is_asleep.send_replace(is_asleep);
    }

    /// Looks at the model.
    pub(crate) fn see<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.model.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until the model is so.
    #[track_caller]
    pub(crate) fn until(&self, mut look: impl FnMut(&Model) -> bool) -> impl Future<Output = ()> {
        eventually(DEADLINE, async move || self.see(&mut look))
    }

    pub(crate) async fn until_link(&self, peer: Peer, is_up: bool) {
        self.until(|model| {
            if is_up {
                model.links().to(peer).is_up()
            } else {
                Link::is_down(model.links().to(peer))
            }
        })
        .await;
    }

    /// Waits until a cell is so.
    pub(crate) async fn until_cell(&self, obs_id: &str, product: &str, state: CellState) {
        let cell = console::model::CellId {
            obs_id: obs_id.parse().unwrap(),
            product: product.parse().unwrap(),
        };
        self.until(|model| model.cell(&cell).is_some_and(|cell| cell.state() == state))
            .await;
    }

    /// Waits until the model knows exactly what the conductor knows.
    pub(crate) async fn until_agreed(&self, orchestra: &Orchestra) {
        let conductor = orchestra.conductor();
        eventually(DEADLINE, async || {
            let Ok(list) = conductor
                .observations(&api::conductor::ObservationQuery::default())
                .await
            else {
                return false;
            };
            let mut truth = BTreeMap::new();
            for item in list.items {
                let Ok(view) = conductor.observation(&item.obs_id).await else {
                    return false;
                };
                let there = view
                    .cells
                    .into_iter()
                    .filter(|cell| cell.state != CellState::NotExpected);
                truth.extend(there.map(|cell| ((item.obs_id.clone(), cell.product), (cell.rev, cell.state))));
            }
            !truth.is_empty() && self.see(known) == truth
        })
        .await;
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.shutdown.stop();
    }
}

/// The cells of a model that are there.
pub(crate) fn known(model: &Model) -> BTreeMap<(ObsId, ProductName), (u64, CellState)> {
    let cells = model.observations().flat_map(console::model::Observation::cells);
    let there = cells.filter(|cell| cell.state() != CellState::NotExpected);
    there
        .map(|cell| {
            let id = cell.id();
            ((id.obs_id, id.product), (cell.rev(), cell.state()))
        })
        .collect()
}

async fn drain(
    mut updates: mpsc::Receiver<console::model::Update>,
    model: Arc<Mutex<Model>>,
    commands: Commands,
    clock: Tempo,
    mut asleep: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut batch = Vec::new();
    loop {
        asleep.wait_for(|is_asleep| !is_asleep).await?;
        if updates.recv_many(&mut batch, 1024).await == 0 {
            return Ok(());
        }
        let mut model = model.lock().unwrap_or_else(PoisonError::into_inner);
        for update in batch.drain(..) {
            for obs_id in model.fold(clock.now(), update).wants {
                commands.want(obs_id);
            }
        }
        let _ = model.settle(clock.now());
    }
}
