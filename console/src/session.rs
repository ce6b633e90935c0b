//! Who asks, and whom.

use crate::args::{ScreenArgs, With};
use crate::{fail, link};
use anyhow::{Context as _, bail};
use api::{ApiError, ConductorClient, Http, SdbClient};
use messaging::{Bus, BusOptions};
use std::time::Duration;
use tokio::time::timeout;

/// A server on the other side of the world answers in less; one that is not there should not hold up a shell.
const NATS_TIMEOUT: Duration = Duration::from_secs(3);

/// The connections of one call of the console, each made when it is needed.
#[derive(Debug)]
pub(crate) struct Session {
    with: With,
}

impl Session {
    pub(crate) fn new(with: With) -> Self {
        Self { with }
    }

    /// The conductor, told who acts.
    pub(crate) fn conductor(&self) -> anyhow::Result<ConductorClient> {
        let http = Http::new().acting_as(&self.operator())?;
        Ok(ConductorClient::new(http, self.with.conductor.clone()))
    }

    /// Says what an error of the conductor's means.
    pub(crate) fn explain(&self, error: ApiError) -> anyhow::Error {
        fail::CONDUCTOR.explain(error, &self.with.conductor)
    }

    /// The mission database.
    pub(crate) fn sdb(&self) -> SdbClient {
        SdbClient::new(Http::new(), self.with.sdb.clone())
    }

    /// Says what an error of the mission database's means.
    pub(crate) fn explain_sdb(&self, error: ApiError) -> anyhow::Error {
        fail::SDB.explain(error, &self.with.sdb)
    }

    /// A connection to NATS that is there.
    pub(crate) async fn bus(&self) -> anyhow::Result<Bus> {
        let name = "console".parse().context("our own name")?;
        let bus = Bus::open(BusOptions::new([&self.with.nats], name)).await?;
        match timeout(NATS_TIMEOUT, bus.check_server()).await {
            Ok(checked) => checked?,
            Err(_) => bail!(
                "NATS does not answer at {}; is it running? (just status)",
                self.with.nats
            ),
        }
        Ok(bus)
    }

    /// Where things are, and who acts, for the screen.
    pub(crate) fn link(&self, args: &ScreenArgs) -> link::Settings {
        link::Settings {
            nats: self.with.nats.clone(),
            conductor: self.with.conductor.clone(),
            sdb: self.with.sdb.clone(),
            operator: self.operator(),
            record: args.record.clone(),
        }
    }

    /// Who acts: as was said, else the login.
    pub(crate) fn operator(&self) -> String {
        let login = || {
            ["USER", "LOGNAME"]
                .iter()
                .find_map(|name| std::env::var(name).ok())
                .filter(|login| !login.is_empty())
        };
        self.with
            .operator
            .clone()
            .or_else(login)
            .unwrap_or_else(|| "console".to_owned())
    }
}
