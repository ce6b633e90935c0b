//! One program of the stage and, while it runs, its process.

use crate::StageError;
use crate::output::Output;
use crate::port::in_use;
use crate::process::Ending;
use crate::program::Program;
use crate::report::{Report, State};
use rustix::process::{Pid, Signal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{mpsc, watch};

/// One program and, while it runs, its process.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) program: Program,
    pub(crate) output: Output,
    pub(crate) life: watch::Sender<Life>,
    /// Held while the program is being started, so that two starts at once are one.
    pub(crate) starting: tokio::sync::Mutex<()>,
    /// What the program gets on top of our environment at its next start.
    pub(crate) env: Mutex<Vec<(String, String)>>,
    /// The group of the running process and the way to signal it.
    pub(crate) running: Mutex<Option<(Pid, mpsc::Sender<Signal>)>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) state: State,
    pub(crate) since: Instant,
    pub(crate) ending: Option<Ending>,
    pub(crate) starts: u32,
}

impl Part {
    pub(crate) fn new(program: Program, output: Output) -> Self {
        let life = Life {
            state: State::Waiting,
            since: Instant::now(),
            ending: None,
            starts: 0,
        };
        Self {
            env: Mutex::new(program.env.clone()),
            program,
            output,
            life: watch::Sender::new(life),
            starting: tokio::sync::Mutex::new(()),
            running: Mutex::new(None),
        }
    }

    pub(crate) fn check_port(&self) -> Result<(), StageError> {
        if !in_use(self.program.listen) {
            return Ok(());
        }
        Err(StageError::PortInUse {
            port: self.program.listen.port(),
            program: self.program.name.clone(),
            flag: self.program.port_flag,
        })
    }

    /// Signals the process, if there is one, and waits until it is gone.
    pub(crate) async fn end(&self, signal: Signal) {
        let orders = self.running().as_ref().map(|(_, orders)| orders.clone());
        let Some(orders) = orders else { return };
        // It may be gone this instant: then there is nothing to wait for either.
        orders.send(signal).await.ok();
        let mut life = self.life.subscribe();
        life.wait_for(|life| life.ending.is_some()).await.ok();
    }

    pub(crate) fn change(&self, state: State, ending: Option<Ending>) {
        self.life.send_modify(|life| {
            life.state = state;
            life.since = Instant::now();
            life.ending = ending;
        });
    }

    pub(crate) fn report(&self) -> Report {
        let life = self.life.borrow().clone();
        Report {
            name: self.program.name.clone(),
            pid: self.running().as_ref().map(|(group, _)| number(*group)),
            state: life.state,
            ending: life.ending.map(|ending| ending.to_string()),
            url: self.program.url(),
            seconds: life.since.elapsed().as_secs(),
            restarts: life.starts.saturating_sub(1),
        }
    }

    pub(crate) fn env(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.env.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn running(&self) -> MutexGuard<'_, Option<(Pid, mpsc::Sender<Signal>)>> {
        // Only assigned to under this lock: a panic elsewhere leaves it whole.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn number(pid: Pid) -> u32 {
    pid.as_raw_nonzero().get().unsigned_abs()
}
