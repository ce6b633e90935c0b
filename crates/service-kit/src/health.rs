//! Whether the service can do its work, check by check.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};
use tokio::sync::watch;

/// The checks of a service. It is ready if and only if all of them are well.
#[derive(Debug, Clone, Default)]
pub struct Health {
    checks: Arc<watch::Sender<Checks>>,
}

/// Each check with what is wrong, `None` if it is well.
type Checks = BTreeMap<&'static str, Option<Cow<'static, str>>>;

/// One check, held by whoever knows how that part is.
#[derive(Debug, Clone)]
pub struct Check {
    name: &'static str,
    checks: Arc<watch::Sender<Checks>>,
}

impl Health {
    /// Adds a check, which fails with `starting` until its holder says otherwise.
    pub fn check(&self, name: &'static str) -> Check {
        let check = Check {
            name,
            checks: Arc::clone(&self.checks),
        };
        check.failing("starting");
        check
    }

    /// Whether all checks are well.
    pub fn is_ready(&self) -> bool {
        self.checks.borrow().values().all(Option::is_none)
    }

    /// The checks that fail, each with its reason.
    pub fn failing(&self) -> Vec<(&'static str, String)> {
        let checks = self.checks.borrow();
        checks
            .iter()
            .filter_map(|(name, wrong)| Some((*name, wrong.as_ref()?.to_string())))
            .collect()
    }

    /// What is wrong in one line, empty if nothing is: the `detail` of a status message.
    pub fn detail(&self) -> String {
        let failing = self.failing();
        failing
            .iter()
            .map(|(name, reason)| format!("{name}: {reason}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// Tells of each change from now on.
    pub fn watch(&self) -> HealthWatch {
        HealthWatch {
            receiver: self.checks.subscribe(),
        }
    }

    pub(crate) fn all(&self) -> Vec<(&'static str, Option<String>)> {
        let checks = self.checks.borrow();
        checks
            .iter()
            .map(|(name, wrong)| (*name, wrong.as_ref().map(ToString::to_string)))
            .collect()
    }
}

/// Tells of changes, for those who publish the service's state at each.
#[derive(Debug)]
pub struct HealthWatch {
    receiver: watch::Receiver<Checks>,
}

impl HealthWatch {
    /// Waits until a check has changed since the last call; for ever if the [`Health`] is gone.
    pub async fn changed(&mut self) {
        if self.receiver.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Check {
    /// This part is well.
    pub fn ok(&self) {
        self.set(None);
    }

    /// This part is not well, and why.
    pub fn failing(&self, reason: impl Into<Cow<'static, str>>) {
        self.set(Some(reason.into()));
    }

    fn set(&self, wrong: Option<Cow<'static, str>>) {
        self.checks.send_if_modified(|checks| {
            let known = checks.get(self.name) == Some(&wrong);
            if !known {
                checks.insert(self.name, wrong);
            }
            !known
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_means_that_every_check_is_well() {
        let health = Health::default();
        assert!(
            health.is_ready(),
            "a service without checks has nothing that could be wrong"
        );
        let (nats, disk) = (health.check("nats"), health.check("disk"));
        nats.ok();
        assert_eq!(health.detail(), "disk: starting");
        disk.ok();
        assert!(health.is_ready());
        nats.failing("no server");
        assert_eq!(health.failing(), [("nats", "no server".to_owned())]);
    }

    #[tokio::test]
    async fn only_changes_are_told() {
        let health = Health::default();
        let check = health.check("disk");
        let mut watch = health.watch();
        check.failing("starting");
        assert!(!watch.receiver.has_changed().unwrap(), "nothing changed");
        check.ok();
        watch.changed().await;
    }
}
