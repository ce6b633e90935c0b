//! Keys, pasted text, clicks, and that the terminal is gone.
//!
//! They are read by a thread of their own: once the terminal is gone crossterm never returns from looking for keys,
//! and spins. There it holds up nobody, and ends with the process, which [`Screen::probe`](super::Screen::probe) or
//! a signal sees to.

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseEvent};
use std::io;
use tokio::sync::mpsc;

/// Keys that wait to be understood: more are not typed while a frame is drawn.
const WAITING: usize = 256;

/// What came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key went down, or repeats.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(String),
    /// A click or the wheel.
    Mouse(MouseEvent),
    /// Something on the screen must be drawn anew: it was resized, or it got the focus.
    Redraw,
    /// There is nobody any more.
    Closed,
}

/// The input of the terminal, in order.
#[derive(Debug)]
pub struct Inputs(mpsc::Receiver<Input>);

impl Inputs {
    /// Reads from now on.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn open() -> io::Result<Self> {
        let (inputs, received) = mpsc::channel(WAITING);
        std::thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || read(&inputs))?;
        Ok(Self(received))
    }

    /// Waits for the next.
    pub async fn next(&mut self) -> Input {
        self.0.recv().await.unwrap_or(Input::Closed)
    }

    /// What is there already: a held key comes faster than frames are drawn.
    pub fn ready(&mut self) -> Option<Input> {
        self.0.try_recv().ok()
    }
}

fn read(inputs: &mpsc::Sender<Input>) {
    while let Ok(event) = crossterm::event::read() {
        let is_heard = understood(event).is_none_or(|input| inputs.blocking_send(input).is_ok());
        if !is_heard {
            return;
        }
    }
}

fn understood(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) => (key.kind != KeyEventKind::Release).then_some(Input::Key(key)),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Mouse(mouse) => Some(Input::Mouse(mouse)),
        Event::Resize(..) | Event::FocusGained => Some(Input::Redraw),
        Event::FocusLost => None,
    }
}
