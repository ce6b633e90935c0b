//! The NATS service protocol: `nats micro ls` lists the orchestra.

use crate::bus::Bus;
use async_nats::service::{Service, ServiceExt};
use std::fmt;

/// Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` until it is stopped or the connection ends.
pub struct Micro {
    service: Service,
}

impl fmt::Debug for Micro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Micro").finish_non_exhaustive()
    }
}

/// Why the service is not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the service {name} {version} cannot be listed in NATS: {reason}")]
pub struct MicroError {
    name: String,
    version: String,
    reason: String,
}

impl Bus {
    /// Lists this process as a service of NATS; it has no endpoints there, its routes are REST.
    ///
    /// # Errors
    /// A version that is not semantic, a name that is none.
    pub async fn serve_micro(
        &self,
        name: &str,
        version: &str,
        description: &str,
    ) -> Result<Micro, MicroError> {
        let service = self
            .client()
            .service_builder()
            .description(description)
            .start(name, version)
            .await;
        match service {
            Ok(service) => Ok(Micro { service }),
            Err(error) => Err(MicroError {
                name: name.to_owned(),
                version: version.to_owned(),
                reason: error.to_string(),
            }),
        }
    }
}

impl Micro {
    /// Takes the service off the list; for an orderly stop.
    pub async fn stop(self) {
        if let Err(error) = self.service.stop().await {
            tracing::debug!(error, "the NATS service was not stopped in order");
        }
    }
}
