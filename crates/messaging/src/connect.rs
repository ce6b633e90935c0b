//! What a connection needs to know, and how it behaves when the server is gone.

use crate::health::{Health, observe};
use crate::server::Unfit;
use async_nats::{ConnectOptions, ServerAddr};
use domain::ServiceName;
use std::time::Duration;
use tokio::sync::watch;

/// A dead peer is noticed after two of these.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// One attempt to connect; the next server, or the same one again, comes after it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest pause between two attempts: a server that is back is found in a quarter of a second.
const MAX_RECONNECT_DELAY: Duration = Duration::from_millis(250);
/// 2^8 ms exceed the longest pause.
const MAX_RECONNECT_EXPONENT: usize = 8;
/// What a subscription may hold before it loses the newest: a second and a half at the rate that this
/// crate is made for, some megabytes.
const SUBSCRIPTION_CAPACITY: usize = 16_384;

/// How to connect; made with [`BusOptions::new`].
#[derive(Debug, Clone)]
pub struct BusOptions {
    servers: Vec<String>,
    name: ServiceName,
    subscription_capacity: usize,
    echo: bool,
}

impl BusOptions {
    /// The servers' URLs (each text may hold several, with commas) and the name of the service that
    /// connects, which the server shows to its operator. A user and password in the first URL that has
    /// them, `nats://user:password@host`, go to every server.
    pub fn new<S: AsRef<str>>(servers: impl IntoIterator<Item = S>, name: ServiceName) -> Self {
        let servers = servers
            .into_iter()
            .flat_map(|list| {
                list.as_ref()
                    .split(',')
                    .map(|url| url.trim().to_owned())
                    .collect::<Vec<_>>()
            })
            .filter(|url| !url.is_empty())
            .collect();
        Self {
            servers,
            name,
            subscription_capacity: SUBSCRIPTION_CAPACITY,
            echo: true,
        }
    }

    /// How many messages a subscription may hold before it loses the newest and says so.
    #[must_use]
    pub fn subscription_capacity(mut self, messages: usize) -> Self {
        self.subscription_capacity = messages;
        self
    }

    /// Subscriptions of this connection do not hear what it says itself: who says much on `activity.*` and listens
    /// there to the others need not be sent and read it all. What a stream delivers is no echo.
    #[must_use]
    pub fn without_echo(mut self) -> Self {
        self.echo = false;
        self
    }

    pub(crate) fn name(&self) -> &ServiceName {
        &self.name
    }

    /// A client that tries for ever, in the background.
    pub(crate) async fn connect(&self) -> Result<(async_nats::Client, watch::Sender<Health>), ConnectError> {
        if self.servers.is_empty() {
            return Err(ConnectError::NoServer);
        }
        let servers = self
            .servers
            .iter()
            .map(|url| parse(url))
            .collect::<Result<Vec<_>, _>>()?;
        let health = watch::Sender::new(Health::new());
        let observed = health.clone();
        // The client itself overlooks the user in a URL.
        let user = servers
            .iter()
            .find_map(|server| Some((server.username()?.to_owned(), server.password()?.to_owned())));
        let client = match user {
            Some((user, password)) => ConnectOptions::with_user_and_password(user, password),
            None => ConnectOptions::new(),
        };
        let client = if self.echo { client } else { client.no_echo() };
        let client = client
            .name(&self.name)
            // Own inboxes, so that an account can be limited to them.
            .custom_inbox_prefix(format!("_INBOX_{}", self.name))
            .ping_interval(PING_INTERVAL)
            .connection_timeout(CONNECT_TIMEOUT)
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(reconnect_delay)
            .subscription_capacity(self.subscription_capacity)
            .event_callback(move |event| {
                observe(&observed, &event);
                std::future::ready(())
            })
            .connect(servers)
            .await
            .map_err(|error| ConnectError::Client(error.to_string()))?;
        Ok((client, health))
    }
}

/// Why a connection cannot be used, however long one waits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No URL at all.
    #[error("no NATS server is given; an example is nats://127.0.0.1:4222")]
    NoServer,
    /// A URL that is none.
    #[error("{url:?} is no URL of a NATS server ({reason}); an example is nats://127.0.0.1:4222")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The client could not be made.
    #[error("the NATS client could not be started: {0}")]
    Client(String),
    /// The server is there but cannot do what is needed.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

fn parse(url: &str) -> Result<ServerAddr, ConnectError> {
    url.parse().map_err(|error: std::io::Error| ConnectError::Url {
        url: url.to_owned(),
        reason: error.to_string(),
    })
}

/// min(2^n ms, 250 ms), and up to a quarter more, so that the services of one machine do not come back
/// in step.
fn reconnect_delay(attempts: usize) -> Duration {
    if attempts <= 1 {
        return Duration::ZERO;
    }
    let delay = Duration::from_millis(1 << attempts.min(MAX_RECONNECT_EXPONENT)).min(MAX_RECONNECT_DELAY);
    delay + delay.mul_f64(rand::random_range(0.0..0.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_servers_are_taken_apart() {
        let options = BusOptions::new(["nats://a:1, nats://b:2", "c"], "x".parse().unwrap());
        assert_eq!(options.servers, ["nats://a:1", "nats://b:2", "c"]);
    }

    #[tokio::test]
    async fn a_wrong_url_is_named() {
        let refused = async |urls: &[&str]| {
            let options = BusOptions::new(urls, "x".parse().unwrap());
            options.connect().await.unwrap_err().to_string()
        };
        assert!(refused(&[]).await.starts_with("no NATS server is given"));
        let error = refused(&["nats://a:1", "http://b"]).await;
        assert!(
            error.starts_with(r#""http://b" is no URL of a NATS server"#),
            "{error}"
        );
    }

    #[test]
    fn the_pause_grows_to_a_quarter_of_a_second() {
        assert_eq!(reconnect_delay(1), Duration::ZERO);
        assert!(reconnect_delay(3) >= Duration::from_millis(8));
        for attempts in [8, 100, usize::MAX] {
            let delay = reconnect_delay(attempts);
            assert!(
                delay >= Duration::from_millis(250) && delay < Duration::from_millis(313),
                "{delay:?}"
            );
        }
    }
}
