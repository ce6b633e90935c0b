//! The providers of a process, by name; some come into being when they are first asked for.

use crate::{
    pipeline::Maker,
    runs::Limits,
    station::{Station, Tools},
};
use domain::ProviderName;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

/// The most providers of one process: each says its status every 5 s, and names cost nothing to invent.
const MAX_PROVIDERS: usize = 256;

/// Makes the pipeline of a provider that was not named beforehand; `None` if there is none of that name.
pub(crate) type Factory = Box<dyn Fn(&ProviderName) -> Option<Box<dyn Maker>> + Send + Sync>;

/// All providers.
pub(crate) struct Registry {
    stations: RwLock<BTreeMap<ProviderName, Arc<Station>>>,
    factory: Option<Factory>,
    limits: Limits,
    state_dir: Option<PathBuf>,
    tools: Arc<Tools>,
}

impl Registry {
    pub(crate) fn new(limits: Limits, state_dir: Option<PathBuf>, tools: Arc<Tools>) -> Self {
        Self {
            stations: RwLock::default(),
            factory: None,
            limits,
            state_dir,
            tools,
        }
    }

    pub(crate) fn set_factory(&mut self, factory: Factory) {
        self.factory = Some(factory);
    }

    pub(crate) fn tools(&self) -> &Arc<Tools> {
        &self.tools
    }

    pub(crate) fn state_dir(&self) -> Option<&Path> {
        self.state_dir.as_deref()
    }

    /// Opens a provider, or gives the one of that name that is open.
    pub(crate) fn open(
        &self,
        provider: &ProviderName,
        maker: Box<dyn Maker>,
    ) -> std::io::Result<Arc<Station>> {
        let mut stations = self.stations.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(station) = stations.get(provider) {
            return Ok(Arc::clone(station));
        }
        let tools = Arc::clone(&self.tools);
        let station = Station::open(provider.clone(), maker, self.limits, self.state_dir(), tools)?;
        stations.insert(provider.clone(), Arc::clone(&station));
        self.tools.changed.notify_one();
        Ok(station)
    }

    /// The provider of that name, if there is or can be one.
    pub(crate) fn find(&self, provider: &ProviderName) -> std::io::Result<Option<Arc<Station>>> {
        let known = {
            let stations = self.stations.read().unwrap_or_else(PoisonError::into_inner);
            if stations.len() >= MAX_PROVIDERS {
                return Ok(stations.get(provider).cloned());
            }
            stations.get(provider).cloned()
        };
        if known.is_some() {
            return Ok(known);
        }
        match self.factory.as_ref().and_then(|factory| factory(provider)) {
            Some(maker) => self.open(provider, maker).map(Some),
            None => Ok(None),
        }
    }

    /// The provider of that name as it is, or as it would be, without opening it.
    pub(crate) fn glance(&self, provider: &ProviderName) -> std::io::Result<Option<Arc<Station>>> {
        let known = {
            let stations = self.stations.read().unwrap_or_else(PoisonError::into_inner);
            stations.get(provider).cloned()
        };
        if known.is_some() {
            return Ok(known);
        }
        let Some(maker) = self.factory.as_ref().and_then(|factory| factory(provider)) else {
            return Ok(None);
        };
        let tools = Arc::clone(&self.tools);
        Station::open(provider.clone(), maker, self.limits, None, tools).map(Some)
    }

    /// All that are open.
    pub(crate) fn all(&self) -> Vec<Arc<Station>> {
        let stations = self.stations.read().unwrap_or_else(PoisonError::into_inner);
        stations.values().cloned().collect()
    }

    /// Their names, for a person.
    pub(crate) fn names(&self) -> String {
        let stations = self.stations.read().unwrap_or_else(PoisonError::into_inner);
        stations
            .keys()
            .map(ProviderName::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
