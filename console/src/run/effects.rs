//! What an action asks of the world, done.

use super::shift::{End, Shift};
use crate::app::{Effect, Tone};
use crate::link::Act;
use crate::term::{MAX_COPIED, copied, has_a_shell, stop_until_continued};
use std::io;

impl Shift {
    /// Does what can be done at once; what needs an answer is only handed over.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(super) fn perform(&mut self, effects: Vec<Effect>) -> io::Result<Option<End>> {
        for effect in effects {
            match effect {
                Effect::Quit => return Ok(Some(End::Left)),
                Effect::Stop => self.stop()?,
                Effect::Repaint => self.screen.forget()?,
                Effect::Mouse(mouse) => self.screen.take_mouse(mouse)?,
                Effect::Copy(text) => self.copy(&text)?,
                Effect::Send(act) => self.send(*act),
            }
        }
        Ok(None)
    }

    /// Gives the terminal to the shell until it continues us.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(super) fn stop(&mut self) -> io::Result<()> {
        if !has_a_shell() {
            self.app.say(Tone::Bad, "no shell waits that could continue this");
            return Ok(());
        }
        self.screen.leave();
        stop_until_continued()?;
        self.screen.enter()
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        match copied(text) {
            Some(sequence) => {
                self.screen.say(&sequence)?;
                let said = match text.lines().count() {
                    0 | 1 => format!("copied {text}"),
                    lines => format!("copied {lines} lines"),
                };
                self.app.say(Tone::Note, said);
            }
            None => self
                .app
                .say(Tone::Bad, format!("a terminal copies {MAX_COPIED} bytes at most")),
        }
        Ok(())
    }

    fn send(&mut self, act: Act) {
        let sent = self.commands.as_ref().map(|commands| commands.send(act.clone()));
        match sent {
            Some(Ok(id)) => self.app.sent(id, act),
            Some(Err(why_not)) => self.app.say(Tone::Bad, why_not.to_string()),
            None => self
                .app
                .say(Tone::Bad, "nothing was sent: the console only begins"),
        }
    }
}
