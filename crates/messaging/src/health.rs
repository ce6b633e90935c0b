//! How the connection is, folded from the client's events.

use async_nats::Event;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// An equal error is logged again after this long at the earliest: a server that is down is tried
/// four times a second.
const REPEAT_LOG: Duration = Duration::from_secs(30);

/// How a connection to NATS is.
#[derive(Debug, Clone)]
pub struct Health {
    /// Whether there is a connection now.
    pub connected: bool,
    /// Since when it is so.
    pub since: Instant,
    /// How often it was made: rises with each reconnect, so a change means that something may have
    /// been missed in between.
    pub connections: u64,
    /// How often a subscription of this process was too slow and lost messages; a signal, not a count
    /// of messages.
    pub slow_consumer_events: u64,
    /// What the server or the client complained about last, permissions for example.
    pub last_error: Option<String>,
    /// How often something was complained about.
    pub(crate) complaints: u64,
    last_error_at: Option<Instant>,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self {
            connected: false,
            since: Instant::now(),
            connections: 0,
            slow_consumer_events: 0,
            last_error: None,
            complaints: 0,
            last_error_at: None,
        }
    }

    /// For how long there has been no connection.
    pub fn disconnected_for(&self) -> Option<Duration> {
        (!self.connected).then(|| self.since.elapsed())
    }

    /// Folds an event, and says whether it is worth a line in the log.
    fn fold(&mut self, event: &Event) -> bool {
        match event {
            Event::Connected => {
                self.connections += 1;
                self.turn(true);
                true
            }
            Event::Disconnected | Event::Closed => self.turn(false),
            Event::SlowConsumer(_) => {
                self.slow_consumer_events += 1;
                self.complain("a subscription of this service is too slow and loses messages".to_owned())
            }
            Event::ServerError(error) => self.complain(error.to_string()),
            Event::ClientError(error) => self.complain(error.to_string()),
            Event::LameDuckMode | Event::Draining => true,
        }
    }

    fn turn(&mut self, connected: bool) -> bool {
        let changed = self.connected != connected;
        if changed {
            self.connected = connected;
            self.since = Instant::now();
        }
        changed
    }

    fn complain(&mut self, error: String) -> bool {
        let news = self.last_error.as_ref() != Some(&error)
            || self.last_error_at.is_none_or(|at| at.elapsed() > REPEAT_LOG);
        if news {
            self.last_error_at = Some(Instant::now());
        }
        self.complaints += 1;
        self.last_error = Some(error);
        news
    }
}

/// Takes an event of the client into the watched health, and logs it.
pub(crate) fn observe(health: &watch::Sender<Health>, event: &Event) {
    let mut news = false;
    health.send_modify(|health| news = health.fold(event));
    match event {
        // Nobody but ourselves closes it.
        Event::Connected | Event::Draining | Event::Closed => tracing::info!(%event, "NATS"),
        _ if news => tracing::warn!(%event, "NATS"),
        Event::Disconnected
        | Event::LameDuckMode
        | Event::SlowConsumer(_)
        | Event::ServerError(_)
        | Event::ClientError(_) => tracing::debug!(%event, "NATS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_nats::{ClientError, ServerError};

    #[test]
    fn each_reconnect_is_counted() {
        let mut health = Health::new();
        for event in [Event::Connected, Event::Disconnected, Event::Connected] {
            health.fold(&event);
        }
        assert_eq!((health.connected, health.connections), (true, 2));
        assert_eq!(health.disconnected_for(), None);
    }

    #[test]
    fn the_same_complaint_is_logged_once() {
        let mut health = Health::new();
        let down = Event::ClientError(ClientError::Other("refused".to_owned()));
        assert!(health.fold(&down));
        assert!(!health.fold(&down));
        assert!(health.fold(&Event::ServerError(ServerError::Other(
            "Permissions Violation".to_owned()
        ))));
        assert!(
            health
                .last_error
                .is_some_and(|error| error.contains("Permissions Violation"))
        );
    }
}
