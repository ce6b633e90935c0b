//! What watches: for what calls for a human, and whether the whole loop works.

use super::{House, StartError};
use crate::alerts::{Fingerprint, Lookout, Rounds, Watch};
use crate::args::Args;
use crate::canary::{self, Heard, Launch};
use crate::herald::Herald;
use crate::in_force::Graphs;
use crate::notify::{Ringer, Sink};
use crate::presence::Presence;
use anyhow::Context as _;
use api::{Http, WebhookClient};
use domain::ServiceName;
use std::net::SocketAddr;
use utoipa_axum::router::OpenApiRouter;

impl House {
    /// Starts what watches for what calls for a human, and what calls one.
    pub(super) fn watch(
        &self,
        args: &Args,
        http: &Http,
        (graphs, herald, presence): (&Graphs, &Herald, &Presence),
        sdb_name: &ServiceName,
    ) -> Lookout {
        let webhook = args.notify_webhook.clone();
        let webhook = webhook.map(|url| Sink::Webhook(WebhookClient::new(http.clone(), url)));
        let command = args.notify_command.clone().map(Sink::Command);
        let mut bells = Vec::new();
        for sink in webhook.into_iter().chain(command) {
            let (ringer, bell) = Ringer::new(sink, self.ledger.clone());
            self.shutdown.spawn("notify", ringer.run(self.shutdown.token()));
            bells.push(bell);
        }
        let (lookout, reports) = Lookout::open();
        let watch = Watch {
            reports,
            graphs: graphs.clone(),
            ledger: self.ledger.clone(),
            herald: herald.clone(),
            bells,
            clock: self.clock,
        };
        self.shutdown.spawn("watch", watch.run(self.shutdown.token()));
        let rounds = Rounds {
            lookout: lookout.clone(),
            graphs: graphs.clone(),
            presence: presence.clone(),
            bus: self.bus.clone(),
            sdb_name: sdb_name.clone(),
            ledger: args.ledger.clone(),
            clock: self.clock,
        };
        self.shutdown.spawn("rounds", rounds.run(self.shutdown.token()));
        lookout
    }

    /// Starts the canary, unless it is off; gives the routes of its pipeline.
    pub(super) async fn canary(
        &self,
        args: &Args,
        local: SocketAddr,
        sdb_name: ServiceName,
        http: Http,
        heard: Heard,
        lookout: Lookout,
    ) -> Result<OpenApiRouter, StartError> {
        let Some(every) = args.canary.every() else {
            // An alert of before would stand for ever.
            lookout.over(Fingerprint::of_canary());
            return Ok(OpenApiRouter::new());
        };
        let launch = Launch {
            every,
            local,
            sdb: args.sdb.clone(),
            sdb_name,
            http,
            bus: self.bus.clone(),
            ledger: self.ledger.clone(),
            heard,
            lookout,
            clock: self.clock,
            health: self.health.clone(),
            shutdown: self.shutdown.clone(),
        };
        let routes = launch.start().await.context("the canary's pipeline")?;
        // They are nobody's to call, so the description of the service is without them.
        Ok(OpenApiRouter::new().nest(canary::PATH, routes.into()))
    }
}
