//! The loop.

use super::log::Log;
use super::pace::Pace;
use crate::app::{App, Tone};
use crate::link::{Commands, Linked, Tempo};
use crate::model::{Dirty, Update};
use crate::term::{Input, Inputs, Screen, Signal, Signals};
use crate::ui;
use std::io;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

/// More keys at once are not typed; what they do is drawn before the next.
const KEYS: usize = 256;
/// So many updates, or for so long, until somebody looks for keys again.
const BATCH: usize = 1024;
const BATCH_TIME: Duration = Duration::from_millis(4);
/// What is looked at even if nothing happens: whether the terminal is still there, what time it is.
const TICK: Duration = Duration::from_secs(1);

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Somebody wanted to leave, or the system wanted it.
    Left,
    /// A task of the console failed.
    Failed,
}

/// Everything that the loop owns.
pub(super) struct Shift {
    pub(super) app: App,
    pub(super) screen: Screen,
    pub(super) commands: Option<Commands>,
    signals: Signals,
    inputs: Inputs,
    clock: Option<Tempo>,
    log: Log,
    pace: Pace,
}

impl Shift {
    pub(super) fn new(
        app: App,
        screen: Screen,
        (signals, inputs): (Signals, Inputs),
        log: Log,
        remote: bool,
    ) -> Self {
        Self {
            app,
            screen,
            commands: None,
            signals,
            inputs,
            clock: None,
            log,
            pace: Pace::new(remote),
        }
    }

    /// Runs until somebody leaves.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(super) async fn run(&mut self, linked: Linked, stop: CancellationToken) -> io::Result<End> {
        let Linked {
            mut updates,
            commands,
            clock,
        } = linked;
        self.commands = Some(commands);
        self.clock = Some(clock);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let due = self.pace.due(Instant::now());
            tokio::select! {
                biased;
                signal = self.signals.next() => if let Some(end) = self.on_signal(signal)? { return Ok(end) },
                input = self.inputs.next() => if let Some(end) = self.on_input(input)? { return Ok(end) },
                () = stop.cancelled() => return Ok(End::Failed),
                Some(update) = updates.recv() => self.on_updates(update, &mut updates)?,
                () = sleep_until(due.unwrap_or_else(Instant::now).into()), if due.is_some() => self.draw()?,
                _ = tick.tick() => self.on_tick()?,
            }
        }
    }

    /// Draws what there is now.
    pub(super) fn draw(&mut self) -> io::Result<()> {
        self.app.size = self.screen.size()?;
        self.app.settle(self.now());
        self.ask();
        self.screen.draw(|frame| ui::draw(frame, &self.app))?;
        self.pace.drawn(Instant::now());
        if self.app.is_behind() {
            self.pace.stale();
        }
        Ok(())
    }

    fn now(&self) -> jiff::Timestamp {
        self.clock.map_or(self.app.now, |clock| clock.now())
    }

    fn on_signal(&mut self, signal: Signal) -> io::Result<Option<End>> {
        match signal {
            Signal::Hangup | Signal::Terminate => return Ok(Some(End::Left)),
            Signal::Stop => self.stop()?,
            Signal::Continued => self.screen.enter()?,
        }
        self.pace.hurry();
        Ok(None)
    }

    /// Everything that is typed already, then one frame.
    fn on_input(&mut self, first: Input) -> io::Result<Option<End>> {
        self.app.now = self.now();
        let mut next = Some(first);
        for _ in 0..KEYS {
            let Some(input) = next else { break };
            let effects = match input {
                Input::Closed => return Ok(Some(End::Left)),
                Input::Redraw => vec![],
                Input::Key(key) => self.app.press(key),
                Input::Mouse(mouse) => self.app.point(mouse),
                Input::Paste(text) => {
                    self.app.paste(&text);
                    vec![]
                }
            };
            if let Some(end) = self.perform(effects)? {
                return Ok(Some(end));
            }
            next = self.inputs.ready();
        }
        self.pace.hurry();
        self.draw()?;
        Ok(None)
    }

    /// As much as is there, but not for so long that a key would notice.
    fn on_updates(&mut self, first: Update, updates: &mut mpsc::Receiver<Update>) -> io::Result<()> {
        let (start, now) = (Instant::now(), self.now());
        let mut dirty = self.app.hear(now, first);
        for _ in 1..BATCH {
            let Ok(update) = updates.try_recv() else { break };
            dirty.merge(self.app.hear(now, update));
            if start.elapsed() > BATCH_TIME {
                break;
            }
        }
        if App::rings(&dirty) {
            self.screen.say("\x07")?;
        }
        if !dirty.is_clean() && self.app.frozen_at().is_none() {
            self.pace.stale();
        }
        self.ask_for(dirty);
        Ok(())
    }

    /// Asks what the open view wants to know.
    fn ask(&mut self) {
        let Some(commands) = &self.commands else { return };
        for question in self.app.questions() {
            if commands.ask(question.clone()).is_err() {
                self.app.unasked(&question);
            }
        }
    }

    fn ask_for(&self, dirty: Dirty) {
        let Some(commands) = &self.commands else { return };
        for obs_id in dirty.wants {
            commands.want(obs_id);
        }
    }

    fn on_tick(&mut self) -> io::Result<()> {
        self.screen.probe()?;
        let mut is_changed = self.app.settle(self.now());
        if let Some(why) = self.log.trouble() {
            let text = format!("the log cannot be written: {why}");
            self.app.say(Tone::Bad, text.clone());
            let _ = self.app.hear(self.now(), Update::Trouble(text));
            is_changed = true;
        }
        if is_changed || self.app.ticks() {
            self.pace.stale();
        }
        Ok(())
    }
}
