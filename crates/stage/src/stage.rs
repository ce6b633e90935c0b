//! The running orchestra.

use crate::StageError;
use crate::output::Output;
use crate::part::{Life, Part, number};
use crate::process::{Ending, ORDERS, Process, kill_group};
use crate::program::{Program, Readiness};
use crate::ready;
use crate::report::{Report, State};
use crate::screen::Screen;
use rustix::process::Signal;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// How many deaths may wait to be told; each program can die once before it is started again.
const DEATHS: usize = 64;

/// How a stage runs its programs.
#[derive(Debug, Clone)]
pub struct StageOptions {
    /// The `stage` binary, which ties each program's life to this process.
    pub launcher: PathBuf,
    /// Where logs and ready files go.
    pub var: PathBuf,
    /// Where the lines of the programs are shown, besides their logs.
    pub screen: Option<Screen>,
    /// How long a program has to become ready. It takes well below a second; a machine that also compiles
    /// or replays a large journal may need longer.
    pub ready_within: Duration,
    /// How long a program has to end after SIGTERM, before it is killed.
    pub stop_within: Duration,
}

impl StageOptions {
    /// The usual times, and no screen.
    pub fn new(launcher: impl Into<PathBuf>, var: impl Into<PathBuf>) -> Self {
        Self {
            launcher: launcher.into(),
            var: var.into(),
            screen: None,
            ready_within: Duration::from_mins(1),
            stop_within: Duration::from_secs(10),
        }
    }
}

/// A program that ended without being asked to.
#[derive(Debug, Clone)]
pub struct Death {
    /// The program.
    pub program: String,
    /// How it ended.
    pub ending: Ending,
    /// How long it had run.
    pub after: Duration,
    /// The end of its log, indented.
    pub last_lines: String,
}

/// The programs and their processes. Dropping it kills those that still run.
#[derive(Debug)]
pub struct Stage {
    options: StageOptions,
    parts: Vec<Arc<Part>>,
    tasks: TaskTracker,
    deaths: mpsc::Sender<Death>,
    stopping: AtomicBool,
}

impl Stage {
    /// A stage on which nothing runs yet, and the channel on which deaths are told.
    ///
    /// # Errors
    /// The folders and logs under `var` cannot be made.
    pub fn new(
        programs: Vec<Program>,
        options: StageOptions,
    ) -> Result<(Self, mpsc::Receiver<Death>), StageError> {
        let logs = options.var.join("log");
        for folder in [&logs, &options.var.join("ready")] {
            fs::create_dir_all(folder)
                .map_err(StageError::io(format!("make the folder {}", folder.display())))?;
        }
        let part = |(index, program): (usize, Program)| {
            let output = Output::open(index, &program.name, &logs, options.screen.clone())
                .map_err(StageError::io(format!("open a log in {}", logs.display())))?;
            Ok(Arc::new(Part::new(program, output)))
        };
        let parts = programs
            .into_iter()
            .enumerate()
            .map(part)
            .collect::<Result<_, _>>()?;
        let (deaths, told) = mpsc::channel(DEATHS);
        let stage = Self {
            options,
            parts,
            tasks: TaskTracker::new(),
            deaths,
            stopping: AtomicBool::new(false),
        };
        Ok((stage, told))
    }

    /// Starts all programs in order, each once the one before is ready.
    ///
    /// # Errors
    /// The first that could not; those before it go on. Ports in use are told before anything is started.
    pub async fn start_all(&self) -> Result<(), StageError> {
        for part in &self.parts {
            part.check_port()?;
        }
        for part in &self.parts {
            self.start_part(part).await?;
        }
        Ok(())
    }

    /// Starts one program (again), on its port and its data, and waits until it is ready.
    ///
    /// # Errors
    /// It runs already, nobody has that name, or it did not become ready.
    pub async fn start(&self, name: &str) -> Result<(), StageError> {
        let part = self.part(name)?;
        self.start_part(part).await
    }

    /// Kills one program as `kill -9` does, and waits until it is gone. It is told as a death.
    ///
    /// # Errors
    /// Nobody has that name.
    pub async fn kill(&self, name: &str) -> Result<(), StageError> {
        self.part(name)?.end(Signal::KILL).await;
        Ok(())
    }

    /// Sets a variable of a program's environment from its next start on, or takes it away.
    ///
    /// # Errors
    /// Nobody has that name.
    pub fn set_env(&self, name: &str, key: &str, value: Option<&str>) -> Result<(), StageError> {
        let mut env = self.part(name)?.env();
        env.retain(|(known, _)| known != key);
        env.extend(value.map(|value| (key.to_owned(), value.to_owned())));
        Ok(())
    }

    /// Waits until a program has ended, and says how; at once if it is not running.
    ///
    /// # Errors
    /// Nobody has that name.
    pub async fn ended(&self, name: &str) -> Result<Option<Ending>, StageError> {
        let part = self.part(name)?;
        let mut life = part.life.subscribe();
        let ended = life.wait_for(|life| match life.state {
            State::Starting | State::Ready => false,
            State::Waiting | State::Dead | State::Stopped => part.running().is_none(),
        });
        // The sender lives in `part`.
        Ok(ended.await.ok().and_then(|life| life.ending))
    }

    /// Ends one program with SIGTERM, and kills it if it takes too long.
    ///
    /// # Errors
    /// Nobody has that name.
    pub async fn stop(&self, name: &str) -> Result<(), StageError> {
        self.stop_part(self.part(name)?).await;
        Ok(())
    }

    /// Ends all programs, the last one first, each before the next.
    pub async fn stop_all(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        for part in self.parts.iter().rev() {
            self.stop_part(part).await;
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Kills all that still runs, without waiting.
    pub fn kill_all(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        for part in &self.parts {
            if let Some((group, _)) = &*part.running() {
                kill_group(*group);
            }
        }
    }

    /// How each program is, in order.
    pub fn reports(&self) -> Vec<Report> {
        self.parts.iter().map(|part| part.report()).collect()
    }

    /// Where a program is reached, `http://127.0.0.1:5001`.
    ///
    /// # Errors
    /// Nobody has that name.
    pub fn url(&self, name: &str) -> Result<String, StageError> {
        Ok(self.part(name)?.program.url())
    }

    /// The last lines of a program, for a message.
    ///
    /// # Errors
    /// Nobody has that name.
    pub fn last_lines(&self, name: &str) -> Result<String, StageError> {
        Ok(self.part(name)?.output.last_lines())
    }

    fn part(&self, name: &str) -> Result<&Arc<Part>, StageError> {
        self.parts
            .iter()
            .find(|part| part.program.name == name)
            .ok_or_else(|| StageError::Unknown {
                name: name.to_owned(),
                known: self
                    .parts
                    .iter()
                    .map(|part| part.program.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    async fn start_part(&self, part: &Arc<Part>) -> Result<(), StageError> {
        let _starting = part.starting.lock().await;
        if self.stopping.load(Ordering::Relaxed) {
            return Err(StageError::Stopping);
        }
        let running = part.running().as_ref().map(|(group, _)| *group);
        if let Some(group) = running {
            return Err(StageError::AlreadyRuns {
                program: part.program.name.clone(),
                pid: number(group),
            });
        }
        part.check_port()?;
        let ready_file = self.ready_file(part);
        // One from the start before would be believed.
        fs::remove_file(&ready_file).ok();
        let process = Process::spawn(
            &part.program,
            &arguments(&part.program, &ready_file),
            &part.env(),
            &self.options.launcher,
        )?;
        self.watch(part, process);
        self.await_ready(part, &ready_file).await
    }

    fn watch(&self, part: &Arc<Part>, process: Process) {
        let (orders, mut received) = mpsc::channel(ORDERS);
        *part.running() = Some((process.group(), orders));
        let started = Instant::now();
        part.life.send_modify(|life| {
            *life = Life {
                state: State::Starting,
                since: started,
                ending: None,
                starts: life.starts + 1,
            };
        });
        let (part, deaths) = (Arc::clone(part), self.deaths.clone());
        self.tasks.spawn(async move {
            let ending = process.watch(&mut received, &part.output).await;
            *part.running() = None;
            let asked = part.life.borrow().state == State::Stopped;
            part.change(if asked { State::Stopped } else { State::Dead }, Some(ending));
            if !asked {
                // A reader that does not come has its reasons; the state tells of it too.
                let death = Death {
                    program: part.program.name.clone(),
                    ending,
                    after: started.elapsed(),
                    last_lines: part.output.last_lines(),
                };
                deaths.try_send(death).ok();
            }
        });
    }

    async fn await_ready(&self, part: &Arc<Part>, ready_file: &Path) -> Result<(), StageError> {
        let within = self.options.ready_within;
        let mut reason = "it does not answer".to_owned();
        let mut life = part.life.subscribe();
        let outcome = tokio::select! {
            ended = life.wait_for(|life| life.ending.is_some()) => Some(ended.ok().and_then(|life| life.ending)),
            () = ready::wait(&part.program, ready_file, &mut reason) => None,
            () = tokio::time::sleep(within) => {
                return Err(StageError::NotReady {
                    program: part.program.name.clone(),
                    within,
                    reason,
                    last_lines: part.output.last_lines(),
                });
            }
        };
        match outcome {
            None => {
                part.life.send_if_modified(|life| {
                    let starting = life.state == State::Starting;
                    if starting {
                        life.state = State::Ready;
                        life.since = Instant::now();
                    }
                    starting
                });
                Ok(())
            }
            Some(_) if self.stopping.load(Ordering::Relaxed) => Err(StageError::Stopping),
            Some(ending) => Err(StageError::DiedEarly {
                program: part.program.name.clone(),
                ending: ending.unwrap_or(Ending::Code(0)),
                last_lines: part.output.last_lines(),
            }),
        }
    }

    async fn stop_part(&self, part: &Part) {
        if part.running().is_none() {
            return;
        }
        part.change(State::Stopped, None);
        let grace = self.options.stop_within;
        if tokio::time::timeout(grace, part.end(Signal::TERM)).await.is_err() {
            part.output.line(&format!(
                "stage: did not end within {}: killed",
                humantime::format_duration(grace)
            ));
            part.end(Signal::KILL).await;
        }
    }

    fn ready_file(&self, part: &Part) -> PathBuf {
        self.options
            .var
            .join("ready")
            .join(format!("{}.json", part.program.name))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.kill_all();
    }
}

fn arguments(program: &Program, ready_file: &Path) -> Vec<OsString> {
    let mut arguments = program.args.clone();
    match program.readiness {
        Readiness::Nats => {}
        Readiness::Service => {
            arguments.extend(["--listen".into(), program.listen.to_string().into()]);
            arguments.extend(["--ready-file".into(), ready_file.into()]);
        }
    }
    arguments
}
