//! A process that serves one or several providers.

use crate::{
    HostArgs, Limits, Pipeline,
    archive::Archive,
    duty,
    registry::Registry,
    routes::{Site, routes},
    station::Tools,
    voice::{Voice, speak},
};
use api::Http;
use domain::{ProviderName, ServiceName};
use messaging::{Bus, BusOptions, ConnectError};
use service_kit::{Clock, Health, Shutdown};
use smol_str::SmolStr;
use std::{
    fs::{File, TryLockError},
    ops::RangeFrom,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::{
    RefOr, Required,
    path::{ParameterBuilder, ParameterIn},
};
use utoipa_axum::router::OpenApiRouter;

/// Makes pipelines a service: give it pipelines, then [`Host::start`] it and serve its router.
///
/// ```no_run
/// # use pipeline_bricks::{Function, Host, HostArgs, Product};
/// # use service_kit::{Health, Shutdown};
/// # async fn example(args: HostArgs, health: Health, shutdown: Shutdown) -> anyhow::Result<()> {
/// let mut host = Host::new(&args, "1.0.0", &health, &shutdown).await?;
/// let pipeline = Function::new("QPO_ECL".parse()?, "1.0.0", async |_task| Product::json(&"a periodogram"));
/// host.add(&"qpo_ecl_pipeline".parse()?, pipeline)?;
/// host.mount("/pipeline", &"qpo_ecl_pipeline".parse()?)?;
/// let router = host.start();
/// # Ok(()) }
/// ```
pub struct Host {
    registry: Registry,
    mounts: Vec<(String, ProviderName)>,
    duty: duty::Duty,
    /// Held while the process lives: two processes in one state directory would spoil it.
    lock: Option<File>,
}

/// Why a process cannot serve pipelines.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The state directory cannot be used.
    #[error("the state directory {} cannot be used", path.display())]
    StateDir {
        /// As given by `--state-dir`.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process uses the state directory.
    #[error("another process uses the state directory {}; give each its own with --state-dir", .0.display())]
    StateDirInUse(PathBuf),
    /// The NATS servers cannot be used.
    #[error("--nats")]
    Nats(#[from] ConnectError),
    /// A base path for a provider that was not added.
    #[error("{0} is to be served at a path, but no pipeline was added for it")]
    UnknownProvider(ProviderName),
}

impl Host {
    /// A host without pipelines: opens the state directory and starts to connect to NATS, which it does not
    /// wait for. `version` is that of the program.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn new(
        args: &HostArgs,
        version: &str,
        health: &Health,
        shutdown: &Shutdown,
    ) -> Result<Self, HostError> {
        let lock = args.state_dir.as_deref().map(take).transpose()?;
        let journal_check = health.check("journal");
        journal_check.ok();
        let closing = CancellationToken::new();
        let (voice, bus) = if args.nats.is_empty() {
            (Voice::silent(), None)
        } else {
            let bus = Bus::open(BusOptions::new(&args.nats, connection_name())).await?;
            let (voice, words) = Voice::new();
            shutdown.spawn("voice", speak(bus.clone(), words, closing.clone()));
            (voice, Some(bus))
        };
        let tools = Arc::new(Tools {
            archive: Archive::new(Http::new(), args.sdb.clone()),
            voice,
            clock: Clock::start(None),
            shutdown: shutdown.clone(),
            instance: SmolStr::from(&uuid::Uuid::now_v7().simple().to_string()[INSTANCE]),
            version: version.into(),
            health: health.clone(),
            journal_check,
            changed: Notify::new(),
        });
        let limits = Limits {
            workers: args.workers,
            queue: args.queue,
        };
        Ok(Self {
            registry: Registry::new(limits, args.state_dir.clone(), tools),
            mounts: Vec::new(),
            duty: duty::Duty {
                bus,
                closing,
                drain: args.drain,
            },
            lock,
        })
    }

    /// Serves a provider under `/{provider}`.
    ///
    /// # Errors
    /// [`HostError::StateDir`] if its journal cannot be read.
    pub fn add(&mut self, provider: &ProviderName, pipeline: impl Pipeline) -> Result<(), HostError> {
        match self.registry.open(provider, Box::new(pipeline)) {
            Ok(_) => Ok(()),
            Err(source) => Err(self.state_dir_error(source)),
        }
    }

    /// Serves the provider under another base path too: `/pipeline`, or the root by an empty one.
    ///
    /// # Errors
    /// [`HostError::UnknownProvider`] if it was not added before.
    pub fn mount(&mut self, base: &str, provider: &ProviderName) -> Result<(), HostError> {
        if !self
            .registry
            .all()
            .iter()
            .any(|station| station.provider == *provider)
        {
            return Err(HostError::UnknownProvider(provider.clone()));
        }
        self.mounts
            .push((base.trim_end_matches('/').to_owned(), provider.clone()));
        Ok(())
    }

    /// Serves any other provider as well, from its first request on; those that have a journal at once.
    ///
    /// # Errors
    /// [`HostError::StateDir`] if a journal cannot be read.
    pub fn add_any<P: Pipeline>(
        &mut self,
        make: impl Fn(&ProviderName) -> Option<P> + Send + Sync + 'static,
    ) -> Result<(), HostError> {
        self.registry
            .set_factory(Box::new(move |provider| Some(Box::new(make(provider)?))));
        let Some(directory) = self.registry.state_dir() else {
            return Ok(());
        };
        let opened = journals(directory).and_then(|providers| {
            providers
                .iter()
                .try_for_each(|provider| self.registry.find(provider).map(drop))
        });
        opened.map_err(|source| self.state_dir_error(source))
    }

    /// Starts the providers' duties (status, orderly stop) and gives the routes to serve.
    pub fn start(self) -> OpenApiRouter {
        let registry = Arc::new(self.registry);
        let tools = Arc::clone(registry.tools());
        let duty = duty::run(self.duty, Arc::clone(&registry), self.lock);
        tools.shutdown.spawn("providers", duty);
        let mut router =
            named(OpenApiRouter::new().nest("/{provider}", routes(Site::Named(Arc::clone(&registry)))));
        let stations = registry.all();
        for (base, provider) in &self.mounts {
            let Some(station) = stations.iter().find(|station| station.provider == *provider) else {
                continue;
            };
            let below = routes(Site::Of(Arc::clone(station)));
            router = if base.is_empty() {
                router.merge(below)
            } else {
                router.nest(base, below)
            };
        }
        router
    }

    fn state_dir_error(&self, source: std::io::Error) -> HostError {
        let path = self.registry.state_dir().unwrap_or(Path::new("")).to_owned();
        HostError::StateDir { path, source }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("providers", &self.registry.names())
            .finish_non_exhaustive()
    }
}

/// The random end of a uuid: enough to tell the processes of one provider apart.
const INSTANCE: RangeFrom<usize> = 24..;

/// The name of the connection to NATS, which its operator sees.
fn connection_name() -> ServiceName {
    "pipelines".parse().expect("a name that is one")
}

/// Makes the directory and locks it until the process ends, however it ends.
fn take(directory: &Path) -> Result<File, HostError> {
    let failed = |source| HostError::StateDir {
        path: directory.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(failed)?;
    let lock = File::create(directory.join("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(HostError::StateDirInUse(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The providers that have a journal.
fn journals(directory: &Path) -> std::io::Result<Vec<ProviderName>> {
    let mut providers = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".jsonl"));
        providers.extend(stem.and_then(|stem| stem.parse().ok()));
    }
    Ok(providers)
}

/// Declares the path parameter `provider`, which the nested routes do not know.
fn named(mut router: OpenApiRouter) -> OpenApiRouter {
    let parameter = ParameterBuilder::new()
        .name("provider")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The pipeline service"))
        .schema(Some(<ProviderName as utoipa::PartialSchema>::schema()))
        .build();
    for item in router.get_openapi_mut().paths.paths.values_mut() {
        item.parameters
            .get_or_insert_default()
            .push(RefOr::T(parameter.clone()));
    }
    router
}
