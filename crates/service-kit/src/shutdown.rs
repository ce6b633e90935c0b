//! The graceful stop: every task has a name, and none is left behind.

use crate::exit;
use std::{
    collections::BTreeMap,
    error::Error,
    process::ExitCode,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Starts the tasks of a program and stops them: on a signal, or when one of them fails.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    token: CancellationToken,
    tasks: TaskTracker,
    failed: OnceLock<&'static str>,
    alive: Mutex<BTreeMap<&'static str, usize>>,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Clean,
    Failed(&'static str),
    Late(Vec<&'static str>),
    Impatient,
}

impl Shutdown {
    /// Starts a task. If it fails or panics, all others are asked to stop and the exit code is 1.
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let fuse = Fuse::light(name, self.clone());
        self.0.tasks.spawn(async move {
            match task.await {
                Ok(()) => fuse.disarm(),
                Err(error) => {
                    let error: &(dyn Error + 'static) = &*error;
                    tracing::error!(task = fuse.name, error, "task failed");
                }
            }
        });
    }

    /// Cancelled when the program is to stop; its clones and children can be given away.
    pub fn token(&self) -> CancellationToken {
        self.0.token.clone()
    }

    /// Whether the program is stopping.
    pub fn is_stopping(&self) -> bool {
        self.0.token.is_cancelled()
    }

    /// Asks everything to stop, as a signal does.
    pub fn stop(&self) {
        self.0.token.cancel();
    }

    /// Waits for SIGINT, SIGTERM, [`Shutdown::stop`] or a failed task, then gives the tasks `grace` to end.
    ///
    /// 0 after a clean stop; 1 after a failed task, or when tasks are still at work after the grace: those are
    /// named in the log and the process ends at once, as it does at a second signal.
    pub async fn run_until_stopped(&self, grace: Duration) -> ExitCode {
        let (Ok(interrupt), Ok(terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            tracing::error!("signals cannot be received");
            return ExitCode::from(exit::FAILURE);
        };
        match self.run_until(grace, Signals { interrupt, terminate }).await {
            End::Clean => {
                tracing::info!("stopped");
                ExitCode::from(exit::OK)
            }
            End::Failed(task) => {
                tracing::error!(task, "stopped, because the task {task} failed");
                ExitCode::from(exit::FAILURE)
            }
            End::Late(tasks) => {
                tracing::error!(
                    tasks = tasks.join(", "),
                    ?grace,
                    "still at work after the grace; leaving all the same"
                );
                quit()
            }
            End::Impatient => {
                tracing::warn!("a second signal: leaving at once");
                quit()
            }
        }
    }

    async fn run_until(&self, grace: Duration, mut signals: Signals) -> End {
        tokio::select! {
            name = signals.next() => tracing::info!(signal = name, "stopping"),
            () = self.0.token.cancelled() => {}
        }
        self.0.token.cancel();
        self.0.tasks.close();
        tokio::select! {
            () = self.0.tasks.wait() => {}
            _ = signals.next() => return End::Impatient,
            () = tokio::time::sleep(grace) => return End::Late(self.names_alive()),
        }
        match self.0.failed.get() {
            Some(task) => End::Failed(task),
            None => End::Clean,
        }
    }

    fn names_alive(&self) -> Vec<&'static str> {
        let alive = self.0.alive.lock().unwrap_or_else(PoisonError::into_inner);
        alive.keys().copied().collect()
    }
}

/// Ends the process without waiting for blocking work, which could hold up a return from `main` for ever.
fn quit() -> ! {
    std::process::exit(i32::from(exit::FAILURE))
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// Burns when its task ends otherwise than well: notes the name and stops all.
struct Fuse {
    name: &'static str,
    of: Shutdown,
    lit: bool,
}

impl Fuse {
    fn light(name: &'static str, of: Shutdown) -> Self {
        *of.0
            .alive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(name)
            .or_default() += 1;
        Self { name, of, lit: true }
    }

    fn disarm(mut self) {
        self.lit = false;
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        let mut alive = self.of.0.alive.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = alive.get_mut(self.name) {
            *count -= 1;
            if *count == 0 {
                alive.remove(self.name);
            }
        }
        if self.lit {
            let _ = self.of.0.failed.set(self.name);
            self.of.0.token.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(5);

    fn signals() -> Signals {
        Signals {
            interrupt: signal(SignalKind::user_defined1()).unwrap(),
            terminate: signal(SignalKind::user_defined2()).unwrap(),
        }
    }

    #[tokio::test]
    async fn a_stop_lets_tasks_finish() {
        let shutdown = Shutdown::default();
        let token = shutdown.token();
        shutdown.spawn("patient", async move {
            token.cancelled().await;
            tokio::task::yield_now().await;
            Ok(())
        });
        shutdown.stop();
        assert_eq!(shutdown.run_until(GRACE, signals()).await, End::Clean);
    }

    #[tokio::test]
    async fn a_failed_task_stops_the_others_and_is_named() {
        let shutdown = Shutdown::default();
        let token = shutdown.token();
        shutdown.spawn("other", async move {
            token.cancelled().await;
            Ok(())
        });
        shutdown.spawn("broken", async { anyhow::bail!("no disk") });
        assert_eq!(shutdown.run_until(GRACE, signals()).await, End::Failed("broken"));
    }

    #[tokio::test]
    async fn a_panic_is_a_failure() {
        let shutdown = Shutdown::default();
        shutdown.spawn("bug", async { panic!("a bug") });
        assert_eq!(shutdown.run_until(GRACE, signals()).await, End::Failed("bug"));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_do_not_stop_are_named() {
        let shutdown = Shutdown::default();
        shutdown.spawn("stuck", std::future::pending());
        shutdown.spawn("quick", async { Ok(()) });
        shutdown.stop();
        assert_eq!(
            shutdown.run_until(GRACE, signals()).await,
            End::Late(vec!["stuck"])
        );
    }
}
